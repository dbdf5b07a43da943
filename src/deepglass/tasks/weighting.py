"""Weighting: how much each class counts in the loss, and how much of a target is shared out among the classes."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from deepglass.data.source import Label
from deepglass.errors import SettingError
from deepglass.names import suggestion
from deepglass.tasks.losses import LOSSES

SHOWN_CLASSES = 20  # in a message
BOOLEANS = {"True": ("true", "yes", "on"), "False": ("false", "no", "off")}  # YAML reads the one for the other


@dataclass(frozen=True)
class Weighting(ABC):
    """The loss that training makes small, when classes count differently or targets are smoothed.

    Args:
        loss_name: a loss of the catalogue, or only a name beside `own`, a loss function of the user's.
        smoothing: share of each target that is spread evenly.
        weights: one a class by its name, in the order of their codes; None where all count alike.
    Raises: SettingError, when such a loss cannot be smoothed or weighted.
    """

    loss_name: str
    own: Callable[[Tensor, Tensor], Tensor] | None = None
    smoothing: float = 0.0
    weights: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        if self.smoothing and not self.takes:
            raise SettingError(
                f"task.label_smoothing={self.smoothing:g} shares out a cross-entropy, and the loss is {self.loss_name!r}. "
                "Use loss='auto', or label_smoothing=0."
            )

    @property
    def takes(self) -> str:
        """Which output a cross-entropy takes; "" for another loss."""
        takes = "" if self.own is not None else LOSSES[self.loss_name].takes
        return takes if takes in ("logits", "probabilities", "log_probabilities") else ""

    @abstractmethod
    def __call__(self, output: Tensor, target: Tensor) -> Tensor:
        """Return each example's loss times its weight, shape (examples,)."""

    def counts(self, target: Tensor) -> Tensor | None:
        """The weight of each example, by whose sum a batch is divided; None where it is divided by its examples."""
        return None

    def _scale(self, device: torch.device, more: int = 0) -> Tensor:
        """The weights of the classes, and 1 for `more` outputs that belong to no class."""
        assert self.weights is not None
        return torch.tensor([*self.weights.values(), *[1.0] * more]).to(device, non_blocking=True)


class OfClasses(Weighting):
    """One class an example.

    Cross-entropies give what torch's `cross_entropy(weight=..., label_smoothing=...)` gives, also for one output and for
    probabilities. Other losses are multiplied by the weight of the class.
    """

    def __call__(self, output: Tensor, target: Tensor) -> Tensor:
        if self.takes:
            log_p = log_probabilities(output, self.takes)
            scale = None if self.weights is None else self._scale(output.device, log_p.shape[1] - len(self.weights))
            return smoothed_cross_entropy(log_p, target, self.smoothing, scale)
        each = (self.own or LOSSES[self.loss_name].function)(output, target)
        if each.ndim == 0:
            raise SettingError(
                f"task.class_weight weighs the loss of each example, and {self.loss_name} gives one number for all of them. "
                "Return one number an example, or leave class_weight out."
            )
        counts = self.counts(target)
        return each if counts is None else each * counts

    def counts(self, target: Tensor) -> Tensor | None:
        return None if self.weights is None else _per_example(self._scale(target.device)[target.long()])


class OfLabels(Weighting):
    """Many labels an example: one that is there counts its weight times one that is not.

    As torch's `binary_cross_entropy_with_logits(pos_weight=...)`; smoothing moves targets by its half from 0 and 1.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.takes:
            raise SettingError(
                f"task.class_weight of many labels needs a cross-entropy, not {self.loss_name!r}. Use loss='auto'."
            )

    def __call__(self, output: Tensor, target: Tensor) -> Tensor:
        target = target.to(output.dtype) * (1 - self.smoothing) + self.smoothing / 2
        if self.takes == "logits":
            there, away = functional.logsigmoid(output), functional.logsigmoid(-output)
        else:
            there, away = _log(output), _log(1 - output)
        present = target * there if self.weights is None else self._scale(output.device) * target * there
        return _per_example(-(present + (1 - target) * away))


def smoothed_cross_entropy(
    log_p: Tensor, target: Tensor, smoothing: float = 0.0, weights: Tensor | None = None
) -> Tensor:
    """Cross-entropy with targets of which `smoothing` is shared out evenly among all classes, times class weights.

    Shapes: log_p (examples, classes, ...), target (examples, ...) of codes, weights (classes,); returns (examples,).
    Source: Szegedy et al., "Rethinking the Inception Architecture", arXiv:1512.00567, section 7.
    """
    surprise = -log_p
    if weights is not None:
        surprise = surprise * weights.reshape(-1, *[1] * (log_p.ndim - 2))
    right = surprise.gather(1, target.long().unsqueeze(1)).squeeze(1)
    if not smoothing:
        return _per_example(right)
    return _per_example((1 - smoothing) * right + smoothing * surprise.mean(dim=1))


def log_probabilities(output: Tensor, kind: str) -> Tensor:
    """Turn what a network gives into the logarithms of the probabilities of its classes; of two, where it gives one number.

    Shapes: output (examples, classes, ...), or (examples, 1) or (examples,) for two classes; returns (examples, classes, ...).
    Args: kind: logits, probabilities or log_probabilities.
    """
    if output.ndim == 1 or output.shape[1] == 1:
        one = output.reshape(len(output), 1)
        if kind == "logits":
            return torch.cat([functional.logsigmoid(-one), functional.logsigmoid(one)], dim=1)
        one = one.exp() if kind == "log_probabilities" else one
        return torch.cat([_log(1 - one), _log(one)], dim=1)
    if kind == "logits":
        return functional.log_softmax(output, dim=1)
    return output if kind == "log_probabilities" else _log(output)


def balanced(counts: Sequence[int]) -> list[float]:
    """The weight of each class that lets all of them count alike: examples / (classes * examples of the class).

    Source: King and Zeng, "Logistic Regression in Rare Events Data", 2001; scikit-learn's class_weight="balanced".

    >>> balanced([30, 10])
    [0.6666666666666666, 2.0]
    """
    return [sum(counts) / (len(counts) * max(1, count)) for count in counts]


def named(weights: Mapping[str, float], classes: Sequence[Label], target: str) -> list[float]:
    """The weight of each class from weights by name; a class that is not named counts 1.

    Raises: SettingError, for a name that is no class.
    """
    places = {str(c): i for i, c in enumerate(classes)}
    found = [1.0] * len(classes)
    for name, weight in weights.items():
        same = [n for n in places if n.lower() in BOOLEANS.get(name, ())]
        place = places.get(name, places[same[0]] if len(same) == 1 else None)
        if place is None:
            shown = ", ".join(list(places)[:SHOWN_CLASSES])
            raise SettingError(
                f"task.class_weight names {name!r}, which is no class of {target!r}.{suggestion(name, places)} "
                f"Classes: {shown}."
            )
        found[place] = float(weight)
    if not any(found):
        raise SettingError("task.class_weight gives every class the weight 0, so nothing can be learned. Raise one.")
    return found


def _log(probability: Tensor) -> Tensor:
    return probability.clamp_min(torch.finfo(probability.dtype).tiny).log()


def _per_example(values: Tensor) -> Tensor:
    return values.flatten(1).mean(1) if values.ndim > 1 else values
