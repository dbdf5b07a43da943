"""Common: what several commands share: options, finding a run, printing JSON."""

import json
import math
from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.errors import RunError, SettingError

SIGNAL_CODES = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}  # what a shell says of a command that a signal ended
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")]
Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="SECTION.KEY=VALUE",
        help="Change any setting (`deepglass settings` lists them); may be given several times.",
    ),
]
Trust = Annotated[bool, typer.Option("--trust", help="Run the code of its author's that the run was made with.")]
Threshold = Annotated[
    str | None,
    typer.Option(
        metavar="RULE",
        help="From which probability a class is said to be there: f1, youden or cost=5 (a miss is as bad as five false alarms), "
        "each chosen on the validation split, or a number (default: the likeliest class).",
    ),
]
EpochArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="The folder of a run, or its name under runs/; RUN@12: after epoch 12.")
]
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="The folder of a run, or its name under runs/.")]


def find_run(text: str) -> Path:
    """Return the folder of a run by path, or by name under runs/. Raises: RunError, with what is near."""
    from deepglass.runs import find_runs

    found = find_runs(text)
    if len(found) > 1 or found[0].name not in (Path(text).name, Path(text).resolve().name):
        inside = ", ".join(path.as_posix() for path in found[:5])
        raise RunError(
            f"{text} is no run but a folder of runs: {inside}{', ...' if len(found) > 5 else ''}. Name one of them."
        )
    return found[0]


def open_run(text: str, *, trust: bool = False) -> Any:
    """Open a run, or with "RUN@12" the network after that epoch of it; a folder may have an @ in its own name.

    Raises: RunError, with the runs that are near, or the epochs that are saved.
    """
    from deepglass.forking import split_name
    from deepglass.run import Run

    try:
        return Run(find_run(text), trust=trust)
    except RunError:
        name, epoch = split_name(text)
        if epoch is None:
            raise
    return Run(find_run(name), trust=trust).at(epoch)


def print_json(content: Any) -> None:
    """Print one line of JSON, with null for what is no number."""
    print(json.dumps(plain(content), ensure_ascii=False, default=str))


def plain(value: Any) -> Any:
    """Turn numbers of other libraries into Python's own, and those that are not finite into None."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def in_section(sets: list[str] | None, *sections: str) -> dict[str, dict[str, Any]]:
    """Parse `--set` options, and return the settings of each section. Raises: SettingError, for one of another section."""
    from deepglass.training.spec import merged, parse_changes

    changes = parse_changes(sets or [])
    for name in changes:
        if name.partition(".")[0] not in sections:
            known = ", ".join(sections)
            raise SettingError(
                f"--set {name}: this command takes settings of {known} only, such as {sections[0]}.KEY=VALUE."
            )
    return merged({section: {} for section in sections}, changes)
