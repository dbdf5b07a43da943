"""Notes: what is called while a network runs, layers and functions of torch, and where their numbers come from."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence
from torch.overrides import TorchFunctionMode

from deepglass.by_hand import operations
from deepglass.by_hand.dropping import Dropout
from deepglass.by_hand.links import Links
from deepglass.by_hand.operations import MOVES, Made
from deepglass.by_hand.rnn_ways import called
from deepglass.by_hand.rule import Rule
from deepglass.errors import SettingError

RuleFor = Callable[[Any], type[Rule] | None]


class Notes(TorchFunctionMode):
    """What is called while a network runs: layers through hooks, functions as torch tells them."""

    def __init__(
        self, network: nn.Module, copy: nn.Module, inputs: Mapping[str, Tensor], rule_for: RuleFor, training: bool
    ) -> None:
        super().__init__()
        self.training = training
        self.links = Links(network, tuple(inputs))
        self.rule_for = rule_for
        self.modules, self.parameters = dict(network.named_modules()), dict(network.named_parameters())
        self.parameter_names = {id(p): name for name, p in copy.named_parameters()}
        self.inside = 0  # of how many layers that are calculated whole
        self.within: list[str] = []  # the modules that are running now
        self._values: dict[int, int] = {}  # id of a tensor -> its value
        self._unknown: dict[int, SettingError] = {}  # id of a tensor that no rule makes -> what to say of it
        self._kept: list[Tensor] = []  # as long as they are kept, no other tensor gets their id
        self._given: list[tuple[list[int], dict[str, Any]]] = []
        for name, module in copy.named_modules():
            module.register_forward_pre_hook(self._enter(name), with_kwargs=True)
            module.register_forward_hook(self._leave(name))

    def know(self, tensor: Tensor, value: int) -> None:
        self._values[id(tensor)] = value
        self._unknown.pop(id(tensor), None)
        self._kept.append(tensor)

    def value_of(self, taken: Any) -> int:
        """The number of a value; numbers that come from no input are constants. Raises: SettingError, where no rule makes it."""
        if not isinstance(taken, Tensor):
            return self.links.constant(torch.tensor(float(taken), dtype=torch.float64))
        if id(taken) in self._unknown:
            raise self._unknown[id(taken)]
        if id(taken) in self._values:
            return self._values[id(taken)]
        if id(taken) in self.parameter_names:
            return self.links.parameter(self.parameter_names[id(taken)])
        return self.links.constant(taken)

    def __torch_function__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        options = dict(kwargs or {})
        if self.inside:
            return func(*args, **options)
        name = operations.plain_name(func)
        owed = [t for t in _tensors((*args, *options.values())) if self._is_followed(t)]
        noted = None
        if owed and not operations.is_new(name):
            noted = self._made(name, func, args, options)
        gave = func(*args, **options)
        if noted is not None:
            noted(gave)
        return gave

    def _is_followed(self, tensor: Tensor) -> bool:
        known = id(tensor) in self._values or id(tensor) in self._unknown
        return _holds_numbers(tensor) and (known or id(tensor) in self.parameter_names)

    def _made(
        self, name: str, func: Any, args: Sequence[Any], options: Mapping[str, Any]
    ) -> Callable[[Any], None] | None:
        """What to do with what a function gives: note where it comes from, or that it is not known."""
        before = next(
            (self._unknown[id(t)] for t in _tensors((*args, *options.values())) if id(t) in self._unknown), None
        )
        if before is not None:  # not raised: what is made of it may never be used
            return lambda gave: self._refuse(name, gave, before)
        if name == "setitem":  # gives nothing, and changes what it writes into
            self._unknown[id(args[0])] = self._refused("x[...] = ...")
            self._kept.append(args[0])
            return None
        if name in MOVES:
            taken = {id(t): self.value_of(t) for t in _tensors((*args, *options.values())) if t.is_floating_point()}
            return lambda gave: self._moved(name, func, args, options, gave, taken)
        made = operations.operation(name, args, options)
        if made is None:
            return lambda gave: self._refuse(name, gave)
        sources = [self.value_of(t) for t in made.takes]
        return lambda gave: self._done(made, sources, gave)

    def _moved(self, name: str, func: Any, args: Any, options: Any, gave: Any, taken: Mapping[int, int]) -> None:
        several = not isinstance(gave, Tensor)
        for which, tensor in enumerate(_tensors((gave,))):
            if not _holds_numbers(tensor):
                continue
            made = operations.move(name, func, args, options, which if several else None)
            self.know(tensor, self.links.done(made.what, [taken[id(t)] for t in made.takes]))

    def _done(self, made: Made, sources: Sequence[int], gave: Any) -> None:
        tensor = next(_tensors((gave,)), None)
        if tensor is None or not _holds_numbers(tensor):
            return
        if not isinstance(made.what, nn.Module):
            self.know(tensor, self.links.done(made.what, sources))
            return
        # A module that does the same, with the network's own parameters in place of the copy's.
        layer, rule = made.what, self.rule_for(made.what)
        assert rule is not None
        owner = ""
        for own, parameter in list(layer.named_parameters()):
            name = self.parameter_names.get(id(parameter), "")
            setattr(layer, own, self.parameters[name])
            owner = owner or name.rpartition(".")[0]
        if owner:
            value = self.links.add(owner, owner, layer, rule, sources, made.options)[0]
        else:
            value = self.links.after(type(layer).__name__.lower(), layer, rule, sources, made.options)
        self.know(tensor, value)

    def _refuse(self, name: str, gave: Any, error: SettingError | None = None) -> None:
        for tensor in _tensors((gave,)):
            if _holds_numbers(tensor):
                self._values.pop(id(tensor), None)
                self._unknown[id(tensor)] = error or self._refused(name)
                self._kept.append(tensor)

    def _refused(self, name: str) -> SettingError:
        """What is said of something that is not known, if the output turns out to depend on it."""
        within = self.within[-1] if self.within else ""
        module = self.modules[within]
        if type(module).__module__.startswith("torch.nn") and next(module.children(), None) is None:
            return unknown(within, module)
        where = f"{within} ({type(module).__name__})" if within else type(module).__name__
        named = [link.name for link in self.links.links if not isinstance(link.layer, operations.Move)]
        after = named[-1] if named else self.links.names[0]
        return SettingError(
            f"After {after}, forward of {where} does something that is not calculated by hand: {name}. Write it with layers "
            "such as nn.ReLU(), or with sums, products, means and the like, which are."
        )

    def _enter(self, name: str) -> Callable[..., None]:
        def enter(module: nn.Module, args: tuple[Any, ...], options: dict[str, Any]) -> None:
            self.within.append(name)
            rule = self.rule_for(self.modules[name])
            if rule is None or self.inside:
                self.inside += bool(self.inside)
                return
            self._given.append(self._taken(name, rule, args, options))
            self.inside = 1

        return enter

    def _leave(self, name: str) -> Callable[..., None]:
        def leave(module: nn.Module, args: tuple[Any, ...], gave: Any) -> None:
            self.within.pop()
            if not self.inside:
                return
            self.inside -= 1
            if self.inside:
                return
            layer = self.modules[name]
            rule = self.rule_for(layer)
            assert rule is not None
            sources, options = self._given.pop()
            dropping = self.training and rule is Dropout
            if all(s in self.links.constants for s in sources) and not (dropping or list(layer.parameters())):
                return  # such as a dropout of which words count
            values = called(self.links, name or "network", layer, rule, sources, options)
            if rule is Dropout and not self.training:  # it does nothing, so what follows is called by what is before it
                self.links.same_maker(values[0], sources[0])
            for tensor, value in zip(_tensors((gave,)), values):
                self.know(tensor, value)

        return leave

    def _taken(
        self, name: str, rule: type[Rule], args: Sequence[Any], options: Mapping[str, Any]
    ) -> tuple[list[int], dict[str, Any]]:
        """The values that a layer is given, and the keywords that are none of its inputs."""
        layer = self.modules[name]
        if getattr(layer, "batch_first", True) is False:
            called = name or type(layer).__name__
            raise SettingError(f"{called} reads series as (steps, batch, features). Make it with batch_first=True.")
        if any(isinstance(a, PackedSequence) for a in args):
            raise SettingError(
                f"{name or type(layer).__name__} reads series of different lengths at once, and by hand those of one "
                "length are calculated. Give one example, or several that are equally long."
            )
        given = [*_tensors(args), *_tensors([options.get(n) for n in rule.inputs])]
        if len(given) < rule.needs:
            raise SettingError(
                f"{name or type(layer).__name__} is given {len(given)} of {', '.join(rule.inputs)}. Give it each of them."
            )
        sources = [self.value_of(t) for t in given[: len(rule.inputs)]]
        return sources, {n: v for n, v in options.items() if n not in rule.inputs}


def _holds_numbers(tensor: Tensor) -> bool:
    """Whether slopes could go through it."""
    return tensor.is_floating_point() or tensor.is_complex()


def unknown(name: str, layer: nn.Module) -> SettingError:
    """The error for a layer without a rule."""
    from deepglass.by_hand import RULES  # here, because the folder whose catalogue this is imports this file

    known = ", ".join(sorted(kind.__name__ for kind in RULES))
    what = f"{name} ({type(layer).__name__})" if name else type(layer).__name__
    return SettingError(f"The layer {what} is not calculated by hand. Put one that is in its place. Known: {known}.")


def _tensors(values: Any) -> Iterator[Tensor]:
    """The tensors among values, also in tuples and lists."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, tuple | list) and not isinstance(value, torch.Size):
            yield from _tensors(value)
        elif isinstance(value, dict):
            yield from _tensors(value.values())
