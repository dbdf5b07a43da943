"""Supervised: what classification and regression share, learning a target from inputs."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.data import Batch, Dataset, Field
from deepglass.errors import SettingError, ShapeError
from deepglass.layers import Auxiliary
from deepglass.names import find
from deepglass.networks import call, check_call, summary
from deepglass.randomness import Noise
from deepglass.settings import checked
from deepglass.tasks.fit import draws_only, impossible, misfits, pick_loss, unflattened
from deepglass.tasks.losses import find_loss
from deepglass.tasks.means import mixed_loss, weighted_mean
from deepglass.tasks.metrics import METRICS, Metric
from deepglass.tasks.settings import TaskSettings
from deepglass.tasks.task import Task
from deepglass.tasks.weighting import Weighting

OwnLoss = Callable[[Tensor, Tensor], Tensor]
TAKES = {"category": "codes", "labels": "labels", "number": "values"}  # what an answer is, by the kind of the target
OUTPUT_OF = {"softmax": "probabilities", "sigmoid": "probabilities", "logsoftmax": "log_probabilities"}


@dataclass(frozen=True)
class Collected:
    """All that a network says of some examples, on the host.

    Shapes: prediction of each kind (examples, ...), target (examples, ...), losses (examples,), ids (examples,), weights
    (examples,) where the data have some, outputs (examples, ...) as the network gave them.
    """

    prediction: dict[str, Tensor]
    target: Tensor
    losses: Tensor
    ids: Tensor
    weights: Tensor | None = None
    outputs: Tensor | None = None

    def part(self, start: int, end: int) -> "Collected":
        """What is said of the examples from `start` to before `end`."""
        rest = (None if v is None else v[start:end] for v in (self.weights, self.outputs))
        prediction = {name: value[start:end] for name, value in self.prediction.items()}
        return Collected(prediction, self.target[start:end], self.losses[start:end], self.ids[start:end], *rest)


class Supervised(Task):
    """Learn one target.

    Args:
        loss: a name, or a function of yours (output, target) -> a number, or one an example.
        output: what the last layer gives; read off the network when it is "auto".
        metrics: further metrics by name, or functions of yours (prediction, target) -> a number, by name.
        label_smoothing: share of each target that is spread evenly over all classes while training.
        class_weight: how much each class counts in training: "balanced", or weights by the name of a class.

    What is measured is neither smoothed nor weighted by class, so that runs can be compared. The measured loss heeds the
    weights of examples that the data have; every other metric counts each example once.
    """

    kinds: tuple[str, ...] = ()  # the kinds of target that it learns
    shown: tuple[str, ...] = ()  # the metrics that are recorded each epoch
    shares_loss = True

    def __init__(
        self,
        loss: str | OwnLoss = "auto",
        output: str = "auto",
        metrics: Iterable[str] | Mapping[str, Any] = (),
        *,
        label_smoothing: float = 0.0,
        class_weight: str | Mapping[str, float] | None = None,
    ) -> None:
        super().__init__()
        self.loss, self.output, self.extra = loss, output, metrics
        asked = checked(TaskSettings, {"label_smoothing": label_smoothing, "class_weight": class_weight}, "task")
        self.label_smoothing, self.class_weight = asked.label_smoothing, asked.class_weight
        self.loss_name = ""  # this and the next: decided in `prepare`
        self.loss_function: OwnLoss | None = None
        self.weighting: Weighting | None = None
        self.last_layer, self.outputs = "", 0
        self.fields: dict[str, Field] = {}

    @property
    def field(self) -> Field:
        return next(iter(self.fields.values()))

    def prepare(self, data: Dataset, network: nn.Module) -> None:
        super().prepare(data, network)
        self.fields = dict(data.targets)
        wrong = [f"{f.name!r} is a {f.kind}" for f in self.fields.values() if f.kind not in self.kinds]
        if wrong or not self.fields:
            raise ShapeError(
                f"{self.name} learns a target of kind {' or '.join(self.kinds)}; {wrong[0] if wrong else 'there is none'}."
            )
        check_call(network, self.inputs)
        self._read_network(data, network)
        if not callable(self.loss):
            self.loss_name = pick_loss(self.loss, self.output_kind, self.field.kind, self.outputs)
            why = impossible(self.loss_name, self.outputs, self._target_facts(data))
            if why:
                raise ShapeError(why)
            self.loss_function = find_loss(self.loss_name).function
        else:
            self.loss_name, self.loss_function = getattr(self.loss, "__name__", "own loss"), self.loss
        self.weighting = self._weighting(data) if self.label_smoothing or self.class_weight else None

    def losses(self, network: nn.Module, batch: Batch, player: str, noise: Noise) -> dict[str, Tensor]:
        return self.losses_of(self.output_of(network, batch.pick(self.inputs)), batch)

    def output_of(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> Any:
        """What the network says of some inputs: a tensor, or in training mode an `Auxiliary` where it has heads in the middle."""
        return call(network, inputs)

    def losses_of(self, output: Tensor | Auxiliary, batch: Batch) -> dict[str, Tensor]:
        """What training makes small, from what the network said of a batch, and beside heads also the parts of that sum."""
        if isinstance(output, Auxiliary):
            main = self.losses_of(output.output, batch)["loss"]
            heads = torch.stack([self.losses_of(head, batch)["loss"] for head in output.heads]).sum()
            return {"loss": main + output.weight * heads, "output_loss": main, "heads_loss": heads}
        each = self._learned(output, batch)
        if batch.mixed is not None:
            each = mixed_loss(each, self._learned(output, batch.mixed.partners), batch.mixed.shares, self.loss_name)
        return {"loss": weighted_mean(each, batch.weights, self._counts(batch))}

    def weight_of(self, batch: Batch) -> float | Tensor:
        counts = self._counts(batch)
        if counts is None:
            return super().weight_of(batch)
        return (counts if batch.weights is None else counts * batch.weights).sum()

    def _learned(self, output: Tensor, batch: Batch) -> Tensor:
        """What training makes small: each example's loss, times its weight where classes are weighted."""
        return (
            self.each_loss(output, batch) if self.weighting is None else self.weighting(output, self.target_of(batch))
        )

    def _counts(self, batch: Batch) -> Tensor | None:
        """What each example counts by its class, shape (examples,); None where classes are not weighted."""
        own = None if self.weighting is None else self.weighting.counts(self.target_of(batch))
        if own is None or batch.mixed is None:
            return own
        partners = self._counts(batch.mixed.partners)
        assert partners is not None
        return mixed_loss(own, partners, batch.mixed.shares, self.loss_name)

    def each_loss(self, output: Tensor, batch: Batch) -> Tensor:
        """The plain loss of each example, shape (examples,), or one number from a loss function of the user's."""
        assert self.loss_function is not None
        return self.loss_function(output, self.target_of(batch))

    def target_of(self, batch: Batch) -> Tensor:
        if len(self.targets) == 1:
            target: Tensor = batch[self.targets[0]]
            return target
        return torch.cat([batch[name] for name in self.targets], dim=1)

    def collect(self, network: nn.Module, batches: Iterable[Batch]) -> Collected:
        """Run a network over batches (in evaluation mode, which is the caller's business) and keep what it says."""
        outputs, targets, losses, ids, weights = [], [], [], [], []
        for batch in batches:
            output = call(network, batch.pick(self.inputs))
            each = self.each_loss(output, batch)
            losses.append(each if each.ndim else each.expand(len(batch)))
            outputs.append(output)
            targets.append(self.target_of(batch))
            ids.append(batch.ids)
            weights += [] if batch.weights is None else [batch.weights]
        prediction = {n: v.cpu() for n, v in self.interpret(torch.cat(outputs)).items()}
        return Collected(
            prediction,
            torch.cat(targets).cpu(),
            torch.cat(losses).float().cpu(),
            torch.cat(ids).cpu(),
            torch.cat(weights).cpu() if weights else None,
            torch.cat(outputs).cpu(),
        )

    def measure(self, network: nn.Module, batches: Iterable[Batch], seed: int = 0) -> dict[str, float]:
        return self.score(self.collect(network, batches))

    def score(self, collected: Collected) -> dict[str, float]:
        """The loss and the metrics of each epoch; one that is not defined for these examples is left out."""
        scores = {"loss": float(weighted_mean(collected.losses, collected.weights).detach())}
        for name, metric in self.metrics().items():
            value = metric.function(self.judged(collected, metric.takes), self.truth(collected))
            if value is not None:
                scores[name] = float(value)
        return scores

    def metrics(self) -> dict[str, Metric]:
        """The metrics of each epoch by name: what is usual for the task, and those that were asked for."""
        chosen = {n: METRICS[n] for n in self.shown}
        if isinstance(self.extra, Mapping):
            own = METRICS[self.shown[0]]  # a function of the user's is given what the first usual metric is
            return chosen | {n: Metric(f, "max", own.target, own.takes) for n, f in self.extra.items()}
        asked = {n: find("metric", n, METRICS) for n in self.extra}
        for name, metric in asked.items():
            if metric.target not in self.kinds:
                raise SettingError(
                    f"The metric {name!r} judges a target of kind {metric.target}; {self.name} learns {self.kinds[0]}."
                )
        return chosen | asked

    def direction(self, metric: str) -> str:
        known: Metric | None = METRICS.get(metric)
        return known.direction if known else super().direction(metric)

    @abstractmethod
    def interpret(self, output: Tensor) -> dict[str, Tensor]:
        """Turn outputs into encoded predictions by name."""

    @abstractmethod
    def judged(self, collected: Collected, takes: str) -> np.ndarray:
        """What a metric that takes "codes", "scores", "labels" or "values" compares with the truth."""

    @abstractmethod
    def truth(self, collected: Collected) -> np.ndarray:
        """The truth, in the form that the metrics take."""

    def answers(self, collected: Collected) -> np.ndarray:
        """What was answered, in the form of the truth."""
        return self.judged(collected, TAKES[self.field.kind])

    @abstractmethod
    def evaluation(self, collected: Collected) -> dict[str, Any]:
        """Everything that is said of these predictions once training is over, as plain numbers."""

    def predict(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return self.interpret(call(network, inputs))

    def alarms(self, data: Dataset, network: nn.Module) -> list[str]:
        if callable(self.loss):
            return []
        given = OUTPUT_OF.get(self.last_layer.lower(), self.output_kind)  # what comes out, whatever it was said to be
        return misfits(self.loss_name, given, self.last_layer, self.outputs, self._target_facts(data))

    def facts(self) -> dict[str, Any]:
        known: dict[str, Any] = {
            "name": self.name,
            "loss": self.loss_name,
            "output": self.output_kind,
            "last_layer": self.last_layer,
        }
        if self.label_smoothing:
            known["label_smoothing"] = self.label_smoothing
        if self.weighting is not None and self.weighting.weights is not None:
            known["class_weights"] = dict(self.weighting.weights)
        return known

    @property
    def output_kind(self) -> str:
        """logits, probabilities or log_probabilities; of a regression always values."""
        if self.output != "auto":
            return self.output
        return OUTPUT_OF.get(self.last_layer.lower(), "logits")

    def _read_network(self, data: Dataset, network: nn.Module) -> None:
        """See what the network ends in, and how many numbers it gives."""
        self.last_layer, self.outputs, self.multiply_adds, self.largest = "", data.outputs, None, 0
        if why := draws_only(network, self.field.name):
            raise SettingError(why)
        try:
            traced = summary(network, data)
        except ShapeError:
            raise
        except Exception:  # a network that cannot be traced can still be trained; its output is then taken for logits
            return
        self.multiply_adds, self.largest = traced.multiply_adds, traced.largest
        if traced.last is not None:
            self.last_layer = traced.last.kind
        if traced.output_shape is not None:
            wanted = self.field.shape if len(self.fields) == 1 else (data.outputs,)
            why = unflattened(traced.output_shape, wanted, self.field.kind)
            if why:
                raise ShapeError(why)
            self.outputs = prod(traced.output_shape)

    def _weighting(self, data: Dataset) -> Weighting:
        """What training makes small, when classes are to count differently or targets to be smoothed."""
        asked = "class_weight" if self.class_weight else "label_smoothing"
        what = "weighs classes" if self.class_weight else "spreads targets over classes"
        raise SettingError(
            f"task.{asked} {what}, and {self.name} has none. To weigh examples, name a column of weights with "
            "data.weight=COLUMN, or use load(..., weights=...)."
        )

    @abstractmethod
    def _target_facts(self, data: Dataset) -> dict[str, Any]:
        """What is known of the target: its kind, and number of classes or range."""
