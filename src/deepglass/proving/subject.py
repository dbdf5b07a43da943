"""Subject: the run that a remedy is to be proved on, and the two ways to train that are compared: its arms."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from zlib import crc32

from torch import Tensor, nn

from deepglass.data import Dataset, make
from deepglass.data.stores import TorchStore
from deepglass.errors import RunError, SettingError
from deepglass.names import find
from deepglass.proving.starting import draw_anew, same_shapes, same_weights, start_of
from deepglass.runs import RunFolder, files
from deepglass.runs.naming import slug
from deepglass.tasks import TASKS, Supervised, Task, task_for
from deepglass.tasks.losses import LOSSES
from deepglass.training.given_weights import Weights, began_from
from deepglass.training.optimizers import OPTIMIZERS
from deepglass.training.players import OWN
from deepglass.training.reopen import built, is_own_code
from deepglass.training.spec import Spec
from deepglass.training.training import Training
from deepglass.training.transfer import take_weights

# What may change of the data: how examples are shown. What changes which of them are judged, or what is asked, cannot be proved.
PROVABLE_DATA = ("scaling", "target_scaling", "label_encoding", "augment", "streaming", "workers")


@dataclass(frozen=True)
class Subject:
    """A run, and what of it a folder cannot hold: `network` and `task` of the user's; `trust`: its code may be run."""

    folder: RunFolder
    spec: Spec
    data: Dataset
    network: nn.Module | None = None
    task: Task | None = None
    trust: bool = False

    def check(self) -> None:
        """Raises: RunError, when the run cannot be trained again as it was, or has nothing to be judged on."""
        path, facts = self.folder.path, self.folder.facts
        if not len(self.data.members("validation")):
            raise RunError(f"{path} has no validation split to judge on. Load its data with validation=0.2.")
        if OWN in facts.get("players", {}).values():
            raise RunError(
                f"{path} was trained with an optimizer of yours, which a folder cannot hold. Name one instead."
            )
        loss = facts.get("task", {}).get("loss")
        if self.task is None and loss is not None and loss not in LOSSES:
            raise RunError(
                f"{path} was trained with a loss of yours, {loss}. Pass it again: dg.Run(path, task=...).prove()."
            )
        if "module" in self.spec.network and self.network is None:
            raise RunError(f"{path} trained a network of your own. Pass it again: dg.Run(path, network=...).prove().")
        if is_own_code(self.spec) and not self.trust:
            raise RunError(
                f"The network of {path} is code of its author's. Read it in {path / 'code'}; to run it, add --trust (trust=True)."
            )
        self.weights  # noqa: B018 - raises, when they are gone

    @cached_property
    def weights(self) -> Weights | None:
        """Those that the run started from, where they were not drawn. Raises: RunError, when they are gone or others by now."""
        return began_from(self.folder)

    @cached_property
    def start(self) -> dict[str, Tensor] | None:
        """The weights that every training starts from; None where each seed draws its own.

        A network of the user's that was built here and left as it was can be drawn again; any other is what it was given as.
        """
        kept = start_of(self.folder)
        if kept is None or "module" in self.spec.network or is_own_code(self.spec):
            return kept
        return None if same_weights(built(self.spec, self.data), kept) else kept

    def changed(self, change: Mapping[str, Any]) -> Spec:
        """The spec with a change. Raises: SettingError, for one that cannot be proved."""
        for name in change:
            if name == "recipe.seed":
                raise SettingError("recipe.seed is no remedy: both arms are trained with the same seeds.")
            if name.partition(".")[0] == "network" and "module" in self.spec.network:
                raise SettingError(
                    f"{name} cannot be changed: the network is an object of yours. Prove it by training both."
                )
        whole = {name: value for name, value in change.items() if "." not in name}  # a section as a whole
        plain = Spec.from_dict({**self.spec.to_dict(), **whole}) if whole else self.spec
        changed = plain.with_({name: value for name, value in change.items() if name not in whole})
        other_optimizer = changed.recipe.optimizer != self.spec.recipe.optimizer
        if other_optimizer and "recipe.learning_rate" not in change:  # a rate belongs to its optimizer
            usual = find("optimizer", changed.recipe.optimizer, OPTIMIZERS).learning_rate
            changed = changed.with_({"recipe.learning_rate": usual})
        if changed.recipe.schedule != self.spec.recipe.schedule:  # and what shapes a schedule to that one
            own = [f"recipe.{name}" for name in ("schedule_factor", "schedule_epochs")]
            changed = changed.with_({name: None for name in own if name not in change})
        before, after = self.spec.data, changed.data
        for name in type(after).model_fields:
            if getattr(before, name) != getattr(after, name) and name not in PROVABLE_DATA:
                raise SettingError(
                    f"data.{name} changes which examples are judged or what is asked of them, so scores with it and without it "
                    f"say nothing beside each other. Of the data, {', '.join(PROVABLE_DATA)} can be proved."
                )
        return changed


