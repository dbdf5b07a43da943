"""Contestant: one of them in a process of its own, whose last line says what it measured.

python contestant.py MODULE:FUNCTION SIZE
"""

import importlib
import json
import sys
from typing import Any

from clock import Clock, Size, peak_memory


def main() -> None:
    module, function = sys.argv[1].split(":")
    clock = Clock()
    try:
        contestant = getattr(importlib.import_module(f"peers.{module}"), function)
        finish_imports()
        contestant(Size(**json.loads(sys.argv[2])), clock)
    except ImportError as error:
        told: dict[str, Any] = {"left_out": str(error)}
    else:
        told = {**clock.facts, "epochs": clock.epochs, "peak_mib": peak_memory()}
    print("\n" + json.dumps(told))


def finish_imports() -> None:
    """Take a step with torch, which imports a second's worth of itself then: imports are no part of anybody's training."""
    torch = sys.modules.get("torch")
    if torch is not None:
        number = torch.zeros(1, requires_grad=True)
        number.sum().backward()
        torch.optim.Adam([number]).step()


if __name__ == "__main__":
    main()
