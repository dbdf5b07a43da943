"""Options: what each option of a named network does, in the words of its docstring."""

import inspect
import re
from collections.abc import Mapping

from deepglass.names import find
from deepglass.networks.made import with_defaults

# What means the same in every network that has it, and so is said once; a docstring may still say it in its own way.
COMMON = {
    "activation": "function behind each hidden layer, by name: relu, gelu, tanh, ...",
    "front": "what a signal becomes before it arrives: mel, spectrogram, scalogram, or wave for the signal as it is; with options "
    "{mel: {bands: 64}} (default: wave for networks that take signals, mel for those that take images)",
    "initialization": "how weights start: auto (what suits each layer), he, glorot, normal, zeros, ...; default is torch's",
    "output_activation": "function behind the last layer, by name; the losses apply theirs, so mostly none",
}
ALIKE = re.compile(r"^as of `(\w+)`")  # a docstring that points at another network


def describe_front() -> str:
    """What `front` does, which any network may be given for signals."""
    return COMMON["front"]


def describe_options(name: str) -> dict[str, str]:
    """What each option of a network does, by option, in the order of its signature. Raises: UnknownName.

    >>> describe_options("convnet")["kernel"]
    'side of the kernels in pixels'
    """
    from deepglass.networks import NETWORKS  # here, because the folder whose catalogue this is imports this file

    make = find("network", name, NETWORKS)
    said = _said(inspect.getdoc(make) or "", list(inspect.signature(make).parameters))
    return {option: _about(option, said) for option in with_defaults({"name": name}) if option != "name"}


def _about(option: str, said: Mapping[str, str]) -> str:
    text = said.get(option, COMMON.get(option, ""))
    alike = ALIKE.match(text)
    return describe_options(alike[1])[option] + text[alike.end() :] if alike else text


def _said(docstring: str, parameters: list[str]) -> dict[str, str]:
    """What the Args of a docstring say of each parameter; one sentence may be of several."""
    _, _, after = docstring.partition("\nArgs:")
    block = re.split(r"\n(?=\S)", after, maxsplit=1)[0]
    names = "|".join(map(re.escape, parameters)) or "(?!)"
    entry = re.compile(rf"(?:^|(?<=\. ))((?:(?:{names}), )*(?:{names})): ")
    said: dict[str, str] = {}
    for line in re.split(r"\n {4}(?=\S)", "\n" + block.strip("\n ")):
        parts = entry.split(" ".join(line.split()))
        for listed, text in zip(parts[1::2], parts[2::2]):
            said |= dict.fromkeys(listed.split(", "), text.strip().removesuffix("."))
    return said
