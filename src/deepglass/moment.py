"""Moment: a network as it was after one saved epoch of a run."""

import copy
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from torch import nn

from deepglass.data import Dataset
from deepglass.errors import SettingError
from deepglass.look import Look, look
from deepglass.measured import measured, predictions, said_of
from deepglass.runs import RunFolder
from deepglass.tasks import Supervised, Task, task_for
from deepglass.training.branch import read_branch, weights_after
from deepglass.training.records import Epoch
from deepglass.training.spec import Spec

OPEN = (
    "validation",
    "train",
)  # the splits that may be measured: who picks an epoch by the test split has trained on it


class Moment:
    """What a run was after one epoch: `.network`, `.evaluate_on("validation")`, `.predict`, `.look`; the run is left as it is.

    Made by `run.at(12)`.
    """

    def __init__(
        self,
        folder: RunFolder,
        epoch: int | str,
        spec: Spec,
        build: Callable[[], nn.Module],
        data: Callable[[], Dataset],
        own_task: Task | None = None,
    ) -> None:
        branch = read_branch(folder, epoch)
        self.path, self.epoch, self.spec = folder.path, branch.epoch, spec
        self._weights, self._build, self._data, self._own_task = weights_after(branch), build, data, own_task
        self._record = next((record for record in branch.history if record.number == branch.epoch), None)

    def __repr__(self) -> str:
        shown = {} if self._record is None else self._record.validation or self._record.train
        return f"{self.name}: " + ", ".join(f"{n} {v:.4g}" for n, v in shown.items())

    @property
    def name(self) -> str:
        return f"{Path(self.path).resolve().name}@{self.epoch}"

    @property
    def record(self) -> Epoch | None:
        """The record of the epoch, as in `run.history`."""
        return self._record

    @cached_property
    def network(self) -> nn.Module:
        """A plain nn.Module of its own, in evaluation mode, with the weights after this epoch."""
        network = copy.deepcopy(self._build())  # what the user passed in stays as it is
        network.load_state_dict(self._weights)
        return network.eval()

    @cached_property
    def data(self) -> Dataset:
        """The data of the run, with its own splits."""
        return self._data()

    @cached_property
    def task(self) -> Task:
        """What was learned; a temperature or threshold that the run got later is none of this network's."""
        task = task_for(self.data, self.spec.task) if self._own_task is None else copy.copy(self._own_task)
        task.prepare(self.data, self.network)
        return task

    def evaluate_on(self, split: str = "validation") -> dict[str, Any]:
        """Measure a split and return all scores by name. Args: split: "validation" or "train".

        Raises: SettingError, for the test split, or one without examples.
        """
        if split not in OPEN:
            why = " An epoch chosen by it would make its figure too kind; run.evaluate() opens it." * (split == "test")
            raise SettingError(f"A saved epoch is measured on validation or train, not on {split}.{why}")
        ids = self.data.members(split)
        if not len(ids):
            raise SettingError(
                f"The {split} split of {self.path} is empty. Measure the other one of validation and train."
            )
        if isinstance(self.task, Supervised):
            said = said_of(self.network, self.task, self.data, ids)
            return {**self.task.evaluation(said), **self.task.score(said)}
        return dict(measured(self.network, self.task, self.data, ids))

    def predict(self, inputs: Any, *, skip_unreadable: bool = False) -> Any:
        """Predict new examples, decoded, a row each, as `run.predict` does."""
        return predictions(self.network, self.task, self.data.fields, inputs, skip_unreadable=skip_unreadable)

    def look(self, example: Any = None, split: str = "validation", **asked: Any) -> Look:
        """Look inside at one example, as `run.look` does."""
        return look(self.network, self.task, self.data, example, split=split, name=self.name, **asked)
