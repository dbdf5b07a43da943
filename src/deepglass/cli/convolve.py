"""deepglass convolve: a convolution or a pooling by hand."""

import re
from pathlib import Path
from typing import Annotated

import typer

from deepglass.cli.common import Json, print_json
from deepglass.errors import SettingError

NEXT = "Next: `deepglass look RUN` shows the kernels that a network has learned, `deepglass networks NAME --sizes` their sizes."


def command(
    image: Annotated[
        str | None,
        typer.Argument(
            metavar="IMAGE",
            help="A picture, digit or photo (embedded), or rows such as 101/010/101; left out, kernels are listed.",
        ),
    ] = None,
    kernel: Annotated[
        str | None,
        typer.Option(
            metavar="KERNEL",
            help="A name, max, mean or norm to pool, or rows such as '1 0 -1/1 0 -1' (default: all by name).",
        ),
    ] = None,
    size: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Side of the window (default: 3 of blur, 2 of what pools).")
    ] = None,
    stride: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Pixels from place to place (default: 1; of what pools, its size)."),
    ] = None,
    padding: Annotated[
        str, typer.Option(metavar="P", help="Pixels of a border, or valid, same, full (default: 0).")
    ] = "0",
    padding_mode: Annotated[
        str, typer.Option(metavar="MODE", help="What the border holds: zeros, reflect, replicate or circular.")
    ] = "zeros",
    flip: Annotated[
        bool, typer.Option("--flip", help="Turn the kernel round first, as a true convolution does.")
    ] = False,
    ceil: Annotated[bool, typer.Option("--ceil", help="Keep last windows that stick out of the image.")] = False,
    pixel: Annotated[
        str | None,
        typer.Option(metavar="ROW,COLUMN", help="The pixel whose results are lit up, from 0 (default: the middle)."),
    ] = None,
    shift: Annotated[
        int, typer.Option(metavar="N", min=0, help="Also move the image so many columns to the right.")
    ] = 0,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="The picture: .png, .svg, .pdf or .html (default: convolve.png)."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Slide a kernel or a pooling over a picture: every number, who sees whom, and the same as a matrix.

    \b
      deepglass convolve
      deepglass convolve photo
      deepglass convolve mine.jpg --kernel sobel-x -o edges.png
      deepglass convolve digit --kernel blur --padding same --pixel 0,0
      deepglass convolve 11100/01110/00111/00110/01100 --kernel 101/010/101
      deepglass convolve digit --kernel max --size 3 --stride 2 --ceil --shift 1
    """
    from deepglass.convolved import convolve

    if image is None:
        _list(json)
        return
    path = output or Path("convolve.png")
    found = convolve(
        image,
        kernel,
        size=size,
        stride=stride,
        padding=int(padding) if padding.isdigit() else padding,
        padding_mode=padding_mode,
        flip=flip,
        ceil=ceil,
        pixel=_pixel(pixel),
        shift=shift,
    )
    found.picture(path)
    if json:
        print_json({**found.to_dict(), "picture": str(path)})
        return
    print(found)
    print(f"picture: {path}")


def _pixel(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    if not re.fullmatch(r"\d+,\d+", text):
        raise SettingError(f"--pixel {text!r} is no place. Write row and column, counted from 0, such as 3,4.")
    row, column = text.split(",")
    return int(row), int(column)


def _list(json: bool) -> None:
    from deepglass.sliding import KERNELS
    from deepglass.sliding.kernels import POOLING_DOES

    about = {**{name: kernel.about for name, kernel in KERNELS.items()}, **POOLING_DOES}
    if json:
        print_json({"kernels": about})
        return
    for name, text in about.items():
        print(f"  {name:<8} {text}")
