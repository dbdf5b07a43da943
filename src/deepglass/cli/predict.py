"""deepglass predict: new examples."""

from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.cli.common import Json, RunArgument, Trust, find_run, print_json
from deepglass.errors import DataError

NEXT = "A column of the file that was the target in training is shown beside the prediction, as `given`."
SHOWN = 20  # rows printed at most; -o writes all of them


def command(
    run: RunArgument,
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="INPUT...", help="One table (.csv, .parquet, ...) or .npy file, or images (.png, .jpg)."
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="out.csv", help="Write all predictions to a file.")
    ] = None,
    trust: Trust = False,
    json: Json = False,
) -> None:
    """Predict new examples: classes with probabilities, or numbers in their own unit.

    \b
      deepglass predict runs/people-mlp-20260102-1 new_people.csv -o answers.csv
      deepglass predict runs/digits-lenet5-20260102-1 scan1.png scan2.png
    """
    from deepglass.run import Run

    opened = Run(find_run(run), trust=trust)
    predictions = opened.predict([str(p) for p in inputs])
    _add_given(predictions, inputs, opened)
    if output is not None:
        _write(predictions, output)
    if json:
        print_json({"predictions": predictions.to_dict(orient="records")})
        return
    if output is not None:
        print(f"{len(predictions)} predictions: {output}")
        return
    print(predictions.head(SHOWN).to_string(float_format=lambda v: f"{v:.4g}"))
    if len(predictions) > SHOWN:
        print(f"... {len(predictions) - SHOWN} more; -o out.csv writes all of them.")


def _add_given(predictions: Any, inputs: list[Path], run: Any) -> None:
    """Put names of files, and the target when the table holds it, beside the predictions."""
    from deepglass.data.inputs import given_targets
    from deepglass.data.readers.table_files import is_table

    if is_table(inputs[0]):
        for given in given_targets(inputs[0], run.fields).values():
            predictions.insert(1, "given", given)
            return
    elif len(inputs) == len(predictions) and inputs[0].suffix.lower() != ".npy":
        predictions.insert(0, "file", [str(p) for p in inputs])


def _write(predictions: Any, path: Path) -> None:
    from deepglass.runs.files import write_text

    if path.suffix.lower() != ".csv":
        raise DataError(f"-o {path}: predictions are written as .csv. Give a name that ends so.")
    write_text(path, predictions.map(_neutral).to_csv(index=False))


def _neutral(cell: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets a quote before it."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell
