"""deepglass data: what some data is."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deepglass.cli.common import Json, Sets, in_section, print_json
from deepglass.errors import SettingError

if TYPE_CHECKING:
    from deepglass.data import Dataset
    from deepglass.data.checks import Summary

NEXT = "Next: `deepglass train SOURCE` trains a network on it."


def command(
    source: Annotated[
        str | None, typer.Argument(metavar="SOURCE", help="A name, a file or a folder; left out, the names are listed.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The column to learn (default: the last one).")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Say what may be wrong with it, too.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Draw it: examples, distributions, augmentation.")] = False,
    out: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="The picture: .png, .svg, .pdf or .html (default: SOURCE-data.png)."
        ),
    ] = None,
    files: Annotated[
        bool, typer.Option("--files", help="List the files of the catalogue: sizes, checksums, licences.")
    ] = False,
    sets: Sets = None,
    json: Json = False,
) -> None:
    """Say what some data is: what each field was taken for, its encoding, the splits, and what may be wrong with it.

    \b
      deepglass data
      deepglass data --files
      deepglass data iris
      deepglass data people.csv --target income
      deepglass data people.csv --target income --set data.on_missing=fill --set 'data.missing=["?", "NA"]'
      deepglass data train.csv --target income --set data.test=test.csv
      deepglass data people.csv --check
      deepglass data digits --show -o digits.html --set data.augment.rotate=10
      deepglass data hub:ylecun/mnist
      deepglass data spirals --set data.options.points=400 --set data.options.arms=3
    """
    from deepglass.data import load

    if files:
        if source is not None:
            raise SettingError("--files lists the whole catalogue. Leave the source out, or leave --files out.")
        _list_files(json)
        return
    if source is None:
        _list_names(json)
        return
    settings = in_section(sets, "data")["data"]
    data = load(source, **({"target": target} if target else {}), **settings)
    found = _checked(data) if check else None
    picture = _picture(data, out) if show or out else None
    if json:
        drawn = {"picture": picture} if picture else {}
        problems = [p.to_dict() for p in found.problems] if found else []
        print_json({**data.describe().to_dict(), "problems": problems, **drawn})
        return
    print(data.describe())
    if picture:
        print(f"picture: {picture}")
    if found:
        print(found)


def _checked(data: "Dataset") -> "Summary":
    from deepglass.data.checks import check

    return check(data)


def _picture(data: Any, out: str | None) -> str:
    """Draw some data, and return where the picture is."""
    path = Path(out) if out else Path(f"{Path(data.name).stem or 'data'}-data.png")
    data.show(path)
    return str(path)


def _list_files(json: bool) -> None:
    """The catalogue as a register: every file with its size and what it has to be, to the bit."""
    from deepglass.data.catalogue import CATALOGUE

    known = {name: [file for copy in entry.copies for file in copy.files] for name, entry in sorted(CATALOGUE.items())}
    if json:
        rows = {
            name: {
                "licence": CATALOGUE[name].licence,
                "files": [{"name": f.name, "bytes": f.size, "sha256": f.sha256 or None} for f in files],
            }
            for name, files in known.items()
        }
        print_json({"catalogue": rows})
        return
    for name, files in known.items():
        print(f"{name}  ({CATALOGUE[name].licence})")
        for file in files:
            print(f"  {file.name:<34} {file.size:>12,} bytes  {file.sha256 or 'its content is checked'}")
    print("The long numbers are SHA-256 checksums; a file that has another one is refused.")


def _list_names(json: bool) -> None:
    from deepglass.data.builtin import BUILTIN
    from deepglass.data.catalogue import CATALOGUE

    about = {name: make().facts.get("description", "") for name, make in BUILTIN.items()}
    fetched = {name: entry.description for name, entry in CATALOGUE.items()}
    if json:
        print_json({"builtin": about, "catalogue": fetched})
        return
    width = max(map(len, [*about, *fetched]))
    print("Built in:")
    for name, text in sorted(about.items()):
        print(f"  {name:<{width}} {text}")
    print("From their official home (kept after the first time):")
    for name, text in sorted(fetched.items()):
        print(f"  {name:<{width}} {text}")
    print(
        "Your own, by its path: a table (.csv, .tsv, .parquet), images, recordings or texts by class (a folder, .zip, .tar), "
        "a text (.txt), or arrays (.npy, .npz)."
    )
