"""Following: a forward of one's own is run once, and what each layer was given is recognized among what others gave."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from deepglass.by_hand.joining import Product, SideBySide, Sum
from deepglass.by_hand.passing import LastStep, MeanOfSteps
from deepglass.by_hand.recognizing import Link, Values
from deepglass.by_hand.rule import Rule
from deepglass.errors import SettingError, ShapeError
from deepglass.networks.call import call

# The run that is followed is on other numbers, so that no two values are alike by chance: a branch that starts at 0 would hide
# behind its skip, a ReLU behind numbers above 0. Then it is tried on the true ones; where that fails, others are drawn.
SHAKE = 0.3  # of weights, added to them
ROWS = 16
TRIES = 3
SAME = 1e-5  # between two ways to the output, of which one may have rounded some constants to float32
HIDING = ("mask", "attn_mask", "key_padding_mask", "rotation", "past")  # keywords that change what an attention sees

RuleFor = Callable[[nn.Module], type[Rule] | None]


class Call(NamedTuple):
    """One call of a layer, with its tensors as they were at that moment."""

    name: str
    given: tuple[Any, ...]
    options: Mapping[str, Any]
    gave: Any


def followed(
    network: nn.Module, inputs: Mapping[str, Tensor], rule_for: RuleFor, *, training: bool
) -> tuple[list[Link], int]:
    """Return the layers in the order of their calls with what each is given, and which value is the output.

    Raises: SettingError, naming a layer that has no rule, or two between which something else happens; ShapeError.
    """
    for seed in range(TRIES):
        links, output = _recognized(network, *_called(network, inputs, rule_for, seed), rule_for, training)
        if _gives_the_same(network, inputs, links, output):
            return links, output
    raise SettingError(
        f"What {type(network).__name__} does between its layers was not recognized: calculated so, its output would be another. "
        "Write it with modules such as nn.ReLU()."
    )


def unknown(name: str, layer: nn.Module) -> SettingError:
    """The error for a layer without a rule."""
    from deepglass.by_hand import RULES  # here, because the folder whose catalogue this is imports this file

    silent = (LastStep, MeanOfSteps, Sum, Product, SideBySide)
    known = ", ".join(sorted(kind.__name__ for kind in RULES if kind not in silent))
    what = f"{name} ({type(layer).__name__})" if name else type(layer).__name__
    return SettingError(f"The layer {what} is not calculated by hand. Known: {known}.")


def _recognized(
    network: nn.Module,
    inputs: Mapping[str, Tensor],
    calls: Sequence[Call],
    output: Any,
    rule_for: RuleFor,
    training: bool,
) -> tuple[list[Link], int]:
    """The links that the calls of one run show, and which value is the output."""
    if not calls:
        raise SettingError(f"{type(network).__name__} calls no layer that could be calculated by hand.")
    originals, values = dict(network.named_modules()), Values(inputs)
    for one in calls:
        layer = originals[one.name]
        rule = rule_for(layer)
        if rule is None:
            raise unknown(one.name, layer)
        if getattr(layer, "batch_first", True) is False:
            raise SettingError(f"{one.name} reads series as (steps, batch, features). Make it with batch_first=True.")
        _check_hidden(one, layer)
        known = training or not isinstance(layer, nn.Dropout)
        tensors = [t for t in (*one.given, *(one.options.get(n) for n in rule.inputs)) if isinstance(t, Tensor)]
        sources = [values.source(t, one.name, known=known) for t in tensors[: len(rule.inputs)]]
        if None in sources:
            continue  # a dropout beside the way, such as of which words of a text count; in evaluation it does nothing
        if len(sources) != len(rule.inputs):
            raise SettingError(f"{one.name} is given {len(sources)} of {', '.join(rule.inputs)}. Give it each of them.")
        gave = one.gave[0] if isinstance(one.gave, tuple) else one.gave
        options = {n: v for n, v in one.options.items() if n not in rule.inputs}
        values.add(Link(one.name, layer, tuple(s for s in sources if s is not None), options), gave)
    found = values.source(output, "the output")
    assert found is not None
    return values.links, found


def _called(
    network: nn.Module, inputs: Mapping[str, Tensor], rule_for: RuleFor, seed: int
) -> tuple[dict[str, Tensor], list[Call], Any]:
    """Run a copy on other numbers and more examples, and note the calls of its layers.

    Returns: the inputs as they were, the calls, and the output.
    """
    copy, random = deepcopy(network).double().eval(), torch.Generator().manual_seed(seed)
    shaken = {}
    for name, x in inputs.items():
        rows = x.repeat(-(-ROWS // len(x)), *[1] * (x.ndim - 1))
        size = 1 + float(x.abs().mean()) if x.is_floating_point() and x.numel() else 1.0
        shaken[name] = _shaken(rows, size, random)
    for parameter in copy.parameters():
        parameter.data = _shaken(parameter.data, SHAKE, random)
    calls: list[Call] = []
    given: list[tuple[Any, Any]] = []

    def enter(module: nn.Module, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
        given.append((_kept(arguments), {n: _kept(v) for n, v in options.items()}))

    for name, module in _leaves("", copy, rule_for):
        module.register_forward_pre_hook(enter, with_kwargs=True)
        module.register_forward_hook(lambda m, _, gave, name=name: calls.append(Call(name, *given.pop(), _kept(gave))))
    try:
        with torch.no_grad():
            output = call(copy, shaken)
    except (RuntimeError, ValueError, TypeError, IndexError, AssertionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        shapes = ", ".join(f"{n}, {tuple(x.shape)}" for n, x in inputs.items())
        raise ShapeError(f"{type(network).__name__} cannot be run on {shapes}: {reason}.") from error
    return shaken, calls, output[0] if isinstance(output, tuple) else output


def _gives_the_same(network: nn.Module, inputs: Mapping[str, Tensor], links: Sequence[Link], output: int) -> bool:
    """Whether the links, one after another, give what the network gives on the true numbers."""
    copy = deepcopy(network).double().eval()
    own, values = dict(copy.named_modules()), [x.clone() for x in inputs.values()]
    with torch.no_grad():
        for link in links:
            layer = own.get(link.name, link.layer)
            gave = layer(*(values[source].clone() for source in link.sources), **link.options)
            values.append(gave[0] if isinstance(gave, tuple) else gave)
        said = call(copy, {name: x.clone() for name, x in inputs.items()})
    said = said[0] if isinstance(said, tuple) else said
    found = values[output]
    return said.shape == found.shape and torch.allclose(said, found, rtol=SAME, atol=SAME, equal_nan=True)


def _shaken(x: Tensor, by: float, random: torch.Generator) -> Tensor:
    return x + by * torch.randn(x.shape, generator=random, dtype=x.dtype) if x.is_floating_point() else x


def _kept(value: Any) -> Any:
    """Tensors as they are now: a forward may change them in place."""
    if isinstance(value, tuple):
        return tuple(map(_kept, value))
    return value.clone() if isinstance(value, Tensor) else value


def _leaves(name: str, module: nn.Module, rule_for: RuleFor) -> Iterator[tuple[str, nn.Module]]:
    """The modules that are calculated whole, or have no parts that could be."""
    children = list(module.named_children())
    if rule_for(module) is not None or not children:
        yield name, module
        return
    for child, layer in children:
        yield from _leaves(f"{name}.{child}" if name else child, layer, rule_for)


def _check_hidden(one: Call, layer: nn.Module) -> None:
    """Refuse a mask that hides anything but what comes later."""
    for name in HIDING:
        mask = one.options.get(name)
        if mask is None:
            continue
        if name == "attn_mask" and isinstance(mask, Tensor) and _is_causal(mask):
            continue
        hides = {"mask": False, "key_padding_mask": True}.get(name)  # which of its values
        if hides is not None and isinstance(mask, Tensor) and mask.dtype == torch.bool and not (mask == hides).any():
            continue
        raise SettingError(
            f"{one.name} ({type(layer).__name__}) is called with {name}=, which hides or turns steps in a way that is not "
            "calculated by hand. Without it, or causal, it is."
        )


def _is_causal(mask: Tensor) -> bool:
    later = torch.ones(mask.shape[-2:], dtype=torch.bool).triu(1)
    if mask.dtype == torch.bool:
        return torch.equal(mask.reshape(-1, *mask.shape[-2:])[0], later)
    return torch.equal(mask == -torch.inf, later) and not mask.masked_fill(later, 0).any()
