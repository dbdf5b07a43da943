"""Classifier: what is common to tasks whose network gives probabilities: temperature, threshold, weights of classes."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from deepglass.data import Dataset
from deepglass.errors import SettingError
from deepglass.tasks.calibration import calibration_error
from deepglass.tasks.losses import LOSSES
from deepglass.tasks.supervised import Collected, Supervised
from deepglass.tasks.weighting import OfClasses, Weighting, named


@dataclass(frozen=True)
class Decision:
    """What becomes of the network's output on its way to an answer; this one leaves it alone.

    Args:
        temperature: logits are divided by it.
        threshold: from which probability the second of two classes, or each label, is said to be there; None takes the
            likeliest class, and labels from 0.5 on.
    """

    temperature: float = 1.0
    threshold: tuple[float, ...] | None = None


class Classifier(Supervised):
    """Learn classes or labels, with probabilities wherever the loss gives them a meaning."""

    decision = Decision()
    weighted_loss: type[Weighting] = OfClasses

    @abstractmethod
    def log_probabilities(self, output: Tensor) -> Tensor:
        """The logarithms of the probabilities that the network itself gives, before any temperature.

        Shapes: (examples, classes); of labels (examples * labels, 2), absent first.
        """

    @abstractmethod
    def targets_of(self, collected: Collected) -> Tensor:
        """The truth beside `log_probabilities`, as codes."""

    @abstractmethod
    def decides_on(self) -> list[str]:
        """The classes that a threshold decides on, by name. Raises: SettingError, where none does."""

    @abstractmethod
    def found(self, collected: Collected) -> tuple[np.ndarray, np.ndarray]:
        """Probability and truth of each class of `decides_on`, both (examples, classes)."""

    @property
    def has_probabilities(self) -> bool:
        """No, for Rosenblatt's rule and the hinge: they learn which side an example is on."""
        return self.loss_name not in LOSSES or LOSSES[self.loss_name].takes != "scores"

    def sure(self, collected: Collected) -> dict[str, Any]:
        """How far probabilities can be believed, and which temperature and threshold were used, for an evaluation."""
        scores: dict[str, Any] = {}
        if self.has_probabilities:
            truth = self.truth(collected)
            scores["calibration_error"] = calibration_error(collected.prediction["probabilities"].numpy(), truth)
            if self.decision.temperature != 1:
                assert collected.outputs is not None
                plain = self.log_probabilities(collected.outputs).exp()
                plain = plain[:, 1].reshape(truth.shape) if truth.ndim == 2 else plain
                scores["calibration_error_before"] = calibration_error(plain.numpy(), truth)
                scores["temperature"] = self.decision.temperature
        if self.decision.threshold is not None:
            values = list(self.decision.threshold)
            scores["threshold"] = values[0] if len(values) == 1 else values
        return scores

    @abstractmethod
    def balanced_weights(self, data: Dataset) -> list[float] | None:
        """The weights that let rare classes of the training split count as much as others; None where they are not known."""

    def _weighting(self, data: Dataset) -> Weighting:
        weights = None
        if isinstance(self.class_weight, dict):
            weights = named(self.class_weight, self.field.classes, self.field.name)
        elif self.class_weight is not None:
            weights = self.balanced_weights(data)
            if weights is None:
                raise SettingError(
                    f"task.class_weight='balanced' counts the classes of the training examples, and {data.name} does not "
                    "tell them without being read through. Give weights by name, such as class_weight={spam: 5}."
                )
        own = self.loss if callable(self.loss) else None
        by_name = None if weights is None else {str(c): w for c, w in zip(self.field.classes, weights)}
        return self.weighted_loss(self.loss_name, own, self.label_smoothing, by_name)
