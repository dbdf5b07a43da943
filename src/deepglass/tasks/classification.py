"""Classification: which of some classes an example belongs to; two, many, or any number of labels at once."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.data import Dataset
from deepglass.tasks.evaluation import category_scores, labels_scores
from deepglass.tasks.losses import LOSSES
from deepglass.tasks.supervised import Collected, Supervised

THRESHOLD = 0.5  # probability from which one of two classes, or a label, is said to be there


class Classification(Supervised):
    """Learn a category. Two classes take one output (or two), K classes take K."""

    name = "classification"
    kinds = ("category",)
    shown = ("accuracy",)

    def prepare(self, data: Dataset, network: nn.Module) -> None:
        super().prepare(data, network)
        if self._takes_scores:  # at weight 0 every answer is wrong and Rosenblatt's loss is 0: it cannot tell the best
            self.monitor = ("accuracy", "max")

    def interpret(self, output: Tensor) -> dict[str, Tensor]:
        """Shapes: output (examples, K) or (examples, 1); returns classes (examples,) and probabilities (examples, K)."""
        output = output.detach().float()
        output = output[:, None] if output.ndim == 1 else output
        probabilities = self._probabilities(output)
        return {"class": probabilities.argmax(dim=1), "probabilities": probabilities}

    def decode(self, prediction: Any) -> dict[str, np.ndarray]:
        probabilities = prediction["probabilities"].cpu().numpy()
        decoded = {self.field.name: self.field.decode(prediction["class"])}
        if not self._takes_scores:
            decoded["probability"] = probabilities.max(axis=1)
            decoded |= {f"p({c})": probabilities[:, i] for i, c in enumerate(self.field.classes)}
        return decoded

    def judged(self, collected: Collected, takes: str) -> np.ndarray:
        if takes == "codes":
            return collected.prediction["class"].numpy()
        probabilities = collected.prediction["probabilities"].numpy()
        return probabilities[:, 1] if probabilities.shape[1] == 2 else probabilities

    def truth(self, collected: Collected) -> np.ndarray:
        return collected.target.numpy()

    def evaluation(self, collected: Collected) -> dict[str, Any]:
        probabilities = None if self._takes_scores else collected.prediction["probabilities"].numpy()
        return category_scores(
            self.judged(collected, "codes"), probabilities, self.truth(collected), self.field.classes
        )

    @property
    def _takes_scores(self) -> bool:
        """Rosenblatt's rule and the hinge learn which side an example is on, and no probability."""
        return self.loss_name in LOSSES and LOSSES[self.loss_name].takes == "scores"

    def _probabilities(self, output: Tensor) -> Tensor:
        if self._takes_scores:
            sides = torch.cat([-output, output], dim=1) if output.shape[1] == 1 else output
            return torch.nn.functional.one_hot(sides.argmax(dim=1), sides.shape[1]).float()
        kind = self.output_kind
        if output.shape[1] == 1:
            positive = (
                output if kind == "probabilities" else output.exp() if kind == "log_probabilities" else output.sigmoid()
            )
            return torch.cat([1 - positive, positive], dim=1)
        return output if kind == "probabilities" else output.softmax(dim=1)  # of log-probabilities, softmax is exp

    def _target_facts(self, data: Dataset) -> dict[str, Any]:
        return {"kind": "category", "classes": len(self.field.classes)}


class Labels(Supervised):
    """Learn any number of labels an example, one output each."""

    name = "labels"
    kinds = ("labels",)
    shown = ("subset_accuracy", "labels_f1_micro")

    def interpret(self, output: Tensor) -> dict[str, Tensor]:
        """Shapes: output (examples, labels); returns the same as labels 0/1 and as probabilities."""
        output = output.detach().float()
        probabilities = output if self.output_kind == "probabilities" else output.sigmoid()
        return {"labels": probabilities >= THRESHOLD, "probabilities": probabilities}

    def decode(self, prediction: Any) -> dict[str, np.ndarray]:
        probabilities = prediction["probabilities"].cpu().numpy()
        columns = {f"p({c})": probabilities[:, i] for i, c in enumerate(self.field.classes)}
        return {self.field.name: self.field.decode(prediction["labels"]), **columns}

    def judged(self, collected: Collected, takes: str) -> np.ndarray:
        return collected.prediction["labels" if takes == "labels" else "probabilities"].numpy()

    def truth(self, collected: Collected) -> np.ndarray:
        return collected.target.numpy().astype(bool)

    def evaluation(self, collected: Collected) -> dict[str, Any]:
        return labels_scores(self.judged(collected, "labels"), self.judged(collected, "scores"), self.truth(collected))

    def _target_facts(self, data: Dataset) -> dict[str, Any]:
        return {"kind": "labels", "size": len(self.field.classes)}
