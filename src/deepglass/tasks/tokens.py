"""Tokens: what tasks share whose answer is a sequence of tokens, such as tags, what comes next, or a translation."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from deepglass.data import Batch, Dataset, Field
from deepglass.errors import SettingError, ShapeError
from deepglass.networks import call, summary
from deepglass.randomness import Noise
from deepglass.settings import checked
from deepglass.tasks.settings import TaskSettings
from deepglass.tasks.task import Task
from deepglass.tasks.token_metrics import Said, joined, ratio_interval

PAD, UNKNOWN, START, END, SPECIAL = 0, 1, 2, 3, 4  # the codes of the first tokens, and how many these are
LOSSES = ("auto", "cross_entropy")
OwnMetric = Callable[[list[list[str]], list[list[str]]], float]


def task_of_text(target: Field, data: Dataset) -> str:
    """The task that a text to be learned asks for.

    One that stands at each place of the input is tags, or what comes next where both are made of the same tokens; any other
    is a translation.
    """
    if not target.aligned:
        return "translation"
    same = any(field.tokens == target.tokens for field in data.inputs.values())
    return "language_modelling" if same else "tagging"


class Tokens(Task):
    """Learn a sequence of tokens by cross-entropy, in nats a token, over all that is not padding.

    Args:
        loss, output: "auto", or "cross_entropy" of "logits", which is the same.
        metrics: names of further metrics (`known`), or functions of yours by name (said, true) -> a number, both lists of lists
            of tokens.
        label_smoothing: share of each target that is spread evenly over all tokens while training.

    What is measured is not smoothed. An example's weight counts for each of its tokens.
    """

    takes_any_precision = True
    aligned = True  # whether the target has a token for each of the input, at the same place
    shown: tuple[str, ...] = ("accuracy",)  # recorded each epoch beside the loss
    known: tuple[str, ...] = ()  # metrics that may be asked for
    first_written = END  # the codes before it are never answered: padding, unknown and start cannot be written

    def __init__(
        self,
        loss: str = "auto",
        output: str = "auto",
        metrics: Iterable[str] | Mapping[str, OwnMetric] = (),
        *,
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__()
        if loss not in LOSSES or output not in ("auto", "logits"):
            asked = f"loss={loss!r}" if loss not in LOSSES else f"output={output!r}"
            raise SettingError(f"task.{asked}: {self.name} takes the cross-entropy of logits. Leave it out.")
        self.extra = metrics
        self.label_smoothing = checked(TaskSettings, {"label_smoothing": label_smoothing}, "task").label_smoothing
        self.field = Field("", "text", "target", (), {})  # the real one comes in `prepare`

    def prepare(self, data: Dataset, network: nn.Module) -> None:
        super().prepare(data, network)
        self.field = data.target
        if self.field.kind != "text" or self.field.aligned != self.aligned:
            has = (
                f"is a {self.field.kind}"
                if self.field.kind != "text"
                else "has one"
                if self.aligned is False
                else "has none"
            )
            wanted = "a token for each of the input" if self.aligned else "a text of its own length"
            raise ShapeError(f"{self.name} learns {wanted}, and {self.field.name!r} {has}. Leave task.name out.")
        for name in () if isinstance(self.extra, Mapping) else self.extra:
            if name not in self.known:
                raise SettingError(
                    f"There is no metric {name!r} of {self.name}. Known: {', '.join((*self.shown, *self.known))}."
                )
        self._count(data, network)

    def losses(self, network: nn.Module, batch: Batch, player: str, noise: Noise) -> dict[str, Tensor]:
        return self.losses_of(self.output_of(network, batch, noise), batch)

    def output_of(self, network: nn.Module, batch: Batch, noise: Noise | None = None) -> Tensor:
        """The logits for each token of the target, shape (examples, steps, tokens). Args: noise: in training alone."""
        logits: Tensor = call(network, batch.pick(self.inputs))
        return self.fitted(logits, batch)

    def losses_of(self, logits: Tensor, batch: Batch) -> dict[str, Tensor]:
        """What training makes small. Shapes: logits (examples, steps, tokens)."""
        target = self.target_of(batch)
        if batch.weights is None:
            total = functional.cross_entropy(
                logits.flatten(0, 1).float(),
                target.flatten(),
                ignore_index=PAD,
                label_smoothing=self.label_smoothing,
                reduction="sum",
            )
            return {"loss": total / (target != PAD).sum().clamp_min(1)}
        weights = self._weights(target, batch)
        return {"loss": (surprise(logits, target, self.label_smoothing) * weights).sum() / self.weight_of(batch)}

    def weight_of(self, batch: Batch) -> float | Tensor:
        """Its tokens, each with the weight of its example."""
        return self._weights(self.target_of(batch), batch).sum().clamp_min(torch.finfo(torch.float32).tiny)

    def target_of(self, batch: Batch) -> Tensor:
        target: Tensor = batch[self.field.name]
        return target

    def fitted(self, logits: Tensor, batch: Batch) -> Tensor:
        """Logits at the places of the target: behind its end are none. Raises: ShapeError, when there are too few."""
        target = self.target_of(batch)
        if logits.ndim != 3 or logits.shape[1] < target.shape[1] or logits.shape[2] != len(self.field.tokens):
            raise ShapeError(
                f"{self.name} needs {target.shape[1]} steps x {len(self.field.tokens)} tokens for an example, and the network "
                f"gives {' x '.join(map(str, logits.shape[1:]))}. Use a network with every_step, such as gru or transformer."
            )
        return logits[:, : target.shape[1]]

    def collect(self, network: nn.Module, batches: Iterable[Batch]) -> Said:
        """Run a network over batches (in evaluation mode, which is the caller's business) and keep what it says."""
        parts = []
        for batch in batches:
            target = self.target_of(batch)
            logits = self.output_of(network, batch)
            given = self.chosen(logits) * (target != PAD)
            losses = surprise(logits, target).sum(dim=1).detach()
            weights = None if batch.weights is None else batch.weights.cpu()
            parts.append((target.cpu(), given.cpu(), losses.cpu(), batch.ids.cpu(), weights))
        return joined(parts)

    def chosen(self, logits: Tensor) -> Tensor:
        """The likeliest token at each place that can be written. Shapes: logits (..., tokens), returned (...)."""
        return self.first_written + logits[..., self.first_written :].argmax(dim=-1)

    def measure(self, network: nn.Module, batches: Iterable[Batch], seed: int = 0) -> dict[str, float]:
        return self.score(self.collect(network, batches))

    def score(self, said: Said) -> dict[str, float]:
        """The loss and the metrics of each epoch."""
        scores = {"loss": said.loss, "accuracy": said.accuracy}
        if isinstance(self.extra, Mapping):
            texts = self.words_of(said.given), self.words_of(said.truth)
            scores |= {name: float(metric(*texts)) for name, metric in self.extra.items()}
        return scores

    def examine(self, network: nn.Module, batches: Iterable[Batch], seed: int = 0) -> dict[str, Any]:
        said = self.collect(network, batches)
        return {**self.spoken_of(said), **self.score(said)}

    def spoken_of(self, said: Said) -> dict[str, Any]:
        """How many there were, and how far the figures reach by the choice of these examples."""
        return {
            "examples": len(said),
            "tokens": int(said.tokens.sum()),
            "loss_interval": ratio_interval(said.losses * said.weights, said.tokens * said.weights),
            "accuracy_interval": ratio_interval(said.right, said.tokens),
        }

    def words_of(self, codes: Tensor) -> list[list[str]]:
        """Tokens as they are written, a list an example. Shapes: codes (examples, steps)."""
        tokens = self.field.tokens
        return [[tokens[c] for c in row if c not in (PAD, START, END)] for row in codes.tolist()]

    def facts(self) -> dict[str, Any]:
        known: dict[str, Any] = {"name": self.name, "loss": "cross_entropy", "tokens": len(self.field.tokens)}
        return known | ({"label_smoothing": self.label_smoothing} if self.label_smoothing else {})

    @abstractmethod
    def predict(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return what is answered to some inputs, as codes by name."""

    def _weights(self, target: Tensor, batch: Batch) -> Tensor:
        """How much each place counts, shape (examples, steps): 0 on padding."""
        there = (target != PAD).float()
        return there if batch.weights is None else there * batch.weights[:, None]

    def _count(self, data: Dataset, network: nn.Module) -> None:
        """See how much a network computes for an example; one that cannot be traced is trained all the same."""
        self.multiply_adds = None
        steps = self.field.shape[0] if self.field.shape else 1
        self.largest = steps * len(self.field.tokens)
        try:
            traced = summary(network, data)
        except Exception:
            return
        self.multiply_adds, self.largest = traced.multiply_adds, max(self.largest, traced.largest)


def surprise(logits: Tensor, target: Tensor, smoothing: float = 0.0) -> Tensor:
    """Cross-entropy at each place, in nats; 0 on padding. Shapes: (examples, steps, tokens), (examples, steps) to the latter."""
    flat = functional.cross_entropy(
        logits.flatten(0, 1).float(), target.flatten(), ignore_index=PAD, label_smoothing=smoothing, reduction="none"
    )
    return flat.reshape(target.shape)
