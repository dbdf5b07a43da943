"""Parameters of the layers: what is computed on the device of weights, gradients and updates."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.probes.layers import Part

FINGERPRINT_BITS = 24  # whole numbers up to here are exact in float32 too
TWIN_WEIGHTS = 64  # of a unit are compared; units that were drawn at random agree in none
WHOLE = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}  # by bytes

Numbers = dict[str, Tensor]


def norms(tensors: Sequence[Tensor], order: float = 2) -> tuple[Tensor, ...]:
    """Return the norm of each tensor, in float64 where the device has it: squares of float32 overflow at 1e19."""
    return torch._foreach_norm([t.detach() for t in tensors], order, dtype=_wide(tensors))


def together(parts: Iterable[Tensor]) -> Tensor:
    """The L2 norm of everything, from the norms of parts."""
    return torch.stack(list(parts)).square().sum().sqrt()


def weight_quantities(part: Part) -> Numbers:
    """The quantities of a layer's weights as they are now."""
    weights = [w.detach() for w in part.weights().values()]
    everything = [p.detach() for p in part.parameters.values()]
    count = sum(w.numel() for w in weights)
    if not count:
        return {}
    norm = together(norms(weights))
    mean = torch.stack([w.sum(dtype=norm.dtype) for w in weights]).sum() / count
    found = {
        "weight_norm": norm,
        "weight_std": (norm.square() / count - mean.square()).clamp_min(0).sqrt(),
        "weight_zero": _counted(weights, lambda w: w == 0) / count,
        "weight_nonfinite": _counted(everything, lambda w: w - w),  # 0 for what is finite, else nan
        "fingerprint": _fingerprint(everything),
    }
    if isinstance(part.module, nn.Linear | nn.modules.conv._ConvNd) and weights[0].ndim > 1:
        found["twin_units"] = _twins(weights[0])
    return found


def gradient_quantities(gradients: Sequence[Tensor | None], parameters: Sequence[Tensor]) -> Numbers:
    """The quantities of a layer's gradients; None stands for that of a parameter on which the loss does not depend."""
    count = sum(p.numel() for p in parameters)
    there = [g.detach() for g in gradients if g is not None]
    if not count:
        return {}
    if not there:
        zero = torch.zeros((), device=parameters[0].device)
        return {"gradient_norm": zero, "gradient_mean_abs": zero, "gradient_zero": zero + 1, "gradient_nonfinite": zero}
    missing = count - sum(g.numel() for g in there)
    return {
        "gradient_norm": together(norms(there)),
        "gradient_mean_abs": torch.stack(norms(there, 1)).sum() / count,
        "gradient_zero": (_counted(there, lambda g: g == 0) + missing) / count,
        "gradient_nonfinite": _counted(there, lambda g: g - g),
    }


def update_quantities(part: Part, before: Mapping[str, Tensor]) -> Numbers:
    """How far a step went, given the weights before it by name."""
    now = part.weights()
    if not now or not all(name in before for name in now):
        return {}
    old = [before[name] for name in now]
    change = together(norms(torch._foreach_sub([p.detach() for p in now.values()], old)))
    return {"update_norm": change, "update_ratio": change / together(norms(old))}


def dot(first: Mapping[str, Tensor], second: Mapping[str, Tensor]) -> Tensor:
    """The inner product of two sets of tensors of the same names."""
    wide = _wide(list(first.values()))
    return torch.stack([(a * second[name]).sum(dtype=wide) for name, a in first.items()]).sum()


def _counted(tensors: Iterable[Tensor], true_of: Any) -> Tensor:
    return torch.stack([torch.count_nonzero(true_of(t)) for t in tensors]).sum()


def _fingerprint(tensors: Iterable[Tensor]) -> Tensor:
    """A whole number from the bits of tensors: a sum, so that it is the same in any order of adding."""
    sums = [
        t.view(WHOLE[t.element_size()]).sum(dtype=torch.int64) * (2 * k + 1)
        for k, t in enumerate(tensors)
        if t.is_floating_point()
    ]
    return torch.stack(sums).sum().remainder(1 << FINGERPRINT_BITS) if sums else torch.zeros(())


def _twins(weight: Tensor) -> Tensor:
    """The share of rows of `weight`, shape (units, ...), that are equal to another row, bit for bit."""
    rows = weight.flatten(1)
    if len(rows) < 2 or weight.element_size() not in WHOLE:
        return torch.zeros((), device=weight.device)
    at = torch.linspace(0, rows.shape[1] - 1, min(TWIN_WEIGHTS, rows.shape[1]), device=rows.device).long()
    bits = rows[:, at].contiguous().view(WHOLE[weight.element_size()]).to(torch.int64)
    odd = torch.arange(1, 2 * len(at), 2, device=rows.device) * 0x9E3779B1  # a multiple of its own for each place
    keys = ((bits * odd) ^ (bits * odd >> 15)).sum(1).sort().values
    equal = torch.zeros(len(keys), dtype=torch.bool, device=rows.device)
    equal[1:] |= keys[1:] == keys[:-1]
    equal[:-1] |= keys[1:] == keys[:-1]
    return equal.float().mean()


def _wide(tensors: Sequence[Tensor]) -> torch.dtype:
    return torch.float32 if tensors and tensors[0].device.type == "mps" else torch.float64
