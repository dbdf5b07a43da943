"""deepglass byhand: one example through a network, number by number."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.cli.common import EpochArgument, Json, Trust, open_run, print_json

NEXT = "Copy the quantities into a .csv with values of your own, and --mine says which is the first that is wrong."
WIDEST = 160  # columns of a table that is written into a file or another program
PLAIN = ("sgd", "momentum", "rosenblatt")  # optimizers whose step is the one by hand
CHECKED = 1_000_000  # rows that values of one's own may be held beside, which nobody has to read
RATE = 0.1  # of a step after any other, as in `dg.byhand`


def command(
    run: EpochArgument,
    example: Annotated[
        list[int] | None,
        typer.Option(
            "--example", metavar="N", help="Number of the example in its split, from 0; several make a batch."
        ),
    ] = None,
    split: Annotated[str, typer.Option(metavar="SPLIT", help="train or validation.")] = "train",
    layers: Annotated[
        str | None, typer.Option(metavar="NAME,...", help="Only the rows of these layers (default: all).")
    ] = None,
    training: Annotated[
        bool, typer.Option("--training", help="As in training: batch norm of this batch, dropout with --masks.")
    ] = False,
    masks: Annotated[
        Path | None, typer.Option(metavar="masks.json", help="Dropout layer -> 1 where a number is kept, 0 where not.")
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(metavar="RATE", help="Of the step at the end (default: the run's, else 0.1).")
    ] = None,
    momentum: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Of the step at the end (default: the run's, else 0).")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(metavar="ROWS", help="Rows at most (default: 1000; with --mine all).")
    ] = None,
    mine: Annotated[
        Path | None,
        typer.Option(metavar="values.csv", help="Your values (.csv or .json): which is the first that is wrong?"),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="table.html", help="Write the table: .html, .csv or .json.")
    ] = None,
    trust: Trust = False,
    json: Json = False,
) -> None:
    """Calculate an example by hand: every number and its formula, forward, backward, and after one step.

    \b
      deepglass byhand runs/iris-mlp-20260102-1 --example 3 --layers output
      deepglass byhand iris-mlp-20260102-1@12 --example 3
      deepglass byhand iris-mlp-20260102-1 --example 3 -o table.html
      deepglass byhand iris-mlp-20260102-1 --example 3 --mine values.csv
    """
    from deepglass.by_hand import of_data
    from deepglass.runs.files import check_folder

    if output is not None:
        check_folder(output)  # before the time is spent
    opened = open_run(run, trust=trust)
    options: dict[str, Any] = {"training": training, "masks": _masks(masks)}
    if limit is not None or mine is not None:
        options["limit"] = CHECKED if limit is None else limit
    if layers is not None:
        options["layers"] = [name.strip() for name in layers.split(",")]
    step, note = _step(opened, learning_rate, momentum)
    examples = example or [0]
    table = of_data(opened.network, opened.task, opened.data, examples, split=split, **options, **step)
    checked = None if mine is None else table.check(mine)
    if output is not None:
        table.save(output)
    if json:
        beside = {} if checked is None else {"check": checked.to_dict()}
        print_json({"run": str(opened.path), "split": split, "examples": examples, **table.to_dict(), **beside})
        return
    if checked is not None:
        print(checked)
    elif output is None:
        _print(table)
    if output is not None:
        print(f"{len(table)} rows: {output}")
    mode = "training: batch norm of this batch, dropout by --masks" if training else "use: dropout lets all through"
    print(f"{note} Calculated as in {mode}.", file=sys.stderr)


def _step(run: Any, learning_rate: float | None, momentum: float | None) -> tuple[dict[str, float], str]:
    """The settings of the step at the end, and a sentence on them."""
    recipe = run.spec.recipe
    same = recipe.optimizer in PLAIN
    step = {
        "learning_rate": RATE if not same or recipe.learning_rate is None else recipe.learning_rate,
        "momentum": (recipe.momentum if recipe.momentum is not None else 0.9)
        if recipe.optimizer == "momentum"
        else 0.0,
        "weight_decay": (recipe.weight_decay or 0.0) if same else 0.0,
    }
    own = {"learning_rate": learning_rate, "momentum": momentum}
    step |= {name: value for name, value in own.items() if value is not None}
    other = "" if same else f" The run itself was trained with {recipe.optimizer}."
    settings = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in step.items() if value)
    return step, f"note: the step is one of gradient descent, {settings}.{other}"


def _masks(path: Path | None) -> dict[str, Any]:
    import json

    from deepglass.errors import DataError

    if path is None:
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f'--masks {path} cannot be read as JSON: {error}. Write {{"dropout1": [1, 0, 1]}} into it.'
        ) from error
    if not isinstance(found, dict):
        raise DataError(f'{path} holds no object. Write {{"dropout1": [1, 0, 1]}}.')
    return found


def _print(table: Any) -> None:
    from rich.console import Console

    from deepglass.by_hand.terminal import drawn

    Console(width=None if sys.stdout.isatty() else WIDEST, highlight=False).print(
        *drawn(table.rows, table.about), sep="\n"
    )
