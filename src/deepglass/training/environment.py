"""Environment: what the arithmetic of a training depends on besides its spec, and the user's own code behind it."""

import inspect
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

import deepglass
from deepglass.training.spec import Spec
from deepglass.training.training import Training


def environment(training: Training) -> dict[str, Any]:
    """What the arithmetic depends on besides the spec."""
    return {
        "deepglass": deepglass.__version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "system": f"{platform.system()} {platform.machine()}",
        "device": str(training.device),
        "threads": training.threads,
        "precision": training.execution.precision,
        "kernels": training.execution.kernels,
    }


def differences_from(then: Mapping[str, Any], training: Training) -> list[str]:
    """Say what is no longer as it was: where anything is, equal bits cannot be promised."""
    now = environment(training)
    return [f"{k} was {then[k]} and is {v}" for k, v in now.items() if k in then and then[k] != v]


def own_sources(spec: Spec, network: nn.Module) -> dict[str, str]:
    """The user's own code behind the network, as text for people to read."""
    path = Path(str(spec.network.get("name", "")).rpartition(":")[0])
    if path.suffix == ".py" and path.is_file():
        return {path.name: path.read_text(encoding="utf-8")}
    if "module" in spec.network:
        try:
            return {f"{type(network).__name__}.py": inspect.getsource(type(network))}
        except (OSError, TypeError):
            return {}
    return {}
