"""Plain YAML: what people may edit in a run, without tags or aliases, through which a stranger's file could do harm."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from deepglass.runs import files

DEEPEST = 100  # lists and mappings in each other; a spec has 4, and libyaml makes values by calling itself
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's, where there is one: ten times as fast


def plain_yaml(value: Mapping[str, Any]) -> str:
    """Return a mapping as YAML text, in its own order."""
    finite_or_not = files.plain(value, not_finite=lambda number: number)
    return str(yaml.dump(finite_or_not, Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=120))


def read_plain_yaml(text: str, path: Path) -> dict[str, Any]:
    """Return the mapping of a YAML text without tags or aliases; `path` is for the message of the RunError."""
    try:
        _check(text)
        value = _Loader(text).get_single_data()
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise files.damaged(path, " ".join(str(error).split()) or "it is nested too deeply") from None
    if not isinstance(value, dict):
        raise files.damaged(path, "it is not a mapping")
    return value


class _PlainDumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # libyaml's, where there is one
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _check(text: str) -> None:
    """Refuse what could do harm while the values are made. Raises: yaml.YAMLError."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise yaml.YAMLError("it holds an alias (*name), which could make a few bytes into gigabytes")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise yaml.YAMLError("it is nested too deeply")
