"""deepglass look: one example inside a network."""

from pathlib import Path
from typing import Annotated

import typer

from deepglass.cli.common import EpochArgument, Json, Trust, open_run, print_json
from deepglass.errors import SettingError

NEXT = "The picture says what its colours mean. In Python: run.look(3) gives the numbers, dg.saliency those of any network."


def command(
    run: EpochArgument,
    what: Annotated[
        str,
        typer.Option(
            metavar="KIND",
            help="What is looked at: layers, words (of a text: what each does for the answer), "
            "attention (where each step looks), filters (before and after training), numbers (of the input or of --layer, and "
            "their places when flattened), separation (how well a linear model tells the answer from each layer), time (in "
            "recurrent layers), or dream (the image, and noise, changed step by step so that --unit of --layer gives more).",
        ),
    ] = "layers",
    example: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="The example, by its number in the data, as reports write it; with --input which of its examples, from 0 "
            "(default: the first of the split).",
        ),
    ] = None,
    input: Annotated[
        Path | None,
        typer.Option("--input", metavar="FILE", help="A new example instead: a table, an array or a picture."),
    ] = None,
    split: Annotated[str, typer.Option(metavar="NAME", help="Where other examples come from: validation or train.")] = (
        "validation"
    ),
    layer: Annotated[
        str | None, typer.Option(metavar="LAYER", help="See this layer closely (default: all layers).")
    ] = None,
    unit: Annotated[
        int | None,
        typer.Option(
            metavar="U",
            help="Also the examples that excite this unit or map of --layer most, counted from 0; with --what numbers the "
            "number of the flattened vector whose place is marked.",
        ),
    ] = None,
    saliency: Annotated[
        str,
        typer.Option(
            metavar="METHOD",
            help="What the answer rests on, by gradient, gradient_x_input, integrated_gradients (usual), smooth_grad (usual behind "
            "a front), occlusion or grad_cam.",
        ),
    ] = "auto",
    target: Annotated[
        str | None, typer.Option(metavar="CLASS", help="Explain this class or column (default: what was answered).")
    ] = None,
    embedding: Annotated[
        str | None,
        typer.Option(metavar="METHOD", help="Also lay out the split as --layer sees it, by pca, tsne or umap."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="The picture: .png, .svg, .pdf or .html (default: look.png)."
        ),
    ] = None,
    trust: Trust = False,
    json: Json = False,
) -> None:
    """Look inside at one example: what every layer gives, what the answer rests on, the filters.

    \b
      deepglass look runs/digits-lenet5-20260102-1
      deepglass look runs/digits-lenet5-20260102-1 --example 12 --saliency grad_cam
      deepglass look runs/digits-lenet5-20260102-1 --layer c3 --unit 5 --embedding pca -o c3.png
      deepglass look runs/digits-lenet5-20260102-1@12 --example 12
      deepglass look runs/digits-lenet5-20260102-1 --input scan.png --target 7
      deepglass look runs/reviews-bag-20260102-1 --what words --example 3
      deepglass look runs/digits-lenet5-20260102-1 --what filters
      deepglass look runs/digits-lenet5-20260102-1 --what numbers --unit 37
      deepglass look runs/digits-lenet5-20260102-1 --what separation -o layers.png
      deepglass look runs/digits-lenet5-20260102-1 --what dream --layer c3 --unit 5 -o dream.png
      deepglass look runs/multi30k-seq2seq-20260102-1 --what attention -o attention.png
      deepglass look runs/people-mlp-20260102-1 --input new_people.csv --example 2 -o row2.html
    """
    if input is not None and not input.exists():
        raise SettingError(f"There is no file {input}. Give the path of a table, an array or a picture.")
    path = output or Path("look.png")
    seen = open_run(run, trust=trust).look(
        example if input is None else str(input),
        split,
        row=None if input is None else example,
        layer=layer,
        unit=unit,
        target=target,
        saliency=saliency,
        embedding=embedding,
        what=what,
    )
    seen.picture(path)
    if json:
        print_json({**seen.to_dict(), "picture": str(path)})
        return
    print(seen)
    print(f"picture: {path}")
