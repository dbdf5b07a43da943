"""Forecasting: the next steps of a series, as one number each or with quantiles that say how sure it is."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.data import Batch, Dataset
from deepglass.data.readers.series_time import Step, written
from deepglass.errors import SettingError, ShapeError
from deepglass.tasks.forecast_baselines import guesses
from deepglass.tasks.series import SeriesTask
from deepglass.tasks.supervised import Collected


class Pinball:
    """The loss that is smallest at a quantile: below it an error costs the quantile, above it the rest.

    Shapes: output (batch, numbers * quantiles) or split up, the quantiles varying fastest; target (batch, ...) of so many
    numbers; returns (batch,), the mean over numbers and quantiles.
    Source: Koenker and Bassett, "Regression Quantiles", Econometrica 1978.
    """

    __name__ = "pinball"

    def __init__(self, quantiles: Sequence[float]) -> None:
        self.quantiles = tuple(quantiles)

    def __call__(self, output: Tensor, target: Tensor) -> Tensor:
        share = torch.tensor(self.quantiles, device=output.device, dtype=output.dtype)
        flat = target.reshape(len(target), -1, 1).to(output.dtype)
        off = flat - output.reshape(len(output), -1, len(share))
        return torch.maximum(share * off, (share - 1) * off).flatten(1).mean(1)


class FromLast(nn.Module):
    """A network between changes: it is given a window minus its last row, and that row is added to what it gives.

    Shapes: input (batch, time, variables); output as the network's, (batch, steps * variables * quantiles) or split up.
    """

    def __init__(self, network: nn.Module, columns: Sequence[int], shape: Sequence[int], quantiles: int) -> None:
        super().__init__()
        self.network, self.columns, self.shape, self.quantiles = network, list(columns), tuple(shape), max(1, quantiles)

    def forward(self, x: Tensor) -> Tensor:
        last = x[:, -1:]
        output = self.network(x - last)
        whole = output.reshape(len(x), *self.shape, self.quantiles) + last[:, :, self.columns, None]
        return whole.reshape(output.shape)


class Forecasting(SeriesTask):
    """Learn the steps that follow a window.

    Args:
        loss: mse, mae, huber, or a function of yours; with quantiles the pinball loss.
        quantiles: to be learned, such as [0.1, 0.5, 0.9]; the network then gives horizon x variables x quantiles numbers.
        from_last: the network is given each window minus its last value, and what it gives is added to that value, so that a
            level which drifts away from the training past does no harm (Zeng et al., AAAI 2023, "NLinear").

    Beside the metrics of `SeriesTask`: mase, the mean absolute error over what repeating the season before is off by in the
    training past (below 1 is better than that); and with quantiles coverage, the share of the truth between the outermost.
    Source: Hyndman and Koehler, "Another look at measures of forecast accuracy", International Journal of Forecasting 2006.
    """

    name = "forecasting"

    def __init__(
        self,
        loss: Any = "auto",
        output: str = "auto",
        metrics: Iterable[str] | Mapping[str, Any] = (),
        *,
        quantiles: Sequence[float] = (),
        from_last: bool = False,
    ) -> None:
        self.from_last = from_last
        self.quantiles = tuple(sorted(quantiles))
        if self.quantiles and not callable(loss):
            if loss not in ("auto", "pinball"):
                raise SettingError(
                    f"task.quantiles are learned with the pinball loss, not with {loss!r}. Leave task.loss out."
                )
            loss = Pinball(self.quantiles)
        elif loss == "pinball":
            raise SettingError("task.loss=pinball learns quantiles. Say which: task.quantiles=[0.1, 0.5, 0.9].")
        super().__init__(loss, output, metrics)

    def prepare(self, data: Dataset, network: nn.Module) -> None:
        super().prepare(data, network)
        if self.quantiles and self.outputs != self.wanted:
            steps, variables = self.field.shape
            raise ShapeError(
                f"The network gives {self.outputs} numbers an example, and {steps} steps x {variables} variables x "
                f"{len(self.quantiles)} quantiles are {self.wanted}. Build it with outputs={self.wanted}."
            )
        if self.from_last:
            self._check_from_last(data)
        error = np.asarray(self.field.encoding.get("naive_error", []))
        self.naive = error if len(error) and (error > 0).all() else None

    @property
    def wanted(self) -> int:
        return super().wanted * max(1, len(self.quantiles))

    def output_of(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> Any:
        return super().output_of(self._seen(network), inputs)

    def collect(self, network: nn.Module, batches: Iterable[Batch]) -> Collected:
        return super().collect(self._seen(network), batches)

    def predict(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return super().predict(self._seen(network), inputs)

    def interpret(self, output: Tensor) -> dict[str, Tensor]:
        """Shapes: returns `value` (examples, steps * variables), still encoded, and `quantiles` (..., quantiles) where learned.

        Quantiles that cross are put in order: Chernozhukov et al., "Quantile and Probability Curves Without Crossing", 2010.
        """
        values = output.detach().float().reshape(len(output), -1)
        if not self.quantiles:
            return {"value": values}
        quantiles = values.reshape(len(output), -1, len(self.quantiles)).sort(dim=2).values
        middle = min(range(len(self.quantiles)), key=lambda i: abs(self.quantiles[i] - 0.5))
        return {"value": quantiles[..., middle], "quantiles": quantiles}

    def decode(self, prediction: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
        """One column a variable, and one for each of its quantiles: (examples, steps), in units."""
        shape = (len(prediction["value"]), *self.field.shape)
        values = self.in_units(prediction["value"].cpu()).reshape(shape)
        decoded = {name: values[:, :, i] for i, name in enumerate(self.variables)}
        for k, share in enumerate(self.quantiles):
            values = self.in_units(prediction["quantiles"][..., k].cpu()).reshape(shape)
            decoded |= {f"{name} {share:g}": values[:, :, i] for i, name in enumerate(self.variables)}
        return decoded

    def table(self, decoded: Mapping[str, np.ndarray], last: Sequence[str]) -> dict[str, Any]:
        """A row for each step ahead, with its time where that is known."""
        long = super().table(decoded, last)
        encoding = self.field.encoding
        step = Step.from_dict(encoding["step"]) if "step" in encoding else Step("rows", 1.0)
        if last and step.unit != "rows":
            stamps = [
                t for text in last for t in step.after(float(text.partition("\t")[0]), self.field.shape[0]).tolist()
            ]
            long = {"time": [written(t, dates=bool(encoding["dates"])) for t in stamps], **long}
        return long

    def score(self, collected: Collected) -> dict[str, float]:
        scores = super().score(collected)
        guess, truth = self.judged(collected, "values"), self.truth(collected)
        found = self.errors(guess, truth)
        scores |= {**self._mase(guess, truth), **{n: v for n, v in found.items() if n not in scores}}
        return scores | self._coverage(collected)

    def evaluation(self, collected: Collected) -> dict[str, Any]:
        guess, truth, ids = self.judged(collected, "values"), self.truth(collected), collected.ids.numpy()
        found: dict[str, Any] = {"examples": len(truth), **self.errors(guess, truth), **self._mase(guess, truth)}
        for metric in ("mae", "normalized_mse", "normalized_mae"):
            if ends := self.interval(self.error_of_each(guess, truth, metric), ids):
                found[f"{metric}_interval"] = ends
        if self.quantiles:
            below = self._below(collected)
            found["quantiles"] = {
                f"{q:g}": float(share) for q, share in zip(self.quantiles, below)
            }  # share of the truth below each
        return {**found, **self._coverage(collected), "unit": self.field.unit}

    def beside(self, data: Dataset, ids: Tensor, seed: int, said: Collected | None = None) -> dict[str, dict[str, Any]]:
        """What naive, seasonal naive and linear forecasts reach on the examples `ids`, compared with the network's."""
        members = ids.numpy()
        truth = self.in_units(data.read(ids)[self.targets[0]].cpu())
        own = None if said is None else self.judged(said, "values")
        found = {}
        for name, guess in guesses(data, self.inputs[0], self.targets[0], members).items():
            flat = guess.values.reshape(len(members), -1)
            found[name] = self.beside_network(flat, own, truth, members) | self._mase(flat, truth)
            found[name]["by_step"] = self._by_step(flat, truth)
            if guess.note:
                found[name]["note"] = guess.note
        return found

    def facts(self) -> dict[str, Any]:
        known = super().facts()
        known |= {"period": self.field.encoding.get("period", 1)}
        known |= {"from_last": True} if self.from_last else {}
        return known | ({"quantiles": list(self.quantiles)} if self.quantiles else {})

    def _seen(self, network: nn.Module) -> nn.Module:
        return (
            FromLast(network, self.last_columns, self.field.shape, len(self.quantiles)) if self.from_last else network
        )

    def _check_from_last(self, data: Dataset) -> None:
        """Find what is forecast among what is seen. Raises: SettingError, where it is not, or is scaled in another way."""
        seen, learned = next(iter(data.inputs.values())).encoding, self.field.encoding
        absent = [n for n in self.variables if n not in seen["variables"]]
        if len(data.inputs) != 1 or seen.get("known") or absent:
            raise SettingError(
                "task.from_last adds to the last known value, so that what is forecast has to be among the inputs, without holes"
                f"{f': {absent[0]!r} is not' if absent else ''}. Leave it out."
            )
        self.last_columns = [seen["variables"].index(n) for n in self.variables]
        own = [(seen["offset"][i], seen["scale"][i]) for i in self.last_columns]
        if own != list(zip(learned["offset"], learned["scale"])):
            raise SettingError(
                "task.from_last needs inputs and target scaled alike. Set data.scaling and data.target_scaling to one."
            )

    def _mase(self, guess: np.ndarray, truth: np.ndarray) -> dict[str, float]:
        if self.naive is None or not len(truth):
            return {}
        off = np.abs(guess - truth).reshape(-1, len(self.variables)) / self.naive
        return {"mase": float(np.nanmean(off))}

    def _by_step(self, guess: np.ndarray, truth: np.ndarray) -> list[float]:
        """The mean absolute error of the first variable at each step ahead."""
        off = np.abs(guess - truth).reshape(len(truth), -1, len(self.variables))[..., 0]
        return np.nanmean(off, axis=0).tolist() if len(truth) else []

    def _coverage(self, collected: Collected) -> dict[str, float]:
        """The share of the truth between the lowest and the highest quantile."""
        if len(self.quantiles) < 2 or not len(collected.target):
            return {}
        flat = collected.target.reshape(len(collected.target), -1)
        quantiles = collected.prediction["quantiles"]
        inside = (flat >= quantiles[..., 0]) & (flat <= quantiles[..., -1])
        return {"coverage": float(inside.double().mean())}

    def _below(self, collected: Collected) -> np.ndarray:
        flat = collected.target.reshape(len(collected.target), -1, 1)
        return (flat <= collected.prediction["quantiles"]).double().mean(dim=(0, 1)).numpy()
