"""Tagging: a tag for each token of a text, such as the names in it."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from torch import Tensor, nn

from deepglass.data import Batch, Dataset
from deepglass.networks import call
from deepglass.tasks.token_baselines import most_frequent_tags
from deepglass.tasks.token_metrics import Said, f1_by_class, ratio_interval
from deepglass.tasks.tokens import PAD, SPECIAL, Tokens


class Tagging(Tokens):
    """Learn one tag for each token; where tags begin with B- and I-, F1 is counted over the spans that they mark.

    >>> run = dg.train("lstm", "names.csv", task="tagging", bidirectional=True)
    """

    name = "tagging"
    shown = ("accuracy", "f1_micro", "sequence_accuracy")
    first_written = SPECIAL  # tags have no end

    @property
    def classes(self) -> list[str]:
        """The tags, without the tokens that no text holds."""
        return self.field.tokens[SPECIAL:]

    def score(self, said: Said) -> dict[str, float]:
        found = self._f1(said)
        return {
            "loss": said.loss,
            "accuracy": said.accuracy,
            "f1_micro": found["f1_micro"],
            "sequence_accuracy": said.sequence_accuracy,
            **super().score(said),
        }

    def examine(self, network: nn.Module, batches: Iterable[Batch], seed: int = 0) -> dict[str, Any]:
        said = self.collect(network, batches)
        whole = (said.right == said.tokens).double()
        interval = ratio_interval(whole, whole.new_ones(len(whole)))
        return {**self.spoken_of(said), **self.score(said), **self._f1(said), "sequence_accuracy_interval": interval}

    def beside(self, data: Dataset, ids: Tensor, seed: int) -> dict[str, dict[str, Any]]:
        return most_frequent_tags(self, data, ids)

    def predict(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Shapes: tokens (examples, steps), 0 where the input has ended."""
        tokens = next(v for v in inputs.values() if v.ndim == 2)
        logits = call(network, inputs)[:, : tokens.shape[1]]
        return {"tokens": self.chosen(logits) * (tokens != PAD)}

    def decode(self, prediction: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
        rows = [" ".join(row) for row in self.words_of(prediction["tokens"].cpu())]
        return {self.field.name: np.array(rows, dtype=object)}

    def _f1(self, said: Said) -> dict[str, Any]:
        return f1_by_class(self.words_of(said.given), self.words_of(said.truth), self.classes)
