"""Series task: what forecasting and imputation share, learning numbers along time that are judged in their own unit."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor, nn

from deepglass.data import Dataset
from deepglass.data.windows import Windows
from deepglass.errors import ShapeError
from deepglass.tasks.blocks import over_blocks
from deepglass.tasks.supervised import Collected, Supervised


class SeriesTask(Supervised):
    """Learn numbers along time. The loss is in the scaled unit of training, mae and rmse are in the target's own unit.

    normalized_mse and normalized_mae are in deviations of the training past, whatever the scaling.
    """

    kinds = ("series",)
    shown = ("mae", "rmse")

    def prepare(self, data: Dataset, network: nn.Module) -> None:
        super().prepare(data, network)
        if len(self.fields) != 1:
            raise ShapeError(
                f"{self.name} learns one field, and there are {len(self.fields)}: {', '.join(self.fields)}. Give several variables "
                f"as one field, target=[...] of a table with a time."
            )
        self.deviation = np.asarray(self.field.encoding["deviation"])
        self.moments = None if data.source.spans is None else data.source.spans[:, 0]

    @property
    def output_kind(self) -> str:
        return "values"

    @property
    def variables(self) -> list[str]:
        return list(self.field.encoding["variables"])

    @property
    def columns(self) -> list[str]:
        """A name for each number of an example: of which variable, at which step."""
        return [f"{name} {step}" for step in range(1, self.field.shape[0] + 1) for name in self.variables]

    def judged(self, collected: Collected, takes: str) -> np.ndarray:
        return self.in_units(collected.prediction["value"])

    def answers(self, collected: Collected) -> np.ndarray:
        return self.judged(collected, "values")

    def truth(self, collected: Collected) -> np.ndarray:
        return self.in_units(collected.target)

    def in_units(self, encoded: Tensor) -> np.ndarray:
        """Encoded numbers in the target's own unit. Shapes: (examples, time * variables) or split up; returned flat, float64."""
        whole = encoded.reshape(len(encoded), -1, len(self.variables))
        return self.field.decode(whole).reshape(len(encoded), -1)

    def errors(self, guess: np.ndarray, truth: np.ndarray) -> dict[str, float]:
        """What both tasks say of guesses. Shapes: both (examples, time * variables), in units; nan in the truth does not count."""
        known = np.isfinite(truth)
        if not known.any():
            return {}
        off = np.where(known, guess - np.where(known, truth, 0.0), 0.0)
        scaled = (off.reshape(-1, len(self.variables)) / self.deviation).reshape(off.shape)
        count = known.sum()
        return {
            "mae": float(np.abs(off).sum() / count),
            "rmse": float(((off**2).sum() / count) ** 0.5),
            "normalized_mse": float((scaled**2).sum() / count),
            "normalized_mae": float(np.abs(scaled).sum() / count),
        }

    def error_of_each(self, guess: np.ndarray, truth: np.ndarray, metric: str) -> np.ndarray:
        """Each example's mean error, shape (examples,): in the own unit for "mae", else in deviations of the training past."""
        known = np.isfinite(truth)
        off = np.where(known, guess - np.where(known, truth, 0.0), 0.0)
        if metric != "mae":
            off = (off.reshape(-1, len(self.variables)) / self.deviation).reshape(off.shape)
        size = off**2 if metric == "normalized_mse" else np.abs(off)
        return size.sum(axis=1) / np.maximum(known.sum(axis=1), 1)

    def beside_network(
        self, guess: np.ndarray, own: np.ndarray | None, truth: np.ndarray, ids: np.ndarray
    ) -> dict[str, Any]:
        """Score another model's guesses, and compare them with the network's `own` on the same examples, block by block in time."""
        scores: dict[str, Any] = self.errors(guess, truth)
        if ends := self.interval(self.error_of_each(guess, truth, "mae"), ids):
            scores["mae_interval"] = ends
        if own is not None and scores:
            metric = self.compared_by
            theirs, ours = (self.error_of_each(g, truth, metric) for g in (guess, own))
            interval = self.interval(theirs - ours, ids)
            if interval is not None:  # too short a time says neither
                low, high = interval
                verdict = "within noise" if low <= 0 <= high else "better" if high < 0 else "worse"
                difference = float((theirs - ours).mean())
                scores["compared"] = {
                    "metric": metric,
                    "difference": difference,
                    "interval": interval,
                    "verdict": verdict,
                }
        return scores

    @property
    def compared_by(self) -> str:
        """The metric by which other models are compared with the network: the one that it was trained to make small."""
        return "normalized_mse" if self.loss_name == "mse" else "mae"

    def interval(self, values: np.ndarray, ids: np.ndarray) -> list[float] | None:
        """Where the mean of one number an example may lie at 95 %, as time goes on alike; None where that cannot be told."""
        if self.moments is None:
            return None
        return over_blocks(values, self.moments[ids], self.field.shape[0])

    def beside(self, data: Dataset, ids: Tensor, seed: int, said: Collected | None = None) -> dict[str, dict[str, Any]]:
        """What simple models reach on the examples `ids`, and how they compare with what the network `said` of them."""
        return {}

    def table(self, decoded: Mapping[str, np.ndarray], last: Sequence[str]) -> dict[str, Any]:
        """A row for each time step: decoded predictions as long columns.

        Args: last: for each example the time of its last known step as a number, after a tab its series; none where not known.
        """
        titles = [text.partition("\t")[2] for text in last]
        return frame_of(decoded, titles if any(titles) else [])

    def direction(self, metric: str) -> str:
        return "max" if metric == "coverage" else "min"

    def windows(self, data: Dataset, name: str) -> Windows:
        """The raw windows of a field. Raises: ShapeError, where it holds single series."""
        values = data.source.fields[name].values
        if not isinstance(values, Windows):
            raise ShapeError(
                f"{self.name} learns from windows of one long series; the field {name!r} holds series of their own. Load a table "
                f"with time= and lookback=, or an array (time, variables) with lookback=."
            )
        return values

    def _target_facts(self, data: Dataset) -> dict[str, Any]:
        batch = data.examples("train", limit=5000)
        target = batch[self.targets[0]]
        known = target[target.isfinite()]
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
        return {"kind": "number", "size": self.wanted, "min": low, "max": high, "values": len(known.unique())}

    @property
    def wanted(self) -> int:
        """The numbers that the network has to give for an example."""
        return int(np.prod(self.field.shape))


def frame_of(columns: Mapping[str, np.ndarray], titles: list[str]) -> dict[str, Any]:
    """Columns (examples, time) as long columns, a row for each example and step; `titles` name the examples."""
    first = next(iter(columns.values()))
    steps = first.shape[1]
    long = {name: values.reshape(-1) for name, values in columns.items()}
    numbers = {"step": np.tile(np.arange(1, steps + 1), len(first))}
    return ({"series": np.repeat(titles, steps)} if titles else {}) | numbers | long
