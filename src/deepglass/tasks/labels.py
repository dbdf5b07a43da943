"""Labels: any number of labels an example, such as all that is seen in a picture."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data import Dataset
from deepglass.tasks.calibration import tempered
from deepglass.tasks.classifier import Classifier
from deepglass.tasks.evaluation import labels_scores
from deepglass.tasks.supervised import Collected
from deepglass.tasks.weighting import OfLabels, log_probabilities

THRESHOLD = 0.5  # probability from which a label is said to be there


class Labels(Classifier):
    """Learn any number of labels an example, one output each."""

    name = "labels"
    kinds = ("labels",)
    shown = ("subset_accuracy", "labels_f1_micro")
    weighted_loss = OfLabels

    def interpret(self, output: Tensor) -> dict[str, Tensor]:
        """Shapes: output (examples, labels); returns the same as labels 0/1 and as probabilities."""
        probabilities = self._probabilities(output.detach().float())
        limits = self.decision.threshold or (THRESHOLD,)
        there = probabilities >= torch.tensor(limits, device=probabilities.device)
        return {"labels": there, "probabilities": probabilities}

    def decode(self, prediction: Any) -> dict[str, np.ndarray]:
        probabilities = prediction["probabilities"].cpu().numpy()
        columns = {f"p({c})": probabilities[:, i] for i, c in enumerate(self.field.classes)}
        return {self.field.name: self.field.decode(prediction["labels"]), **columns}

    def judged(self, collected: Collected, takes: str) -> np.ndarray:
        return collected.prediction["labels" if takes == "labels" else "probabilities"].numpy()

    def truth(self, collected: Collected) -> np.ndarray:
        return collected.target.numpy().astype(bool)

    def evaluation(self, collected: Collected) -> dict[str, Any]:
        scores = labels_scores(
            self.judged(collected, "labels"), self.judged(collected, "scores"), self.truth(collected)
        )
        return {**scores, **self.sure(collected)}

    def log_probabilities(self, output: Tensor) -> Tensor:
        return log_probabilities(output.detach().float().reshape(-1, 1), self.output_kind)

    def targets_of(self, collected: Collected) -> Tensor:
        return collected.target.reshape(-1).long()

    def decides_on(self) -> list[str]:
        return [str(c) for c in self.field.classes]

    def found(self, collected: Collected) -> tuple[np.ndarray, np.ndarray]:
        return self.judged(collected, "scores"), self.truth(collected)

    def _probabilities(self, output: Tensor) -> Tensor:
        if self.decision.temperature != 1:
            return tempered(self.log_probabilities(output), self.decision.temperature)[:, 1].reshape(output.shape)
        return output if self.output_kind == "probabilities" else output.sigmoid()

    def balanced_weights(self, data: Dataset) -> list[float] | None:
        """Absent over present, so that both count alike in each label."""
        values = data.source.fields[self.field.name].values
        if values is None:
            return None
        there = np.asarray(values)[data.members("train").numpy()].sum(axis=0)
        weights: list[float] = ((len(data.members("train")) - there) / np.maximum(1, there)).tolist()
        return weights

    def _target_facts(self, data: Dataset) -> dict[str, Any]:
        return {"kind": "labels", "size": len(self.field.classes)}
