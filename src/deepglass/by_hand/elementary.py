"""Elementary: functions of one number that a forward may call without a module, beside the activations."""

from dataclasses import dataclass
from typing import Any, ClassVar

from deepglass.by_hand.activations import Activation, Slope, Value
from deepglass.by_hand.functions import absolute, choose, exp, ln, sqrt
from deepglass.by_hand.rule import Rule

ELEMENTARY: dict[str, tuple[Value, Slope]] = {
    "abs": (lambda y, z: absolute(z), lambda y, z, a: choose(z, 0, 1, choose(-z, 0, -1, 0))),
    "exp": (lambda y, z: exp(z), lambda y, z, a: a),
    "log": (lambda y, z: ln(z), lambda y, z, a: 1 / z),
    "minus": (lambda y, z: -z, lambda y, z, a: -1),
    "power": (lambda y, z: z**y.power, lambda y, z, a: y.power * (z if y.power == 2 else z ** (y.power - 1))),
    "reciprocal": (lambda y, z: 1 / z, lambda y, z, a: -(a**2)),
    "sqrt": (lambda y, z: sqrt(z), lambda y, z, a: 1 / (2 * a)),
}


class Elementwise(Activation):
    """a = f(z), each number alone. For `Elementary`."""

    @classmethod
    def letter_of(cls, layer: Any) -> str:
        return str(layer.name)

    def _functions(self) -> tuple[Value, Slope]:
        return ELEMENTARY[self.layer.name]


@dataclass(frozen=True)
class Elementary:
    """A function of one number. Args: name: one of ELEMENTARY; power: the exponent of a power."""

    name: str
    power: float = 2
    rule: ClassVar[type[Rule]] = Elementwise
