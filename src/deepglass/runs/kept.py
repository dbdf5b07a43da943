"""Kept: the states after single epochs of a run, from which another training can go on.

    epochs/epoch-000012/    the same three files as a checkpoint

A run that was asked to keep every N epochs has those after N, 2 N, 3 N and so on. When these become more than 20, N doubles
and those between go, so that a long training keeps between 10 and 20 of them. The checkpoints at the end of an epoch can be
gone on from as well.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepglass.errors import RunError
from deepglass.runs.checkpoints import checkpoint_folders, read_values, remove_state, write_state

if TYPE_CHECKING:
    from torch import Tensor

PLACE = "epochs"
MOST = 20
NAME = re.compile(r"epoch-(\d{6,})")


def keep_epoch(
    folder: Path, epoch: int, every: int, step: int, tensors: Mapping[str, "Tensor"], values: Mapping[str, Any]
) -> None:
    """Keep the state after an epoch, and let those go that the rule above no longer wants.

    Raises: TrainingError, when the disk is full or read-only.
    """
    with suppress(KeyError):  # of a course that the training has left
        remove_state(_folders(folder)[epoch])
    write_state(folder, PLACE, lambda parent: parent / f"epoch-{epoch:06d}", step, tensors, values)
    for number, path in _folders(folder).items():
        if number > epoch or number % distance(every, epoch):
            remove_state(path)


def is_due(epoch: int, every: int) -> bool:
    """Say whether the state after an epoch is one to be kept."""
    return epoch % distance(every, epoch) == 0


def distance(every: int, epoch: int) -> int:
    """How many epochs lie between those that are kept, once `epoch` epochs are over.

    >>> distance(1, 20), distance(1, 21), distance(5, 1000)
    (1, 2, 80)
    """
    while epoch // every > MOST:
        every *= 2
    return every


def kept_epochs(folder: Path) -> dict[int, Path]:
    """Return the epochs after which the whole state of a run is there, in order, each with its folder."""
    found = _folders(folder)
    for path in checkpoint_folders(folder):
        with suppress(RunError, KeyError):  # one that is damaged cannot be gone on from
            values = read_values(path)
            if values["position"] == 0 and values["epoch"] > 0:
                found.setdefault(int(values["epoch"]), path)
    return dict(sorted(found.items()))


def forget_epochs_after(folder: Path, epoch: int) -> None:
    """Remove the kept states of later epochs: a training that goes on from `epoch` comes to others."""
    for number, path in _folders(folder).items():
        if number > epoch:
            remove_state(path)


def _folders(folder: Path) -> dict[int, Path]:
    try:
        names = {path: NAME.fullmatch(path.name) for path in (folder / PLACE).iterdir()}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    return {int(match[1]): path for path, match in names.items() if match}
