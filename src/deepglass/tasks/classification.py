"""Classification: which of some classes an example belongs to, two or many."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.data import Dataset
from deepglass.errors import SettingError
from deepglass.tasks.calibration import tempered
from deepglass.tasks.classifier import Classifier
from deepglass.tasks.evaluation import category_scores
from deepglass.tasks.supervised import Collected
from deepglass.tasks.weighting import balanced, log_probabilities


class Classification(Classifier):
    """Learn a category. Two classes take one output (or two), K classes take K."""

    name = "classification"
    kinds = ("category",)
    shown = ("accuracy",)

    def prepare(self, data: Dataset, network: nn.Module) -> None:
        super().prepare(data, network)
        if (
            not self.has_probabilities
        ):  # at weight 0 every answer is wrong and Rosenblatt's loss is 0: it cannot tell the best
            self.monitor = ("accuracy", "max")

    def interpret(self, output: Tensor) -> dict[str, Tensor]:
        """Shapes: output (examples, K) or (examples, 1); returns classes (examples,) and probabilities (examples, K)."""
        output = output.detach().float()
        output = output[:, None] if output.ndim == 1 else output
        probabilities = self._probabilities(output)
        codes = probabilities.argmax(dim=1)
        if self.decision.threshold is not None:
            codes = (probabilities[:, 1] >= self.decision.threshold[0]).long()
        return {"class": codes, "probabilities": probabilities}

    def decode(self, prediction: Any) -> dict[str, np.ndarray]:
        decoded = {self.field.name: self.field.decode(prediction["class"])}
        if self.has_probabilities:
            probabilities = prediction["probabilities"].cpu()
            decoded["probability"] = probabilities.gather(1, prediction["class"].cpu()[:, None])[:, 0].numpy()
            decoded |= {f"p({c})": probabilities[:, i].numpy() for i, c in enumerate(self.field.classes)}
        return decoded

    def judged(self, collected: Collected, takes: str) -> np.ndarray:
        if takes == "codes":
            return collected.prediction["class"].numpy()
        probabilities = collected.prediction["probabilities"].numpy()
        return probabilities[:, 1] if probabilities.shape[1] == 2 else probabilities

    def truth(self, collected: Collected) -> np.ndarray:
        return collected.target.numpy()

    def evaluation(self, collected: Collected) -> dict[str, Any]:
        probabilities = collected.prediction["probabilities"].numpy() if self.has_probabilities else None
        said, truth = self.judged(collected, "codes"), self.truth(collected)
        return {**category_scores(said, probabilities, truth, self.field.classes), **self.sure(collected)}

    def log_probabilities(self, output: Tensor) -> Tensor:
        return log_probabilities(output.detach().float(), self.output_kind)

    def targets_of(self, collected: Collected) -> Tensor:
        return collected.target

    def decides_on(self) -> list[str]:
        classes = [str(c) for c in self.field.classes]
        if len(classes) != 2 or not self.has_probabilities:
            has = (
                f"has {len(classes)} classes"
                if self.has_probabilities
                else f"is learned with {self.loss_name}, as sides"
            )
            raise SettingError(
                f"A threshold decides between two classes by a probability; {self.field.name!r} {has}. Leave it out, or load "
                "the data with positive=CLASS to set one class against the others."
            )
        return classes[1:]

    def found(self, collected: Collected) -> tuple[np.ndarray, np.ndarray]:
        return collected.prediction["probabilities"].numpy()[:, 1:2], self.truth(collected)[:, None] == 1

    def _probabilities(self, output: Tensor) -> Tensor:
        if not self.has_probabilities:
            sides = torch.cat([-output, output], dim=1) if output.shape[1] == 1 else output
            return torch.nn.functional.one_hot(sides.argmax(dim=1), sides.shape[1]).float()
        if self.decision.temperature != 1:
            return tempered(self.log_probabilities(output), self.decision.temperature)
        kind = self.output_kind
        if output.shape[1] == 1:
            positive = (
                output if kind == "probabilities" else output.exp() if kind == "log_probabilities" else output.sigmoid()
            )
            return torch.cat([1 - positive, positive], dim=1)
        if kind == "probabilities":
            return output
        lies_along = (
            output.stride(0) == 1
        )  # stacked networks: the classes stand apart in memory, and softmax is quicker so
        return (
            output.T.softmax(dim=0).T.contiguous() if lies_along else output.softmax(dim=1)
        )  # of log-probabilities: exp

    def balanced_weights(self, data: Dataset) -> list[float] | None:
        codes = data.codes("train")
        return None if codes is None else balanced(torch.bincount(codes, minlength=len(self.field.classes)).tolist())

    def _target_facts(self, data: Dataset) -> dict[str, Any]:
        return {"kind": "category", "classes": len(self.field.classes)}
