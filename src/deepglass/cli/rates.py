"""deepglass rates: which learning rate suits a network on some data."""

from typing import Annotated

import typer

from deepglass.cli.common import Json, Sets, in_section, print_json

NEXT = "Next: `deepglass train SOURCE --learning-rate RATE` trains with it."


def command(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A name, a file or a folder.")],
    target: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The column to learn (default: the last one).")
    ] = None,
    network: Annotated[
        str | None, typer.Option(metavar="NAME", help="A name or a file (default: one that suits the data).")
    ] = None,
    optimizer: Annotated[str | None, typer.Option(metavar="NAME", help="The optimizer (default: adam).")] = None,
    lowest: Annotated[float, typer.Option(metavar="RATE", help="The first rate.")] = 1e-6,
    highest: Annotated[float, typer.Option(metavar="RATE", help="The last rate.")] = 10.0,
    steps: Annotated[int, typer.Option(metavar="N", help="Steps from the first to the last.")] = 200,
    out: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="The picture: .png, .svg, .pdf or .html (default: rates.png)."
        ),
    ] = None,
    sets: Sets = None,
    json: Json = False,
) -> None:
    """Find a learning rate: a short training in which it grows from step to step, and a picture of the loss.

    \b
      deepglass rates digits
      deepglass rates mnist --network mlp --optimizer sgd
      deepglass rates people.csv --target income --steps 400 -o people.svg
    """
    from deepglass.data import load
    from deepglass.names import find
    from deepglass.networks import build
    from deepglass.report.pictures import rate_curve, save
    from deepglass.report.pictures.figure import check_picture
    from deepglass.tasks import TaskSettings, task_for
    from deepglass.training import find_rate
    from deepglass.training.optimizers import OPTIMIZERS
    from deepglass.training.usual import default_section

    sections = in_section(sets, "data", "network", "task", "recipe")
    recipe = {**sections["recipe"], **({} if optimizer is None else {"optimizer": optimizer})}
    find("optimizer", str(recipe.get("optimizer", "adam")), OPTIMIZERS)
    path = check_picture(out or "rates.png")  # before the time is spent
    data = load(source, **({"target": target} if target else {}), **sections["data"])
    named = default_section(data) if network is None else {"name": network}
    asked = network if network is not None and "." in network else {**named, **sections["network"]}
    made = build(asked, data, seed=int(recipe.get("seed", 0)))
    task = task_for(data, TaskSettings(**sections["task"]))
    found = find_rate(made, data, recipe, task=task, lowest=lowest, highest=highest, steps=steps)
    save(rate_curve(found, f"{data.name}, {network or named['name']}"), path, "loss over learning rate")
    if json:
        facts = {"suggestion": found.suggestion, "steepest": found.steepest, "steps": len(found.rates)}
        print_json({**facts, "picture": str(path)})
        return
    print(found)
    print(f"picture: {path}")
