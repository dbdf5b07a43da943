"""deepglass predict: new examples."""

import sys
import warnings
from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.cli.common import Json, RunArgument, Threshold, Trust, find_run, print_json
from deepglass.errors import DataError, DeepglassWarning, SettingError

NEXT = "A column of the file that was the target in training is shown beside the prediction, as `given`."
SHOWN = 20  # rows printed at most; -o writes all of them


def command(
    run: RunArgument,
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help="One table (.csv, .parquet, ...), .npy or .npz file, or pictures or recordings: files, folders, .zip or .tar; for "
            "a network of texts also texts in quotes, or a .txt file with a text a line.",
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="out.csv", help="Write all predictions to a file.")
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="The N likeliest labels of each example; -o top.png draws them as bars."),
    ] = None,
    threshold: Threshold = None,
    skip_unreadable: Annotated[
        bool,
        typer.Option("--skip-unreadable", help="Leave out pictures and recordings that cannot be read, and say which."),
    ] = False,
    trust: Trust = False,
    json: Json = False,
) -> None:
    """Predict new examples: classes with probabilities, or numbers in their own unit.

    \b
      deepglass predict runs/people-mlp-20260102-1 new_people.csv -o answers.csv
      deepglass predict runs/digits-lenet5-20260102-1 scan1.png scan2.png
      deepglass predict runs/digits-lenet5-20260102-1 scan1.png --top 5 -o top.png
      deepglass predict runs/words-conv1d-20260102-1 new.wav
      deepglass predict runs/reviews-bag-20260102-1 "a film to remember" "two hours too long"
      deepglass predict runs/digits-lenet5-20260102-1 scans.zip -o answers.csv --skip-unreadable
    """
    from deepglass.run import Run

    if output is not None and top is None:
        _check_table(output)
    opened = Run(find_run(run), trust=trust)
    if top is not None:
        if threshold is not None or skip_unreadable:
            raise SettingError("--top ranks the labels of all examples: leave out --threshold and --skip-unreadable.")
        _likeliest(opened.likeliest(inputs, top), output, json)
        return
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DeepglassWarning)
        predictions = opened.predict(inputs, threshold=threshold, skip_unreadable=skip_unreadable)
    for warning in caught:
        print(f"note: {warning.message}", file=sys.stderr)
    _add_given(predictions, Path(inputs[0]), opened)
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


def _add_given(predictions: Any, path: Path, run: Any) -> None:
    """Put the target beside the predictions, when the table holds it."""
    from deepglass.data.inputs import given_targets
    from deepglass.data.readers.table_files import is_table

    targets = given_targets(path, run.fields) if is_table(path) else {}
    for given in targets.values():
        if len(given) == len(predictions):  # files that were left out have no row
            predictions.insert(1, "given" if "given" not in predictions else "given before", given)
        return


def _likeliest(found: Any, output: Path | None, json: bool) -> None:
    if output is not None:
        found.picture(output)
    if json:
        print_json(found.to_dict())
        return
    print(found)
    if output is not None:
        print(f"picture: {output}")


def _check_table(path: Path) -> None:
    from deepglass.runs.files import check_folder

    if path.suffix.lower() != ".csv":
        raise DataError(f"-o {path}: predictions are written as .csv. Give a name that ends so.")
    check_folder(path)


def _write(predictions: Any, path: Path) -> None:
    from deepglass.runs.files import write_text

    write_text(path, predictions.map(_neutral).to_csv(index=False))


def _neutral(cell: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets a quote before it."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell
