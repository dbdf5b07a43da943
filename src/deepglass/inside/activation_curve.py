"""Activation curve: what an activation makes of a number, its slope there, and where it is flat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from deepglass.errors import SettingError
from deepglass.layers import ACTIVATIONS
from deepglass.names import find

REACH = 6.0  # from -6 to 6: a sigmoid is within 0.003 of its ends there
PLACES = 601
FLAT_BELOW = (
    0.05  # of the largest slope, as in probes/quantities.py, where saturated units are counted by the same share
)
RANDOM = ("RReLU",)  # of torch.nn, whose slope is drawn anew each time


@dataclass(frozen=True)
class ActivationCurve:
    """An activation over a range. Shapes: x, values, slopes (places,); flat bool (places,): under 5 % of the largest slope."""

    name: str
    x: Tensor
    values: Tensor
    slopes: Tensor
    flat: Tensor


def known_activations() -> dict[str, Callable[[], nn.Module]]:
    """The activations by name: ours, and those of torch.nn that change each number by itself."""
    ours = {type(make()).__name__ for make in ACTIVATIONS.values()}
    kinds = {
        name: getattr(nn, name) for name in nn.modules.activation.__all__ if name not in ours and name not in RANDOM
    }
    return {**ACTIVATIONS, **{name: kind for name, kind in kinds.items() if _is_pointwise(kind)}}


def activation_curve(name: str, x: Tensor | Sequence[float] | None = None) -> ActivationCurve:
    """Return values and slopes of an activation, the slopes by autograd (of ReLU at 0, as torch takes it: 0).

    Args: x: where (default: 601 places from -6 to 6).
    Raises: UnknownName, for no activation; SettingError, for an x that is no row of finite numbers.

    >>> round(float(activation_curve("sigmoid", [0.0]).slopes), 2)
    0.25
    """
    made = find("activation", name, known_activations())().double().eval()
    places = torch.linspace(-REACH, REACH, PLACES, dtype=torch.float64)
    asked = places if x is None else torch.as_tensor(x, dtype=torch.float64)
    if asked.ndim != 1 or not bool(asked.isfinite().all()):
        raise SettingError("An activation is looked at in a row of finite numbers, such as [-2, 0, 2].")
    values, slopes = _measured(made, asked)
    steepest = float(_measured(made, places)[1].abs().max())
    return ActivationCurve(name, asked, values, slopes, slopes.abs() < FLAT_BELOW * steepest)


def _measured(made: nn.Module, x: Tensor) -> tuple[Tensor, Tensor]:
    x = x.clone().requires_grad_()
    values = made(x)
    (slopes,) = torch.autograd.grad(values.sum(), x)
    return values.detach(), slopes


def _is_pointwise(kind: Callable[[], nn.Module]) -> bool:
    """Whether each number has its own answer, whatever stands beside it."""
    row = torch.tensor([-1.5, 0.5, 2.0])
    try:
        made = kind().eval()
        if hasattr(made, "dim"):  # it shares out along an axis
            return False
        whole, alone = made(row.clone()), torch.cat([made(one.clone()) for one in row.split(1)])
    except (TypeError, RuntimeError, ValueError):  # it needs arguments, or an even number of inputs
        return False
    return whole.shape == row.shape and bool(torch.allclose(whole, alone))
