"""Estimator: what the classifier and the regressor share: one training by all of Deepglass, and what comes out of it."""

import copy
import threading
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from deepglass.data import Dataset, Field
from deepglass.data.inputs import encode_inputs
from deepglass.errors import DeepglassWarning, InputError, SettingError
from deepglass.estimators.given import as_value_errors, examples, is_frame
from deepglass.estimators.onward import Onward
from deepglass.estimators.plan import is_own, sections_of, seed_of
from deepglass.estimators.source import Examples, dataset_of
from deepglass.job import train
from deepglass.networks import SUITS, build, call
from deepglass.report.progress import progress_for
from deepglass.run import Run
from deepglass.settings import checked
from deepglass.tasks import Supervised, Task, TaskSettings, task_for
from deepglass.threads import in_worker, use_threads
from deepglass.training.alarms import alarms
from deepglass.training.measuring import evaluating, examples_at_once
from deepglass.training.recipe import Recipe, suited
from deepglass.training.records import Epoch
from deepglass.training.reopen import built
from deepglass.training.spec import Spec, section_of
from deepglass.training.training import Training
from deepglass.training.usual import default_section

# Fewer rows are multiplied by other kernels, whose sums round otherwise: an example alone would get other last digits.
FEWEST = 4
# Weights and dropout come from torch's default generator, of which a process has one: trainings in threads take turns.
TURN = threading.RLock()
# What `partial_fit` does: nobody knows how many chunks will come.
ONE_PASS = {"recipe.epochs": 1, "recipe.schedule": "constant"}


