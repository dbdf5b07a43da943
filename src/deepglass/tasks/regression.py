"""Regression: one or several numbers."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data import Dataset
from deepglass.tasks.evaluation import number_scores
from deepglass.tasks.supervised import Collected, Supervised


class Regression(Supervised):
    """Learn numbers. The loss is in the scaled unit of training, the metrics are in the target's own unit."""

    name = "regression"
    kinds = ("number",)
    shown = ("r2", "mae", "rmse")

    def interpret(self, output: Tensor) -> dict[str, Tensor]:
        """Shapes: output (examples, numbers) or (examples,); returns `value` (examples, numbers), still encoded."""
        return {"value": output.detach().float().reshape(len(output), -1)}

    def decode(self, prediction: Any) -> dict[str, np.ndarray]:
        values = self._in_units(prediction["value"].cpu())
        return {name: values[:, i] for i, name in enumerate(self.columns)}

    @property
    def columns(self) -> list[str]:
        """A name for each number that is predicted."""
        names: list[str] = []
        for field in self.fields.values():
            size = int(np.prod(field.shape))
            own = list(field.encoding.get("columns", []))
            names += (
                [field.name] if size == 1 else own if len(own) == size else [f"{field.name}{i}" for i in range(size)]
            )
        return names

    def judged(self, collected: Collected, takes: str) -> np.ndarray:
        return self._in_units(collected.prediction["value"])

    def truth(self, collected: Collected) -> np.ndarray:
        return self._in_units(collected.target.reshape(len(collected.target), -1))

    def evaluation(self, collected: Collected) -> dict[str, Any]:
        return number_scores(self.judged(collected, "values"), self.truth(collected), self.field.unit)

    @property
    def output_kind(self) -> str:
        return "values"

    def _in_units(self, encoded: Tensor) -> np.ndarray:
        sizes = [int(np.prod(f.shape)) for f in self.fields.values()]
        parts = [
            f.decode(part).reshape(len(encoded), -1)
            for f, part in zip(self.fields.values(), encoded.split(sizes, dim=1))
        ]
        return np.concatenate(parts, axis=1)

    def _target_facts(self, data: Dataset) -> dict[str, Any]:
        size = sum(int(np.prod(f.shape)) for f in self.fields.values())
        batch = data.examples("train", limit=5000)
        target = torch.cat([batch[n].reshape(len(batch), -1) for n in self.targets], dim=1)
        codes = data.settings.label_encoding == "number" and data.source.codes() is not None
        low, high = float(target.min()), float(target.max())
        return {
            "kind": "number",
            "size": size,
            "min": low,
            "max": high,
            "codes": codes,
            "values": len(target.unique()),
        }
