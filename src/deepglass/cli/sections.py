"""Sections: what a command line says, as the sections of a spec."""

from pathlib import Path
from typing import Any

from deepglass.errors import DataError, SettingError


def changes_of(sets: list[str] | None) -> dict[str, Any]:
    from deepglass.training.spec import parse_changes

    return parse_changes(sets or [])


def sections_of(
    source: str, target: str | None, network: str | None, changes: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """The four sections: those of a spec file first, then what the command line says."""
    from deepglass.training.spec import SECTIONS, merged, network_section, read_sections

    sections: dict[str, Any] = {}
    if source.endswith((".yaml", ".yml")):
        sections = read_sections(Path(source))
        sections["network"] = network_section(sections.get("network"))
    else:
        sections["data"] = {"source": source}
    sections = {name: dict(sections.get(name) or {}) for name in SECTIONS} | {
        name: value for name, value in sections.items() if name not in SECTIONS
    }
    if target is not None:
        sections["data"]["target"] = target
    if network is not None:
        sections["network"] = {"name": network}
    result = merged(sections, changes)
    unknown = set(result) - set(SECTIONS)
    if unknown:
        raise SettingError(f"{source}: there is no section {unknown.pop()!r}. Sections: {', '.join(SECTIONS)}.")
    return result


def load_section(section: dict[str, Any]) -> Any:
    from deepglass.data import load

    settings = dict(section)
    source = settings.pop("source", None)
    if not source:
        raise DataError("The spec names no data: write data: {source: digits}.")
    return load(source, **settings)


def batch_size_of(text: str | None) -> int | str | None:
    return int(text) if text is not None and text.lstrip("-").isdigit() else text