class Arm:
    """One of the ways to train: the control, or a remedy. Its trainings lie in the folder `name` of the run's proofs.

    Raises: DeepglassError, when it cannot be trained.
    """

    def __init__(self, subject: Subject, change: Mapping[str, Any]) -> None:
        self.subject = subject
        self.spec = subject.changed(change) if change else subject.spec
        self.data = self._data()
        self.task = self._task()
        mark = crc32(repr(sorted(change.items(), key=str)).encode())
        self.title = ", ".join(f"{n}={v}" for n, v in change.items()) or "as it was"
        self.name = f"{slug('-'.join(change))}-{mark:08x}" if change else "control"

    def spec_of(self, seed: int) -> Spec:
        own = {"network.seed": seed} if "seed" in self.spec.network else {}
        return self.spec.with_({"recipe.seed": seed, **own})

    @cached_property
    def start(self) -> dict[str, Tensor] | None:
        """The weights that its trainings start from; None where each seed draws its own."""
        start, before = self.subject.start, self.subject.spec.network
        if start is None or self.spec.network == before:
            return start
        drawn = self.spec.network.get("initialization") != before.get("initialization")
        return None if drawn or not same_shapes(built(self.spec, self.data), start) else start

    @property
    def target_kind(self) -> str:
        """What kind the target is, as this arm learns it; "" without one."""
        return next((field.kind for field in self.data.targets.values()), "")

    def network(self, seed: int) -> nn.Module:
        """A network before its first step."""
        code = self.subject.folder.read_code() if is_own_code(self.spec) else None
        if "module" in self.spec.network:
            made = copy.deepcopy(self.subject.network)
            assert made is not None
            if self.start is None:
                draw_anew(made, seed, self.subject.folder)
        else:
            made = built(self.spec_of(seed), self.data, code)
        if self.start is not None:
            made.load_state_dict(self.start)
        elif self.subject.weights is not None:
            take_weights(made, self.subject.weights, self.data, self.spec.network)
        return made

    def training(self, seed: int) -> Training:
        return Training(self.network(seed), self.data, self.spec_of(seed).recipe, task=self.task)

    def _data(self) -> Dataset:
        given, settings = self.subject.data, self.spec.data
        if settings == self.subject.spec.data:
            return given
        if settings.model_copy(update={"augment": given.settings.augment}) == given.settings:
            return replace(given, settings=settings)
        kept = given.fields if given.borrowed or isinstance(given.store, TorchStore) else None
        parts: dict[str, Any] = {"splits": given.splits, "fields": kept, "borrowed": given.borrowed}
        return make(given.source, settings, store=given.store, weights=given.weights, **parts)

    def _task(self) -> Task:
        """The task anew, with what of it is the user's own."""
        given, settings = self.subject.task, self.spec.task
        if given is not None and type(given) not in TASKS.values():
            return copy.copy(given)
        task = task_for(self.data, settings)
        if isinstance(given, Supervised) and isinstance(task, Supervised):
            if callable(given.loss) and settings.loss == self.subject.spec.task.loss:
                task.loss = given.loss
            if isinstance(given.extra, Mapping):
                task.extra = given.extra
        return task


def proofs_folder(subject: Subject) -> Any:
    """Where the trainings and the results of a run's proofs lie."""
    path = subject.folder.path / "proofs"
    with files.writing(path, 0):
        path.mkdir(exist_ok=True)
    return path
