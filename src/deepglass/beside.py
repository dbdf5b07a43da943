"""Beside: what simple models reach on some examples, and these models, kept in the run's folder once they are fitted.

    baselines.safetensors   their arrays
    baselines.json          what they are, what they were fitted on as a fingerprint, and the seal of this user's Deepglass

To fit them again takes scikit-learn, whose import alone takes longer than all else that `evaluate` does.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data import Batch, Dataset
from deepglass.errors import DeepglassError
from deepglass.report.fingerprint import of_values
from deepglass.report.seal import is_sealed, sealed
from deepglass.runs import ENDED, RunFolder
from deepglass.runs.files import read_bytes, read_record, write_bytes, write_record
from deepglass.runs.weights import weights_from_bytes, weights_to_bytes
from deepglass.tasks import Collected, Supervised
from deepglass.tasks.baselines import Fit, all_judged, answered, fitted
from deepglass.tasks.plain_models import PlainModel
from deepglass.tasks.rows import rows_of
from deepglass.tasks.series import SeriesTask
from deepglass.tasks.text_baselines import text_baselines

Models = Mapping[str, PlainModel]
ARRAYS, ABOUT = "baselines.safetensors", "baselines.json"


def reached_beside(
    task: Supervised, data: Dataset, ids: Tensor, said: Collected | None, seed: int, folder: RunFolder | None = None
) -> dict[str, dict[str, Any]]:
    """What simple models reach on the examples `ids`, learned from the training split.

    Args:
        said: what the network says of them, which each model is then compared with.
        folder: the run in which the models are kept; None for no run.
    """
    if folder is not None and folder.facts.get("data_is_object"):
        folder = None  # of whose examples no more than their number may be known
    texts = [n for n in task.inputs if data.fields[n].kind == "text"]
    if isinstance(task, SeriesTask):
        return task.beside(data, ids, seed, said)
    own, kind = None if said is None else task.answers(said), task.field.kind
    train, other = data.members("train"), data.read(ids)
    beside = {}
    inputs: Sequence[str] = task.inputs
    if texts and kind != "labels":
        learned = data.read(train)
        words = [{n: b[n].cpu().numpy() for n in texts} for b in (learned, other)]
        beside = text_baselines(kind, words[0], _truth(task, learned), words[1], _truth(task, other), own=own)
        inputs = [n for n in inputs if n not in texts]
        if not inputs:
            return beside
    key = _key(folder, task, data, inputs, seed) if folder is not None else ""
    models = _kept(folder, key) if folder is not None else None
    x = _rows(data, inputs, other)
    if models is not None:
        fits = answered(models, x)
    else:
        columns = all(data.fields[n].kind in ("table", "number", "category") for n in task.inputs)
        batch = data.read(train)
        fits = fitted(kind, _rows(data, inputs, batch), _truth(task, batch), x, seed=seed, boosted=columns)
        if folder is not None and folder.status in ENDED:
            _keep(folder, key, fits)
    return all_judged(kind, fits, len(train), _truth(task, other), own) | beside


def _truth(task: Supervised, batch: Batch) -> np.ndarray:
    return task.truth(Collected({}, task.target_of(batch).cpu(), torch.empty(0), batch.ids))


def _rows(data: Dataset, inputs: Sequence[str], batch: Batch) -> np.ndarray:
    return torch.cat([rows_of(batch[n], data.fields[n]) for n in inputs], dim=1).cpu().numpy()


def _key(folder: RunFolder, task: Supervised, data: Dataset, inputs: Sequence[str], seed: int) -> str:
    """What models depend on, as a short text: the raw data, who learns from it and how it is encoded, and all code."""
    try:
        library = version("scikit-learn")
    except PackageNotFoundError:  # as where it came with a distribution of another name
        library = ""
    known = (data.fingerprint, data.members("train"), folder.read_fields(), list(inputs), task.field.name)
    return of_values("baselines", *known, seed, library, np.__version__)


def _kept(folder: RunFolder, key: str) -> Models | None:
    """The models that are kept for a key; None where there are none, or these are not ours or damaged."""
    if not (folder.path / ABOUT).exists():
        return None
    try:
        about, content = read_record(folder.path / ABOUT), read_bytes(folder.path / ARRAYS)
        if about.get("key") != key or not is_sealed(key, _sealed_text(about["models"], content), str(about["seal"])):
            return None
        arrays = {n: t.numpy() for n, t in weights_from_bytes(content, folder.path / ARRAYS).items()}
    except (DeepglassError, KeyError, TypeError):
        return None
    of = {
        name: {n.partition("/")[2]: a for n, a in arrays.items() if n.startswith(f"{name}/")}
        for name in about["models"]
    }
    return {name: PlainModel(arrays=of[name], **facts) for name, facts in about["models"].items()}


def _keep(folder: RunFolder, key: str, fits: Mapping[str, Fit]) -> None:
    """Keep the models, where all of them can be; a folder that cannot be written does no harm."""
    models = {name: fit.model for name, fit in fits.items() if fit.model is not None}
    if len(models) < len(fits):
        return
    arrays = {f"{name}/{n}": torch.as_tensor(a) for name, one in models.items() for n, a in one.arrays.items()}
    about = {name: {"kind": m.kind, "examples": m.examples, "note": m.note} for name, m in models.items()}
    content = weights_to_bytes(arrays)
    seal = sealed(key, _sealed_text(about, content))
    if seal is not None:
        with suppress(DeepglassError):
            write_bytes(folder.path / ARRAYS, content)
            write_record(folder.path / ABOUT, {"key": key, "seal": seal, "models": about})


def _sealed_text(models: Mapping[str, Any], content: bytes) -> str:
    return json.dumps(models, sort_keys=True) + hashlib.sha256(content).hexdigest()
