"""Links: the calls of a network's layers in order, and where the inputs of each come from."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from deepglass.by_hand.rule import Rule


@dataclass
class Link:
    """One call of a layer, or of an operation that a forward does without a module.

    Args:
        name: what it is called in the table; module: of which module of the network, "" for an operation or a lone layer.
        sources: its inputs, by number of the value. gives: what its outputs are, by number.
        kind, follows: what an operation is, and the number of the link that it is called by; None where it follows an input.
    """

    name: str
    module: str
    layer: Any
    rule: type[Rule]
    sources: tuple[int, ...]
    gives: tuple[int, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    kind: str = ""
    follows: int | None = None


class Links:
    """What is calculated, in order. Values are numbered: first the inputs, then what comes as it is met.

    Attributes:
        constants: number of a value -> its numbers, where nothing is calculated; parameters: where it is a parameter.
    """

    def __init__(self, network: nn.Module, inputs: Sequence[str]) -> None:
        self.network, self.inputs = network, tuple(inputs)
        self.links: list[Link] = []
        self.names = list(inputs) if len(inputs) > 1 else ["the input"]  # of each value, the layer that made it
        self.makers: list[int | None] = [None] * len(self.names)  # the same as a number of a link; an input has none
        self.constants: dict[int, Tensor] = {}
        self.parameters: dict[int, str] = {}
        self.output = 0

    def constant(self, numbers: Tensor) -> int:
        self._value("a constant", None)
        self.constants[len(self.names) - 1] = numbers.detach().clone()
        return len(self.names) - 1

    def parameter(self, name: str) -> int:
        known = next((value for value, known in self.parameters.items() if known == name), None)
        if known is not None:
            return known
        self._value(name, None)
        self.parameters[len(self.names) - 1] = name
        return len(self.names) - 1

    def add(
        self,
        name: str,
        module: str,
        layer: Any,
        rule: type[Rule],
        sources: Sequence[int],
        options: Mapping[str, Any] | None = None,
    ) -> tuple[int, ...]:
        gives = tuple(self._value(name, len(self.links)) for _ in range(rule.gives))
        self.links.append(Link(name, module, layer, rule, tuple(sources), gives, options or {}))
        return gives

    def done(self, operation: Any, sources: Sequence[int]) -> int:
        """Add what a forward does without a module, and return the number of what it gives."""
        return self.after(operation.name, operation, operation.rule, sources)

    def after(
        self, kind: str, layer: Any, rule: type[Rule], sources: Sequence[int], options: Mapping[str, Any] | None = None
    ) -> int:
        """Add what has no name of its own, and is called by the layer that it follows."""
        made = [value for value in sources if value not in self.constants and value not in self.parameters]
        follows = max(made or sources)
        (value,) = self.add(f"{kind} after {self.names[follows]}", "", layer, rule, sources, options)
        self.links[-1].follows, self.links[-1].kind = self.makers[follows], kind
        self.same_maker(value, follows)
        return value

    def same_maker(self, value: int, other: int) -> None:
        """Say that a value counts as made by what made another one."""
        self.names[value], self.makers[value] = self.names[other], self.makers[other]

    def name_calls(self) -> None:
        """Tell the calls of one layer apart, and what follows them, and operations of one name."""
        many, seen = Counter(link.name for link in self.links), Counter[str]()
        for link in self.links:
            seen[link.name] += 1
            if link.module and many[link.name] > 1:
                link.name = f"{link.name}, call {seen[link.name]}"
        alike = Counter[str]()
        for link in self.links:
            if link.kind and link.follows is not None:
                link.name = f"{link.kind} after {self.links[link.follows].name}"
            alike[link.name] += 1
            if alike[link.name] > 1:
                link.name = f"{link.name} ({alike[link.name]})"

    def _value(self, name: str, maker: int | None) -> int:
        self.names.append(name)
        self.makers.append(maker)
        return len(self.names) - 1
