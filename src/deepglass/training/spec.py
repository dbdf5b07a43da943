"""Spec: data, network, task and recipe in four flat sections; enough to repeat a run."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from deepglass.data import DataSettings
from deepglass.errors import DataError, SettingError
from deepglass.names import suggestion
from deepglass.networks.build import yaml_fault
from deepglass.settings import checked
from deepglass.tasks.settings import TaskSettings
from deepglass.training.recipe import Recipe

SECTIONS: dict[str, type[BaseModel] | None] = {
    "data": DataSettings,
    "network": None,
    "task": TaskSettings,
    "recipe": Recipe,
}


class Spec:
    """What a run is made from. Every change is a difference of it: `spec.with_({"recipe.epochs": 3})`.

    `network` is a dictionary: a `name` or `layers` with options, or the `module` of one's own that stands outside.
    """

    def __init__(self, data: DataSettings, network: Mapping[str, Any], task: TaskSettings, recipe: Recipe) -> None:
        self.data, self.network, self.task, self.recipe = data, dict(network), task, recipe

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spec) and self.to_dict() == other.to_dict()

    def __repr__(self) -> str:
        return self.to_yaml()

    @classmethod
    def from_dict(cls, sections: Mapping[str, Any]) -> "Spec":
        """Make a Spec from plain dictionaries. Raises: SettingError, naming the setting."""
        for name in sections:
            if name not in SECTIONS:
                raise SettingError(
                    f"There is no section {name!r}.{suggestion(name, SECTIONS)} Sections: {', '.join(SECTIONS)}."
                )
        return cls(
            checked(DataSettings, _mapping("data", sections.get("data")), "data"),
            network_section(sections.get("network")),
            checked(TaskSettings, _mapping("task", sections.get("task")), "task"),
            checked(Recipe, _mapping("recipe", sections.get("recipe")), "recipe"),
        )

    @classmethod
    def from_file(cls, path: Path) -> "Spec":
        """Read a spec.yaml. Raises: DataError, when it is not YAML."""
        return cls.from_dict(read_sections(path))

    def to_dict(self) -> dict[str, Any]:
        return {
            "data": self.data.model_dump(mode="json"),
            "network": dict(self.network),
            "task": self.task.model_dump(mode="json"),
            "recipe": self.recipe.model_dump(mode="json"),
        }

    def to_yaml(self) -> str:
        return yaml.safe_dump(self.to_dict(), sort_keys=False, allow_unicode=True)

    def with_(self, changes: Mapping[str, Any]) -> "Spec":
        """Return the Spec with some settings changed, such as {"recipe.epochs": 3, "data.augment.shift": 1}."""
        return Spec.from_dict(merged(self.to_dict(), changes))

    def changes_from(self, other: "Spec") -> dict[str, tuple[Any, Any]]:
        """Return what differs: setting -> (there, here)."""
        there, here = _flat(other.to_dict()), _flat(self.to_dict())
        names = sorted(there.keys() | here.keys())
        return {n: (there.get(n), here.get(n)) for n in names if there.get(n) != here.get(n)}


def network_section(network: Any) -> dict[str, Any]:
    """Bring what names a network into one form: {"name": ...} or {"layers": [...]}, with options."""
    if network is None:
        return {}
    if isinstance(network, str):
        return {"name": network}
    if isinstance(network, list):
        return {"layers": network}
    return dict(_mapping("network", network))


def read_sections(path: Path) -> dict[str, Any]:
    """Read the sections of a spec file, unchecked."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error.strerror}. Give the path of a spec, such as a run's spec.yaml."
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is no YAML: {yaml_fault(error)}. Correct it.") from None
    if not isinstance(content, Mapping):
        raise DataError(f"{path} holds no sections. Write data:, network:, task: and recipe:.")
    return dict(content)


def parse_changes(assignments: Iterable[str]) -> dict[str, Any]:
    """Parse "section.key=value" as `--set` takes it; values are YAML, so 0.1, true, none and [64, 64] mean what they say."""
    changes = {}
    for text in assignments:
        name, equals, value = text.partition("=")
        if not equals or "." not in name:
            raise SettingError(f"--set {text!r} is not of the form section.key=value, such as recipe.epochs=3.")
        try:
            changes[name.strip()] = number_or(yaml.safe_load(value))
        except yaml.YAMLError:
            raise SettingError(
                f"--set {text!r}: {value!r} is not a value that can be read. Quote it if it is text."
            ) from None
    return changes


def number_or(value: Any) -> Any:
    """YAML 1.1 takes 1e-3 for text; people mean a number."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def merged(sections: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested sections with dotted changes applied."""
    result = {name: dict(section or {}) for name, section in sections.items()}
    for dotted, value in changes.items():
        section, _, rest = dotted.partition(".")
        if section not in SECTIONS:
            raise SettingError(
                f"There is no section {section!r} in {dotted!r}.{suggestion(section, SECTIONS)} Sections: {', '.join(SECTIONS)}."
            )
        place: dict[str, Any] = result.setdefault(section, {})
        *path, last = rest.split(".")
        for part in path:
            inner = place.get(part)
            place[part] = dict(inner) if isinstance(inner, Mapping) else {}
            place = place[part]
        place[last] = value
    return result


def section_of(dotted: Mapping[str, Any], section: str) -> dict[str, Any]:
    """Return the settings of one section out of dotted ones, such as {"recipe.epochs": 3}."""
    return {name.partition(".")[2]: value for name, value in dotted.items() if name.partition(".")[0] == section}


def _mapping(section: str, value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise SettingError(
            f"The section {section!r} is {type(value).__name__}, not settings with values. Write it as {section}: {{name: value}}."
        )
    return value


def _flat(value: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, inner in value.items():
        if isinstance(inner, Mapping) and inner:
            flat |= _flat(inner, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = inner
    return flat
