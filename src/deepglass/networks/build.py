"""Build: a network sized for some data, from a name, a list of layers, a file or one's own code."""

import importlib.util
import inspect
import sys
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import nn

from deepglass import randomness
from deepglass.errors import DataError, SettingError, ShapeError, UnknownName
from deepglass.names import find, suggestion
from deepglass.networks.front import front_for, received, with_front
from deepglass.networks.layer_list import layer_list
from deepglass.networks.made import remember
from deepglass.networks.sizes import FACTS, Sizes, along_time, refuse_tokens, sizes


def build(
    network: Any, data: Any = None, *, seed: int = 0, inputs: Any = None, outputs: int | None = None, **options: Any
) -> nn.Module:
    """Make a network that fits the data.

    The same seed gives the same weights, and the caller's random state stays as it is.
    Args:
        network: a name in NETWORKS; a list of layers, such as `[{"Conv2d": [32, 3]}, "ReLU", "Flatten", {"Linear":
            "outputs"}]`; a dict with `name` or `layers` and options; "network.yaml", which holds one of these;
            "file.py:function"; a function or class, which gets those of `shape`, `inputs` and `outputs` that it names;
            or an nn.Module, which is returned as it is.
        data: anything with `input_shapes` (name -> shape of one example) and `outputs`, such as a Dataset.
        inputs: instead of data, one shape or a dict of them.
        outputs: instead of what the data need, how many numbers the network gives for an example.
        options: those of the network, such as `hidden=[64]`, and of signals `front`: "mel", "spectrogram", "scalogram" or "wave",
            or with settings {"mel": {"bands": 64}} (default: mel for networks that take images, wave for the others).
    Raises: UnknownName; SettingError, when an option does not exist; ShapeError, when a layer does not fit.

    >>> build("mlp", inputs=(4,), outputs=3, hidden=[8])(torch.zeros(2, 4)).shape
    torch.Size([2, 3])
    """
    size = sizes(data, inputs, outputs)
    with randomness.seeded(seed, "weights"):
        try:
            made = _built(network, size, options)
        except RuntimeError as error:
            if "alloc" not in str(error).lower():
                raise
            raise ShapeError(_too_large(network, size, options)) from None
    if made is not network:
        remember(made, network, seed, options)
    return made


def _too_large(network: Any, size: Sizes, options: dict[str, Any]) -> str:
    """Say how much memory the weights would take; counting them allocates nothing."""
    with torch.device("meta"):
        counted = _built(network, size, options)
    weights = sum(p.numel() for p in counted.parameters())
    return (
        f"This network has {weights:,} weights, which take {weights * 4 / 2**30:,.1f} GiB, and there is not that much memory. "
        f"Use smaller layers, or convolutions, which share their weights."
    )


def _built(network: Any, size: Sizes, options: dict[str, Any]) -> nn.Module:
    if isinstance(network, nn.Module):
        if options:
            raise SettingError(f"This {type(network).__name__} is built already: {', '.join(options)} cannot be set.")
        return network
    if isinstance(network, Path):
        network = str(network)
    if isinstance(network, str):
        return _from_text(network, size, options)
    if isinstance(network, Mapping):
        return _from_dict(network, size, options)
    if isinstance(network, list | tuple):
        return _called(layer_list, "A list of layers", size, {"layers": list(network), **options})
    if callable(network):
        return _called(network, getattr(network, "__name__", type(network).__name__), size, options)
    raise SettingError(f"{network!r} is no network. Give a name, a list of layers, a function or an nn.Module.")


def _from_text(text: str, size: Sizes, options: dict[str, Any]) -> nn.Module:
    if text.endswith((".yaml", ".yml")):
        return _built(_read_yaml(Path(text)), size, options)
    path, _, function = text.rpartition(":")
    if path.endswith(".py"):
        return _called(_load_function(Path(path), function), function, size, options)
    if text.endswith(".py"):
        raise SettingError(f"Say which function of {text} makes the network: {text}:build.")
    return _called(find("network", text, _catalogue()), text, size, options)


def _from_dict(network: Mapping[str, Any], size: Sizes, options: dict[str, Any]) -> nn.Module:
    given = {**network, **options}
    if "outputs" in given:
        size = replace(size, outputs=given.pop("outputs"))
    if "name" in given:  # first, because recurrent networks have an option of the name layers
        return _built(given.pop("name"), size, given)
    if "layers" in given:
        return _called(layer_list, "A list of layers", size, given)
    raise SettingError(
        f"A network needs a name or layers, and has {', '.join(map(str, given)) or 'nothing'}. Write name: mlp, or layers: [...]."
    )