class NetworkEstimator(BaseEstimator):
    """A network with the manners of scikit-learn: parameters are stored as they are given, and checked by `fit`."""

    network_: nn.Module
    task_: Supervised
    spec_: Spec
    fields_: dict[str, Field]
    history_: list[Epoch]
    loss_curve_: list[float]
    n_iter_: int
    _network_asked: dict[str, Any]  # the network section that the parameters came to
    _columns: list[str] | None  # of a table
    _onward: Onward
    _run_folder: str | None

    def _check(self, X: Any, y: np.ndarray, *, going_on: bool) -> Any:
        """Return checked inputs, one for each entry of `y`."""
        if going_on:
            X = self._new(X)
        else:
            self._columns = [str(c) for c in X.columns] if is_frame(X) else None
            X = examples(self, X, reset=True, as_table=is_frame(X))
        if len(X) != len(y):
            raise InputError(f"X has {len(X)} examples and y has {len(y)}. Give one entry of y for each example.")
        return X

    def _new(self, X: Any) -> Any:
        """Return inputs checked against those that were learned: a table again, if it was one."""
        import pandas

        X = examples(self, X, reset=False, as_table=self._columns is not None)
        if self._columns is None or is_frame(X):
            return X
        return pandas.DataFrame(X, columns=self._columns).infer_objects()

    def _goes_on(self) -> bool:
        return bool(self.warm_start) and hasattr(self, "network_")

    def _learn(self, given: Examples, *, going_on: bool, changes: Mapping[str, Any] | None = None) -> Self:
        """Train.

        Args:
            going_on: train the fitted network further, with its encodings.
            changes: settings that overrule the parameters.
        """
        if going_on and self.out is not None:
            raise SettingError("out= keeps one whole training, and this goes on with one. Use out=None.")
        seed = self.spec_.recipe.seed if going_on else seed_of(self.random_state)
        sections = sections_of(self.get_params(deep=False), seed, changes or {})
        if going_on and sections["network"] != self._network_asked:
            raise SettingError(
                f"This goes on with the network that is fitted, and its settings have changed since, from "
                f"{self._network_asked or 'none'} to {sections['network'] or 'none'}. Fit anew with warm_start=False."
            )
        if going_on:
            given = replace(given, name=next(n for n, field in self.fields_.items() if field.role == "target"))
        with as_value_errors():
            data = dataset_of(given.that_count(), sections["data"], self.fields_ if going_on else None)
        with TURN:
            if going_on:
                spec, network = self._spec(sections, data), self.network_
            else:
                spec, network = self._begin(sections, data)
            if self.out is None:
                self._train(spec, network, data, going_on=going_on)
            else:
                self._train_and_keep(spec, network, data)
        self.fields_ = dict(data.fields)
        self._network_asked = sections["network"]
        return self

    def _spec(self, sections: Mapping[str, Any], data: Dataset) -> Spec:
        """Check the sections of a spec, and add what suits the network."""
        network = dict(sections["network"])
        if not is_own(self.network) and not {"name", "layers"} & network.keys():
            network = {**default_section(data), **network}
        suits = SUITS.get(str(network.get("name")), {})
        task = checked(TaskSettings, {**section_of(suits, "task"), **sections["task"]}, "task")
        recipe = checked(Recipe, suited(section_of(suits, "recipe"), sections["recipe"]), "recipe")
        return Spec(data.settings, network, task, recipe)

    def _begin(self, sections: Mapping[str, Any], data: Dataset) -> tuple[Spec, nn.Module]:
        spec = self._spec(sections, data)
        if not is_own(self.network):
            return spec, built(spec, data)
        # A copy of a module, because parameters of an estimator stay as they are.
        made = copy.deepcopy(self.network) if isinstance(self.network, nn.Module) else self.network
        return spec, build(made, data, seed=spec.recipe.seed, **spec.network)

    def _train(self, spec: Spec, network: nn.Module, data: Dataset, *, going_on: bool) -> None:
        """Train without a run folder."""
        recipe = spec.recipe
        if going_on:
            recipe = recipe.model_copy(update={"epochs": recipe.epochs + len(self.history_)})
        training = Training(network, data, recipe, task=task_for(data, spec.task))
        if going_on:
            self._onward.hand_to(training, self.history_)
        _warn_of(alarms(network, data, training.task, recipe))
        with progress_for("auto" if self.verbose else "none") as shown:
            shown.start(recipe.epochs, training.steps_an_epoch, type(self).__name__)
            for epoch in training:
                shown.epoch(epoch, epoch.number == training.stopping.best_epoch)
        self._keep(spec, network, training.task, training.history)
        self._onward, self._run_folder = Onward.of(training), None

    def _train_and_keep(self, spec: Spec, network: nn.Module, data: Dataset) -> None:
        """Train as `deepglass.train` does, with a run folder."""
        progress = "auto" if self.verbose else "none"
        task = spec.task.model_dump()
        run: Run = train(network, data, recipe=spec.recipe, task=task, out=self.out, progress=progress)
        _warn_of(run.alarms)
        self._keep(spec, network, run.task, run.history)
        self._onward, self._run_folder = Onward(run.facts["steps"]), str(Path(self.out).resolve())

    def _keep(self, spec: Spec, network: nn.Module, task: Task, history: list[Epoch]) -> None:
        assert isinstance(task, Supervised)  # `plan.GIVEN` leaves no other choice
        self.spec_, self.network_, self.task_, self.history_ = spec, network.eval(), task, history
        self.n_iter_ = len(history)
        self.loss_curve_ = [epoch.running["loss"] for epoch in history]

    @property
    def run_(self) -> Run | None:
        """The Run that was kept, when `out` is given; otherwise None."""
        check_is_fitted(self)
        return None if self._run_folder is None else Run(self._run_folder, network=copy.deepcopy(self.network_))

    def _outputs(self, X: Any) -> Tensor:
        """What the network's last layer gives: (examples, outputs)."""
        check_is_fitted(self)
        X = self._new(X)
        with as_value_errors():
            encoded = encode_inputs(X, self.fields_)
        if in_worker():
            use_threads(1)
        device = next((p.device for p in self.network_.parameters()), torch.device("cpu"))
        parts = []
        with evaluating(self.network_):
            size = examples_at_once(self.task_, [v.shape[1:] for v in encoded.values()])
            for ids in torch.arange(len(X)).split(size):
                rows = torch.cat([ids, ids[-1:].repeat(max(0, FEWEST - len(ids)))])
                output = call(self.network_, {n: v[rows].to(device) for n, v in encoded.items()})
                parts.append(output[: len(ids)])
        return torch.cat(parts).reshape(len(X), -1).cpu()

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def __getstate__(self) -> dict[str, Any]:
        """A fitted estimator is stored for any machine: its tensors on the processor."""
        state = dict(super().__getstate__())
        if "network_" in state:
            state["network_"] = copy.deepcopy(self.network_).cpu()
            state["_onward"] = self._onward.on_processor()
        return state


def _warn_of(found: list[str]) -> None:
    for sentence in found:
        warnings.warn(sentence, DeepglassWarning, stacklevel=5)
