"""Activations: functions of one number, each with its slope."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from torch import nn

from deepglass.by_hand.expressions import Expression, Named, of
from deepglass.by_hand.functions import choose, erf, exp, largest, least, ln, sqrt, tanh
from deepglass.by_hand.rule import Rule
from deepglass.by_hand.sheet import Grid, empty
from deepglass.layers import ScaledTanh
from deepglass.layers.scaled_tanh import AMPLITUDE

Value = Callable[[Any, Expression], Any]  # (layer, z) -> a
Slope = Callable[[Any, Expression, Expression], Any]  # (layer, z, a) -> da/dz
PI = Named("pi", math.pi)
TANH_OF_GELU = 0.044715  # Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016, section 2


def _sigmoid(z: Expression) -> Expression:
    return 1 / (1 + exp(-z))


def _softplus(layer: Any, z: Expression) -> Expression:
    b = layer.beta
    return choose(z, layer.threshold / b, z, ln(1 + exp(z)) if b == 1 else ln(1 + exp(b * z)) / b)


def _softplus_slope(layer: Any, z: Expression, a: Expression) -> Expression:
    b = layer.beta
    return choose(z, layer.threshold / b, 1, _sigmoid(z if b == 1 else b * z))


def _inner(z: Expression) -> Expression:
    return sqrt(2 / PI) * (z + TANH_OF_GELU * z**3)


def _gelu(layer: Any, z: Expression) -> Expression:
    if layer.approximate == "tanh":
        return 0.5 * z * (1 + tanh(_inner(z)))
    return 0.5 * z * (1 + erf(z / sqrt(of(2))))


def _gelu_slope(layer: Any, z: Expression, a: Expression) -> Expression:
    if layer.approximate == "tanh":
        within = sqrt(2 / PI) * (1 + 3 * TANH_OF_GELU * z**2)
        return 0.5 * (1 + tanh(_inner(z))) + 0.5 * z * (1 - tanh(_inner(z)) ** 2) * within
    return 0.5 * (1 + erf(z / sqrt(of(2)))) + z * exp(-(z**2) / 2) / sqrt(2 * PI)


def _between(layer: Any, z: Expression) -> Expression:
    return least(largest(z, of(layer.min_val)), of(layer.max_val))


def _step_between(layer: Any, z: Expression, a: Expression) -> Expression:
    return choose(z, layer.min_val, choose(-z, -layer.max_val, 1, 0), 0)


# The slopes at a corner are torch's: 0 for ReLU at 0.
FUNCTIONS: dict[type[nn.Module], tuple[Value, Slope]] = {
    nn.Sigmoid: (lambda y, z: _sigmoid(z), lambda y, z, a: a * (1 - a)),
    nn.Tanh: (lambda y, z: tanh(z), lambda y, z, a: 1 - a**2),
    nn.ReLU: (lambda y, z: choose(z, 0, z, 0), lambda y, z, a: choose(z, 0, 1, 0)),
    nn.LeakyReLU: (
        lambda y, z: choose(z, 0, z, y.negative_slope * z),
        lambda y, z, a: choose(z, 0, 1, y.negative_slope),
    ),
    nn.ELU: (
        lambda y, z: choose(z, 0, z, y.alpha * (exp(z) - 1)),
        lambda y, z, a: choose(z, 0, 1, y.alpha * exp(z)),
    ),
    nn.Softplus: (_softplus, _softplus_slope),
    nn.GELU: (_gelu, _gelu_slope),
    nn.SiLU: (lambda y, z: z * _sigmoid(z), lambda y, z, a: _sigmoid(z) * (1 + z * (1 - _sigmoid(z)))),
    nn.Hardtanh: (_between, _step_between),
    nn.ReLU6: (_between, _step_between),
    ScaledTanh: (
        lambda y, z: AMPLITUDE * tanh(2 * z / 3),
        lambda y, z, a: AMPLITUDE * (1 - (a / AMPLITUDE) ** 2) * 2 / 3,
    ),
}


class Activation(Rule):
    """a = f(z), each number alone; and back: dL/dz = dL/da · f'(z)."""

    letter = "a"

    def forward(self, x: Grid) -> Grid:
        value, _ = self._functions()
        self.x, made = x, empty(x.shape)
        for at in np.ndindex(x.shape):
            made[at] = value(self.layer, x[at])
        self.a = self.sheet.names(self.base, made)
        return self.a

    def backward(self, slope: Grid) -> Grid:
        _, derivative = self._functions()
        made = empty(slope.shape)
        for at in np.ndindex(slope.shape):
            made[at] = slope[at] * derivative(self.layer, self.x[at], self.a[at])
        return self.sheet.slopes(self.x, made)

    def _functions(self) -> tuple[Value, Slope]:
        return next(FUNCTIONS[kind] for kind in type(self.layer).__mro__ if kind in FUNCTIONS)
