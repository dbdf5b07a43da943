"""Imputation: the holes of a series, filled from what stands around them."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.data import Batch, Dataset
from deepglass.errors import ShapeError
from deepglass.networks import call
from deepglass.randomness import Noise
from deepglass.tasks.series import SeriesTask
from deepglass.tasks.supervised import Collected

FILLED_BY = ("last value", "straight line")


class Imputation(SeriesTask):
    """Learn to fill holes: some known values are hidden, and the network says what they were.

    The network sees each variable, 0 where it is missing or hidden, and beside it 1 or 0 for known or not
    (`on_missing=keep`); it gives a number for each time step and variable. What is hidden is a function of (seed, epoch,
    sample) while it learns, and of the sample alone when it is judged; values that were missing to begin with are never judged.
    Args:
        hidden: share of the known values that are hidden.
        hidden_run: time steps that are hidden in a row.
    Source: the training of denoising autoencoders, Vincent et al., ICML 2008; of series: Cao et al., "BRITS", NeurIPS 2018,
        section 5.1.
    """

    name = "imputation"

    def __init__(
        self,
        loss: Any = "auto",
        output: str = "auto",
        metrics: Iterable[str] | Mapping[str, Any] = (),
        *,
        hidden: float = 0.2,
        hidden_run: int = 1,
    ) -> None:
        super().__init__(loss, output, metrics)
        self.hidden, self.hidden_run = hidden, hidden_run

    def prepare(self, data: Dataset, network: nn.Module) -> None:
        known = [n for n, f in data.inputs.items() if f.encoding.get("known")]
        if len(data.inputs) != 1 or not known:
            raise ShapeError(
                "imputation learns from windows with holes: load a series with horizon=0 and on_missing='keep', so that beside "
                "each variable stands what is known of it."
            )
        target = next(iter(data.targets.values()), None)
        if (
            target is None
            or target.kind != "series"
            or target.encoding["variables"] != data.inputs[known[0]].encoding["variables"]
        ):
            raise ShapeError("imputation fills the window itself. Load the series with horizon=0.")
        super().prepare(data, network)

    def losses(self, network: nn.Module, batch: Batch, player: str, noise: Noise) -> dict[str, Tensor]:
        seen, asked = self._hide(batch, noise)
        output = call(network, {self.inputs[0]: seen}).reshape(asked.shape)
        return {"loss": self._hidden_loss(output, batch[self.targets[0]], asked).sum() / asked.sum().clamp_min(1)}

    def weight_of(self, batch: Batch) -> float | Tensor:
        return len(batch)

    def collect(self, network: nn.Module, batches: Iterable[Batch]) -> Collected:
        """Hide values by the sample alone, and keep what the network says of these; the truth is nan everywhere else."""
        parts = []
        for batch in batches:
            seen, asked = self._hide(batch, Noise(0, 0, batch.ids, "imputation"))
            output = call(network, {self.inputs[0]: seen}).reshape(asked.shape).float()
            truth = batch[self.targets[0]].masked_fill(~asked, torch.nan)
            each = self._hidden_loss(output, batch[self.targets[0]], asked).flatten(1).sum(1) / asked.flatten(1).sum(
                1
            ).clamp_min(1)
            parts.append((output, truth, each, batch.ids, seen))
        output, truth, each, ids, seen = (torch.cat(p).cpu() for p in zip(*parts))
        return Collected({"value": output.flatten(1), "seen": seen}, truth, each.float(), ids, None, output)

    def interpret(self, output: Tensor) -> dict[str, Tensor]:
        return {"value": output.detach().float().reshape(len(output), -1)}

    def score(self, collected: Collected) -> dict[str, float]:
        """The loss and the errors at the hidden values alone."""
        return {
            "loss": float(collected.losses.mean()),
            **self.errors(self.judged(collected, "values"), self.truth(collected)),
        }

    def evaluation(self, collected: Collected) -> dict[str, Any]:
        guess, truth, ids = self.judged(collected, "values"), self.truth(collected), collected.ids.numpy()
        found: dict[str, Any] = {
            "examples": len(truth),
            "hidden": int(np.isfinite(truth).sum()),
            **self.errors(guess, truth),
        }
        for metric in ("mae", "normalized_mse"):
            if ends := self.interval(self.error_of_each(guess, truth, metric), ids):
                found[f"{metric}_interval"] = ends
        return {**found, "unit": self.field.unit}

    def beside(self, data: Dataset, ids: Tensor, seed: int, said: Collected | None = None) -> dict[str, dict[str, Any]]:
        """What the last known value and a straight line between known ones reach on the same hidden values."""
        batch = data.read(ids)
        seen, asked = self._hide(batch, Noise(0, 0, batch.ids, "imputation"))
        truth = self.in_units(batch[self.targets[0]].masked_fill(~asked, torch.nan).cpu())
        own = None if said is None else self.judged(said, "values")
        found = {}
        for name in FILLED_BY:
            guess = self.in_units(torch.from_numpy(filled(seen.cpu().double().numpy(), name)))
            found[name] = self.beside_network(guess, own, truth, ids.numpy())
        return found

    def predict(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Known values as they are, and what the network says in place of missing ones."""
        seen = inputs[self.inputs[0]]
        values, known = seen.chunk(2, dim=2)
        output = call(network, inputs).reshape(values.shape)
        return {
            "value": torch.where(known > 0, values, output.float()).flatten(1),
            "filled": (known == 0).float().flatten(1),
        }

    def decode(self, prediction: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
        """One column a variable, and one that says whether it was filled: (examples, steps)."""
        shape = (len(prediction["value"]), *self.field.shape)
        values = self.in_units(prediction["value"].cpu()).reshape(shape)
        holes = prediction["filled"].cpu().numpy().reshape(shape) > 0
        decoded = {name: values[:, :, i] for i, name in enumerate(self.variables)}
        return decoded | {f"{name} filled": holes[:, :, i] for i, name in enumerate(self.variables)}

    def facts(self) -> dict[str, Any]:
        return super().facts() | {"hidden": self.hidden, "hidden_run": self.hidden_run}

    def _hide(self, batch: Batch, noise: Noise) -> tuple[Tensor, Tensor]:
        """Hide some known values. Shapes: returns the input (batch, time, 2 * variables), and what was hidden, half as wide."""
        values, known = batch[self.inputs[0]].chunk(2, dim=2)
        drawn = noise.uniform("hidden", *values.shape[1:])
        if self.hidden_run > 1:  # a hole begins so rarely that the same share is hidden in the end
            start = drawn < 1 - (1 - self.hidden) ** (1 / self.hidden_run)
            wide = nn.functional.pad(start.float().transpose(1, 2), (self.hidden_run - 1, 0))
            chosen = nn.functional.max_pool1d(wide, self.hidden_run, 1).transpose(1, 2) > 0
        else:
            chosen = drawn < self.hidden
        hidden = chosen & (known > 0)
        return torch.cat([values.masked_fill(hidden, 0.0), known.masked_fill(hidden, 0.0)], dim=2), hidden

    def _hidden_loss(self, output: Tensor, truth: Tensor, asked: Tensor) -> Tensor:
        """The loss of each hidden value, 0 elsewhere. Shapes: all (batch, time, variables)."""
        assert self.loss_function is not None
        flat = self.loss_function(output.reshape(-1, 1), torch.where(asked, truth, output.detach()).reshape(-1, 1))
        return flat.reshape(asked.shape) * asked


def filled(seen: np.ndarray, how: str) -> np.ndarray:
    """Fill what is not known from what is, along time; a window without a known value gets 0, the mean of the training past.

    Shapes: seen (examples, time, 2 * variables), the values and then what is known of them; returned half as wide.
    Args: how: "last value" (before the first one that one), or "straight line" (beyond the ends the nearest value).
    """
    values, known = np.split(seen, 2, axis=2)
    time = np.arange(values.shape[1])
    result = values.copy()
    for example in range(len(values)):
        for variable in range(values.shape[2]):
            there = np.flatnonzero(known[example, :, variable] > 0)
            if not len(there):
                result[example, :, variable] = 0.0
                continue
            own = values[example, there, variable]
            if how == "straight line":
                result[example, :, variable] = np.interp(time, there, own)
            else:
                result[example, :, variable] = own[np.maximum(np.searchsorted(there, time, side="right") - 1, 0)]
    return result
