"""deepglass data: what some data is."""

from typing import Annotated

import typer

from deepglass.cli.common import Json, Sets, in_section, print_json

NEXT = "Next: `deepglass train SOURCE` trains a network on it."


def command(
    source: Annotated[
        str | None, typer.Argument(metavar="[SOURCE]", help="A name or a file; left out, the names are listed.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The column to learn (default: the last one).")
    ] = None,
    sets: Sets = None,
    json: Json = False,
) -> None:
    """Say what some data is: what each field was taken for, its encoding, the splits.

    \b
      deepglass data
      deepglass data iris
      deepglass data people.csv --target income
      deepglass data spirals --set data.options.points=400 --set data.options.arms=3
    """
    from deepglass.data import load

    if source is None:
        _list_names(json)
        return
    settings = in_section(sets, "data")["data"]
    data = load(source, **({"target": target} if target else {}), **settings)
    if json:
        print_json(data.describe().to_dict())
    else:
        print(data.describe())


def _list_names(json: bool) -> None:
    from deepglass.data.builtin import BUILTIN
    from deepglass.data.catalogue import CATALOGUE

    about = {name: make().facts.get("description", "") for name, make in BUILTIN.items()}
    fetched = {name: entry.description for name, entry in CATALOGUE.items()}
    if json:
        print_json({"builtin": about, "catalogue": fetched})
        return
    print("Built in:")
    for name, text in sorted(about.items()):
        print(f"  {name:<14} {text}")
    print("From their official home (kept after the first time):")
    for name, text in sorted(fetched.items()):
        print(f"  {name:<14} {text}")
    print("Your own: a .csv file, by its path.")
