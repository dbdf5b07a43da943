"""Outputs of a layer: what is computed of them on the device at each call, and what of all calls together."""

from dataclasses import dataclass, field
from functools import lru_cache

import torch
from torch import Tensor

from deepglass.probes.quantities import QUANTILES, SATURATED_BELOW, SATURATED_ROWS

SAMPLE = 512  # numbers of a call from which quantiles are taken
GOLDEN = 0.6180339887498949  # its multiples modulo 1 are spread evenly and fall in step with no period of units or rows
CONSTANT = 1e-6  # spread of a constant unit, at most, relative to its size: a few roundings of float32
CALLS = 16  # of one layer in a pass are measured; a recurrent cell may be called hundreds of times


@dataclass
class Outputs:
    """All calls of one layer in one look. Vectors hold one number a unit and stay on the device."""

    kind: str
    shape: tuple[int, ...]
    units: int
    calls: int = 0
    counts: list[int] = field(default_factory=list)  # numbers of a unit, call by call
    means: list[Tensor] = field(default_factory=list)
    variances: list[Tensor] = field(default_factory=list)
    zeros: list[Tensor] = field(default_factory=list)
    lows: list[Tensor] = field(default_factory=list)
    highs: list[Tensor] = field(default_factory=list)
    flat: list[Tensor] = field(default_factory=list)  # how many are saturated
    samples: list[Tensor] = field(default_factory=list)
    backward: list[Tensor] = field(default_factory=list)  # root mean squares of gradients, call by call

    def add(self, y: Tensor, axis: int, steep: Tensor | None) -> None:
        """Measure one call. Shapes: `y` and `steep` alike, the units along `axis`."""
        self.calls += 1
        units = y.shape[axis]
        if units != self.units or len(self.counts) >= CALLS or not y.numel():
            return
        over = tuple(a for a in range(y.ndim) if a != axis)
        y = y.float() if y.dtype in (torch.float16, torch.bfloat16) else y
        mean = y.mean(over)  # and not var_mean, whose way through the memory of an image is three times as long
        around = y - mean.reshape([-1 if a == axis else 1 for a in range(y.ndim)])
        variance = torch.linalg.vector_norm(around, dim=over).square() / (y.numel() // units)
        self.counts.append(y.numel() // units)
        self.means.append(mean)
        self.variances.append(variance)
        self.zeros.append(torch.count_nonzero(y == 0, dim=over))
        self.lows.append(y.amin(over))
        self.highs.append(y.amax(over))
        if steep is not None:
            self.flat.append(torch.count_nonzero(steep < SATURATED_BELOW, dim=over))
        self.samples.append(y.take(_spread(y.numel(), str(y.device))))

    def measured(self) -> dict[str, Tensor]:
        """The quantities of all calls together: numbers, and a vector for quantiles."""
        if not self.counts:
            return {}
        share = torch.tensor(self.counts, dtype=torch.float64)
        share = (share / share.sum()).to(self.means[0])[:, None]  # (calls, 1)
        means = torch.stack(self.means)
        unit_mean = (means * share).sum(0)
        unit_variance = (torch.stack(self.variances) * share + (means - unit_mean).square() * share).sum(0)
        low, high = torch.stack(self.lows).amin(0), torch.stack(self.highs).amax(0)
        total = sum(self.counts)
        zero = torch.stack(self.zeros).sum(0)
        dead = (low == 0) & (high == 0)
        same = (high - low) <= CONSTANT * torch.maximum(high.abs(), low.abs())
        variance = unit_variance.mean()
        found = {
            "activation_mean": unit_mean.mean(),
            "activation_std": (variance + unit_mean.var(correction=0)).sqrt(),
            "activation_unit_std": variance.sqrt(),
            "activation_zero": zero.sum() / (total * self.units),
            "activation_quantiles": _quantiles(torch.cat(self.samples)),
            "activation_nonfinite": torch.count_nonzero(~torch.isfinite(unit_variance)),
            "dead_units": dead.float().mean(),
            "constant_units": (same & ~dead).float().mean(),
        }
        if self.flat:
            flat = torch.stack(self.flat).sum(0) / total
            found["saturated"] = flat.mean()
            found["saturated_units"] = (flat >= SATURATED_ROWS).float().mean()
        if self.backward:
            found["backward_rms"] = torch.stack(self.backward).square().mean().sqrt()
        return found


def _quantiles(sample: Tensor) -> Tensor:
    """The values nearest in rank to each of QUANTILES."""
    return sample.sort().values[_ranks(len(sample), str(sample.device))]


@lru_cache(maxsize=256)
def _ranks(count: int, device: str) -> Tensor:
    return torch.tensor([round(q * (count - 1)) for q in QUANTILES], device=device)


@lru_cache(maxsize=256)
def _spread(numel: int, device: str) -> Tensor:
    """Places of at most SAMPLE of `numel` numbers, spread evenly."""
    if numel <= SAMPLE:
        return torch.arange(numel, device=device)
    places = (torch.arange(1, SAMPLE + 1, dtype=torch.float64) * GOLDEN).remainder(1)
    return (places * numel).long().to(device)
