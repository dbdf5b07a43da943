"""Known settings: every setting of a spec with its default and what it does, as they are written where they are checked."""

import inspect
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from deepglass.errors import SettingError
from deepglass.names import suggestion
from deepglass.training.spec import SECTIONS

KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    list: "a list",
    tuple: "a list",
    dict: "name: value",
}


@dataclass(frozen=True)
class Setting:
    """One setting. Args: name: as `--set` takes it; takes: what it may be, in words; about: what it does."""

    name: str
    default: Any
    takes: str
    about: str

    def __str__(self) -> str:
        usual = "" if self.default is None else f" (default: {_written(self.default)})"
        return f"{self.name}  {self.about or self.takes}{usual}"


def list_settings(*words: str) -> list[Setting]:
    """Return the settings that can be given by name or by `--set`, in the order of a spec.

    Args: words: a section ("data", "task", "recipe"), "network" or the name of one for its options ("lenet5"), or words that
        a name or a description holds; all of several.
    Raises: SettingError, when nothing fits.

    >>> [setting.name for setting in list_settings("recipe", "warmup")]
    ['recipe.warmup_steps']
    """
    from deepglass.networks import NETWORKS
    from deepglass.networks.options import describe_front

    found = [setting for section, model in SECTIONS.items() if model is not None for setting in _of(model, section)]
    front = Setting("network.front", None, "text or name: value", describe_front())
    found += [front] if words else []
    for word in words:
        if word in NETWORKS:
            found = [*_of_network(word), front]
        elif SECTIONS.get(word) is not None:
            found = [setting for setting in found if setting.name.startswith(f"{word}.")]
        elif word != "network":
            found = [s for s in found if word.lower() in s.name.lower() or word.lower() in s.about.lower()]
    if words == ("network",):
        found = [*(setting for name in sorted(NETWORKS) for setting in _of_network(name)), front]
    if not found:
        ends = {
            setting.name.rpartition(".")[2]
            for section, m in SECTIONS.items()
            if m is not None
            for setting in _of(m, section)
        }
        near = suggestion(words[-1], [*ends, *SECTIONS, *NETWORKS])
        raise SettingError(f"No setting has {' and '.join(map(repr, words))} in its name or description.{near}")
    return found


def _of(model: type[BaseModel], prefix: str) -> Iterator[Setting]:
    for name, field in model.model_fields.items():
        inner = next(
            (kind for kind in _parts(field.annotation) if isinstance(kind, type) and issubclass(kind, BaseModel)), None
        )
        if inner is not None:
            yield from _of(inner, f"{prefix}.{name}")
            continue
        default = field.get_default(call_default_factory=True)
        yield Setting(
            f"{prefix}.{name}",
            None if default is PydanticUndefined else default,
            _takes(field.annotation),
            field.description or "",
        )


def _of_network(name: str) -> Iterator[Setting]:
    """The options of a network, from the function that makes it."""
    from deepglass.networks import NETWORKS, with_defaults
    from deepglass.networks.options import describe_options

    kinds, defaults = inspect.signature(NETWORKS[name]).parameters, with_defaults({"name": name})
    for option, about in describe_options(name).items():
        takes = _takes(kinds[option].annotation) or "a value"
        yield Setting(f"network.{option}", defaults[option], takes, f"{name}: {about}" if about else "")


def _parts(annotation: Any) -> tuple[Any, ...]:
    """The alternatives of an annotation."""
    if get_origin(annotation) in (Union, types.UnionType):
        return tuple(part for inner in get_args(annotation) for part in _parts(inner))
    return (annotation,)


def _takes(annotation: Any) -> str:
    """What an annotation lets through, in words."""
    said: list[str] = []
    for part in _parts(annotation):
        if get_origin(part) is Literal:
            said += [str(value) for value in get_args(part)]
        elif part is not type(None):
            kind = get_origin(part) or part
            said.append(
                next((word for known, word in KINDS.items() if isinstance(kind, type) and issubclass(kind, known)), "")
            )
    return " or ".join(dict.fromkeys(filter(None, said)))


def _written(value: Any) -> str:
    """A default as YAML has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(list(value)) if isinstance(value, tuple) else str(value)
