"""Layer list: a network written as a list of layers, whose input sizes are found out."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.errors import SettingError, ShapeError, UnknownName
from deepglass.layers import ACTIVATIONS, LAYERS, initialize
from deepglass.names import suggestion
from deepglass.networks.dry_run import dry_run
from deepglass.networks.parts import Choice, finished
from deepglass.networks.windows import check_axes, check_fit

# Parameters of constructors that say what arrives, and where in the shape (channels first, no batch axis) it stands.
FIRST_AXIS = ("in_channels", "num_channels", "num_features", "channels")
LAST_AXIS = ("in_features", "d_model", "embed_dim", "features")
WHOLE_SHAPE = ("normalized_shape", "input_shape")
NUMBERS = ("kernel_size", "stride", "dilation", "groups", "num_groups")  # by name, of one axis or of each
COUNTS = ("out_channels", "out_features", "kernel_size", "stride", "dilation", "groups")  # never words


def layer_list(
    layers: Sequence[Any],
    shape: tuple[int, ...],
    outputs: int | None = None,
    *,
    dtype: torch.dtype = torch.float32,
    initialization: str = "default",
    output_activation: Choice | None = None,
) -> nn.Sequential:
    """Make a network from layers by name, class or module, each sized by what arrives from the one before.

    An entry is "ReLU", {"Conv2d": [32, 3]}, {"Dropout": {"p": 0.2}}, nn.Flatten, nn.Linear(4, 3) or a list of entries.
    Names are those of torch.nn, of LAYERS and of ACTIVATIONS; the word "outputs" stands for that number. The input
    size is left out, so {"Conv2d": [32, 3]} has 32 filters of 3x3.
    Shapes: input (batch, *shape).
    Raises: ShapeError, when a layer does not fit what arrives; SettingError; UnknownName.
    """
    # Two examples, because torch takes a batch of one of the wrong number of axes for an example without a batch.
    network, _ = _row(layers, torch.zeros(2, *shape, dtype=dtype, device="meta"), outputs, "network")
    initialize(network, initialization)
    if output_activation in (None, "none"):
        return network
    return finished(dict(network.named_children()), "default", output_activation)


def _row(entries: Sequence[Any], x: Tensor, outputs: int | None, place: str) -> tuple[nn.Sequential, Tensor]:
    network = nn.Sequential()
    for k, entry in enumerate(entries):
        here = f"{place}[{k}]"
        if isinstance(entry, list | tuple):
            inner, x = _row(entry, x, outputs, here)
            network.append(inner)
            continue
        layer = _layer(entry, tuple(x.shape[1:]), outputs, here)
        x = _passed(layer, x, here)
        network.append(layer)
    return network, x


def _layer(entry: Any, shape: tuple[int, ...], outputs: int | None, here: str) -> nn.Module:
    if isinstance(entry, nn.Module):
        return entry
    kind, given = entry, None
    if isinstance(entry, Mapping):
        if len(entry) != 1:
            raise SettingError(f"{here} is {dict(entry)}, and a layer has one name. Write {{Conv2d: [32, 3]}}.")
        ((kind, given),) = entry.items()
    make = _maker(kind, here) if isinstance(kind, str) else kind
    if not callable(make):
        raise SettingError(f"{here} is {entry!r}, which is no layer. Give a name, {{name: arguments}} or an nn.Module.")
    name = kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))
    positional, keywords = _arguments(given)
    if "outputs" in [*positional, *keywords.values()] and outputs is None:
        raise SettingError(
            f"{here} ({name}) asks for the number of outputs, which is not known. Pass data or outputs=."
        )
    positional = [outputs if value == "outputs" else value for value in positional]
    keywords = {option: outputs if value == "outputs" else value for option, value in keywords.items()}
    try:
        positional, keywords = _sized(make, positional, keywords, shape)
        layer = make(*positional, **keywords)
    except IndexError as error:
        raise ShapeError(f"{here} ({name}) gets {shape}, from which its input size cannot be read.") from error
    except (ShapeError, SettingError) as error:
        raise type(error)(f"{here} ({name}): {error}") from error
    except (TypeError, ValueError, RuntimeError, ArithmeticError, LookupError) as error:
        raise SettingError(f"{here} ({name}) cannot be made from {given!r}: {_reason(error)}.") from error
    if not isinstance(layer, nn.Module):
        raise SettingError(f"{here} ({name}) makes a {type(layer).__name__}, not an nn.Module. Name a layer.")
    return layer


def _maker(name: str, here: str) -> Callable[..., nn.Module]:
    torch_layers = {k: v for k, v in vars(nn).items() if isinstance(v, type) and issubclass(v, nn.Module)}
    known: dict[str, Callable[..., nn.Module]] = {**torch_layers, **ACTIVATIONS, **LAYERS}
    if name in known:
        return known[name]
    spelled = {k.lower(): k for k in known}  # ours come last, so "relu" hints at the short name
    near = suggestion(name, spelled)
    for lower, right in spelled.items():
        near = near.replace(f"'{lower}'", f"'{right}'")
    ours = ", ".join([*sorted(LAYERS), *sorted(ACTIVATIONS)])
    raise UnknownName(f"{here}: there is no layer {name!r}.{near} Known: the modules of torch.nn, {ours}.")


def _arguments(given: Any) -> tuple[list[Any], dict[str, Any]]:
    if given is None:
        return [], {}
    if isinstance(given, Mapping):
        return [], {str(option): value for option, value in given.items()}
    return (list(given), {}) if isinstance(given, list | tuple) else ([given], {})


def _sized(
    make: Callable[..., nn.Module], positional: list[Any], keywords: dict[str, Any], shape: tuple[int, ...]
) -> tuple[list[Any], dict[str, Any]]:
    """Add the input size, unless it is there: always left out of a list of several needed arguments."""
    parameters = [p for p in inspect.signature(make).parameters.values() if p.kind is not p.VAR_KEYWORD]
    needed = [p.name for p in parameters if p.default is p.empty and p.kind is not p.VAR_POSITIONAL]
    for k, parameter in enumerate(parameters):
        name = parameter.name
        if name in keywords or name not in (*FIRST_AXIS, *LAST_AXIS, *WHOLE_SHAPE):
            continue
        if k == 0 and positional and needed == [name]:
            continue  # {BatchNorm2d: 32} can only mean the size
        if k and len(positional) > k:
            continue  # given by hand, in its place
        size = shape if name in WHOLE_SHAPE else shape[0] if name in FIRST_AXIS else shape[-1]
        if k == 0:
            positional = [size, *positional]
        else:
            keywords = {**keywords, name: size}
    for parameter, value in zip(parameters, positional):
        if isinstance(parameter.default, bool) and not isinstance(value, bool):
            raise TypeError(f"{parameter.name}={value!r} is neither true nor false; leave the input size out")
        if parameter.name in COUNTS and isinstance(value, str):
            raise TypeError(f"{parameter.name}={value!r} is no number; give options by name, such as padding: same")
    given = {**{p.name: value for p, value in zip(parameters, positional)}, **keywords}
    for parameter in parameters:
        value = given.get(parameter.name, parameter.default)
        if parameter.name in NUMBERS and value is not parameter.default and not _are_whole(value):
            raise TypeError(f"{parameter.name}={value!r} is no whole number, nor one for each axis")
    return positional, keywords


def _are_whole(value: Any) -> bool:
    several = value if isinstance(value, list | tuple) else [value]
    return bool(several) and all(isinstance(n, int) and not isinstance(n, bool) for n in several)


def _reason(error: Exception) -> str:
    """The first line of what an error says."""
    if isinstance(error, ZeroDivisionError):
        return "a size of 0"
    text = str(error).strip()
    return text.splitlines()[0].rstrip(".:") if text and not isinstance(error, KeyError) else type(error).__name__


def _passed(layer: nn.Module, x: Tensor, here: str) -> Tensor:
    """Send an example through a layer, for its shape."""
    kind, shape = type(layer).__name__, tuple(x.shape[1:])
    check_axes(here, layer, shape)
    try:
        check_fit(here, layer, shape)
        after = dry_run(
            layer, lambda copy, device: copy(torch.zeros(x.shape, dtype=x.dtype, device=device)), example=x.numel()
        )
    except (RuntimeError, ValueError, TypeError, LookupError, ArithmeticError) as error:
        if isinstance(error, ShapeError) and here in str(error):
            raise
        raise ShapeError(f"{here} ({kind}) does not fit what arrives, {shape}: {_reason(error)}.") from error
    if not isinstance(after, Tensor):
        raise ShapeError(
            f"{here} ({kind}) gives a {type(after).__name__}, and a list of layers passes one tensor on. "
            "Write an nn.Module that takes what it needs."
        )
    return after.to("meta")