def _called(make: Callable[..., Any], name: str, size: Sizes, options: dict[str, Any]) -> nn.Module:
    """Call a function with the sizes that it names and the options, all checked first; a front comes before what it makes."""
    options = dict(options)
    front = front_for(make, name, size, options)
    if front is not None:
        size = received(front, size, name)
    parameters = inspect.signature(make).parameters
    free = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    if isinstance(make, type) and make.__init__ is nn.Module.__init__:  # type: ignore[misc]
        free = False  # a class without an __init__ of its own shows nn.Module's (*args, **kwargs)
    named = {p.name for p in parameters.values() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    sized = {"shape", "inputs", "outputs", "dtype"} if make is layer_list else {"shape", "inputs", "outputs"}
    if not named & set(FACTS) and any(make is known for known in _catalogue().values()):
        refuse_tokens(name, size)
    turned = None
    if "vocabulary" in named and "shape" not in options:
        turned, size = along_time(size)
    known = sorted(named - sized - {"vocabulary", "vocabularies"} - ({"layers"} if make is layer_list else set()))
    for option in options:
        if option not in named and not free:
            has = f"Options: {', '.join(known)}." if known else "It has none."
            raise SettingError(f"{name} has no option {option!r}.{suggestion(option, known)} {has}")
    arguments = dict(options)
    if "shape" in named and "shape" not in options:
        arguments["shape"] = size.only_shape(name)
    if "inputs" in named and "inputs" not in options:
        if _needs(parameters, "inputs"):
            size.need_inputs(name)
        arguments["inputs"] = dict(size.shapes)
    if "outputs" in named and "outputs" not in options and (size.outputs is not None or _needs(parameters, "outputs")):
        if size.outputs is None:
            raise SettingError(f"{name} needs the number of outputs. Pass a dataset, or outputs=10.")
        arguments["outputs"] = size.outputs
    for fact in FACTS:
        if fact in named and fact not in options:
            arguments[fact] = getattr(size, fact)
    if make is layer_list:
        arguments["dtype"] = size.dtypes.get(next(iter(size.shapes)), torch.float32)
    missing = [p for p in parameters if p in named and _needs(parameters, p) and p not in arguments]
    if missing:
        raise SettingError(
            f"{name} needs {', '.join(missing)}. Pass {missing[0]}=... with the name of the network; it is given what it "
            f"names of shape, inputs and outputs."
        )
    network = make(**arguments)
    if not isinstance(network, nn.Module):
        raise SettingError(f"{name} gave a {type(network).__name__}. A network is an nn.Module: return one.")
    if turned is not None:
        network = nn.Sequential(OrderedDict([("time_first", turned), ("network", network)]))
    return network if front is None else with_front(front, network)


def _catalogue() -> Mapping[str, Callable[..., nn.Module]]:
    from deepglass.networks import NETWORKS  # here, because the folder whose catalogue this is imports this file

    return NETWORKS


def _needs(parameters: Mapping[str, inspect.Parameter], name: str) -> bool:
    return parameters[name].default is inspect.Parameter.empty


def yaml_fault(error: yaml.YAMLError | UnicodeDecodeError) -> str:
    """What is wrong with a YAML file, and in which line and column, counted from 1."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"{error.problem}, in line {error.problem_mark.line + 1}, column {error.problem_mark.column + 1}"
    return " ".join(str(error).split())


def _read_yaml(path: Path) -> Any:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}. Give the path of a file with a network.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is no YAML: {yaml_fault(error)}. Correct it.") from error
    network = content.get("network", content) if isinstance(content, Mapping) else content
    if not isinstance(network, list | Mapping | str):
        raise DataError(f"{path} holds no network. Write a list of layers, or network: {{name: mlp, hidden: [64]}}.")
    if isinstance(network, str) and network.endswith((".yaml", ".yml")):
        raise DataError(f"{path} points at another file, {network}. Give that one.")
    return network


def _load_function(path: Path, name: str) -> Callable[..., Any]:
    """Run a file of the user's and return one of its functions or classes; its own errors pass."""
    if not path.is_file():
        raise DataError(f"{path} is not there. Give the path of a Python file, such as my_net.py:build.")
    module_name = f"deepglass_user_{path.stem}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    assert spec is not None and spec.loader is not None  # it ends in .py
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    own = {k: v for k, v in vars(module).items() if callable(v) and getattr(v, "__module__", "") == module_name}
    made = getattr(module, name, None)
    if not callable(made):
        raise UnknownName(f"{path} has no {name!r}.{suggestion(name, own)} It has: {', '.join(own) or 'no functions'}.")
    return made
