"""Convolved: a convolution or a pooling by hand: its numbers, who sees whom, the matrix, and what a shift changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.errors import SettingError
from deepglass.looks.looked import Looked
from deepglass.plurals import counted
from deepglass.sliding import KERNELS, POOLINGS, Sliding, image_of, kernel_of, slide

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_TABLE = 16  # columns of a result that is printed
MOST_PIXELS = 400  # of an image whose matrix is made: it has a column for each
SIDE, POOLED = 3, 2  # usual sides of the windows of blur and of poolings


class Convolved(Looked):
    """A window that slid over an image: `.result`, `.matrix`, `.seen`, `.touched`; see `deepglass.sliding.Sliding`.

    In a notebook it shows its picture; `.picture("sobel.png")` writes it.
    """

    def __init__(self, sliding: Sliding, title: str, pixel: tuple[int, int] | None, shift: int, flipped: bool) -> None:
        super().__init__(title)
        height, width = sliding.image.shape
        self.sliding, self.shift, self.flipped = sliding, shift, flipped
        self.pixel = (height // 2, width // 2) if pixel is None else pixel
        self.result, self.seen = sliding.result, sliding.seen
        self.touched = sliding.touched(*self.pixel)
        self.place = int(np.flatnonzero(self.touched)[0]) if self.touched.any() else 0  # the result that is worked out

    @property
    def matrix(self) -> np.ndarray:
        """(results, pixels). Raises: SettingError, of an image whose matrix would be huge."""
        if self.sliding.image.size > MOST_PIXELS:
            raise SettingError(
                f"The matrix of {counted(self.sliding.image.size, 'pixel')} would have as many columns. Take an image of at most "
                f"{MOST_PIXELS}."
            )
        return self.sliding.matrix

    def draw(self) -> Figure:
        from deepglass.report.pictures.sliding import sliding_picture

        return sliding_picture(self.sliding, self.title, self.pixel, self.place, self._moved())

    def lines(self) -> list[str]:
        """The sizes, one result worked out, who sees whom, and the result itself where it is small."""
        sliding = self.sliding
        sides = ["rows", "columns"]
        sizes = [f"{n} {w.rule(s)}" for n, w, s in zip(sides, sliding.along, sliding.image.shape)]
        found = [
            f"  size: {', '.join(sizes)}",
            f"  {self._worked_out()}",
            *map("  {}".format, self._seen()),
            *self._table(),
        ]
        if sliding.sticking_out:
            found.append(f"  {sliding.sticking_out} of {len(sliding.places)} windows stick out of the image")
        if sliding.image.size <= MOST_PIXELS:
            found.append(f"  {self._as_matrix()}")
        if self.shift:
            found.append(f"  {self._after_shift()}")
        return [*found, f"  {self._convention()}"]

    def to_dict(self) -> dict[str, Any]:
        small = self.sliding.image.size <= MOST_PIXELS
        return {
            "result": self.result.tolist(),
            "seen": self.seen.tolist(),
            "pixel": list(self.pixel),
            "touched": self.touched.tolist(),
            "matrix": self.matrix.tolist() if small else None,
            "sticking_out": self.sliding.sticking_out,
        }

    def _worked_out(self) -> str:
        sliding, width = self.sliding, self.sliding.sizes[1]
        row, column = divmod(self.place, width)
        inside = sliding.places[self.place] != -1
        numbers = sliding.image.ravel()[sliding.places[self.place][inside]]
        head = f"result of row {row}, column {column}:"
        value = f"= {self.result[row, column]:g}"
        if sliding.kernel is None:
            return f"{head} {sliding.pooling} of {', '.join(f'{x:g}' for x in numbers)} {value}"
        weights = sliding.kernel.ravel()[inside]
        return f"{head} {' + '.join(f'{x:g}·{w:.3g}' for x, w in zip(numbers, weights))} {value}".replace("+ -", "- ")

    def _seen(self) -> list[str]:
        seen, (row, column) = self.seen, self.pixel
        least, most = int(seen.min()), int(seen.max())
        what = "weight" if self.sliding.kernel is not None else "window"
        even = f"every pixel comes under {counted(most, what)}: all are seen equally"
        corners = ", ".join(map(str, _corners(seen)))
        uneven = f"pixels come under {least} to {counted(most, what)}, those of the corners under {corners}"
        number = self.sliding.number(row, column)
        touches = f"the pixel of row {row}, column {column}, number {number} of the flattened image, touches"
        return [
            even if least == most else uneven,
            f"{touches} {int(self.touched.sum())} of {counted(self.touched.size, 'result')}",
        ]

    def _as_matrix(self) -> str:
        matrix, kernel = self.matrix, self.sliding.kernel
        filled = int((matrix != 0).sum())
        head = (
            f"as a matrix: {matrix.shape[0]}x{matrix.shape[1]}, of whose {matrix.size:,} numbers {filled:,} are not 0"
        )
        if kernel is not None:
            return (
                f"{head}; they repeat the {kernel.size} weights of the kernel, where a dense layer has {matrix.size:,}"
            )
        through = int((self.sliding.let_through != 0).sum())
        return f"{head}; {through} of {counted(matrix.shape[1], 'pixel')} are let through, and only to these goes a slope back"

    def _after_shift(self) -> str:
        before, after = self.result, self.sliding.of(_shifted(self.sliding.image, self.shift))
        stays = int(np.isclose(before, after).sum())
        step, along = self.sliding.along[1].stride, self.shift // self.sliding.along[1].stride
        head = f"moved {counted(self.shift, 'column')} to the right: {stays} of {counted(before.size, 'result')} stay as they are"
        if self.shift % step or not 0 < along < before.shape[1]:
            return head
        same = np.isclose(before[:, :-along], after[:, along:])
        return f"{head}; moved along by {along}, {int(same.sum())} of {same.size} are the same"

    def _table(self) -> list[str]:
        if self.result.shape[1] > MOST_TABLE or self.result.shape[0] > MOST_TABLE:
            return [f"  result: from {self.result.min():g} to {self.result.max():g}"]
        cells = [[f"{x:.4g}" for x in row] for row in self.result]
        width = max(len(cell) for row in cells for cell in row)
        return ["  result:", *("    " + " ".join(cell.rjust(width) for cell in row) for row in cells)]

    def _moved(self) -> dict[str, np.ndarray]:
        if not self.shift:
            return {}
        moved = _shifted(self.sliding.image, self.shift)
        after = self.sliding.of(moved)
        names = [f"image, moved right by {self.shift}", "its result", "change of the result"]
        return dict(zip(names, [moved, after, after - self.result]))

    def _convention(self) -> str:
        if self.sliding.kernel is None:
            return "Rows count downwards, columns to the right, from 0."
        turned = (
            "turned by 180 degrees, as in a true convolution"
            if self.flipped
            else "not turned (cross-correlation), as in networks"
        )
        return (
            f"The kernel is {turned}. Rows count downwards, columns to the right, from 0: where a slide writes (x, y), take row y, "
            "column x."
        )


class Gallery(Looked):
    """What each kernel made by hand makes of a picture: `.results` by the kernel's name."""

    def __init__(self, image: np.ndarray, name: str) -> None:
        super().__init__(f"{name}: filters made by hand")
        self.image = image
        self.results = {k: slide(image, kernel_of(k), padding="same", padding_mode="replicate").result for k in KERNELS}

    def draw(self) -> Figure:
        from deepglass.report.pictures.sliding import gallery_picture

        return gallery_picture({f"{name}: {KERNELS[name].about}": x for name, x in self.results.items()}, self.title)

    def lines(self) -> list[str]:
        return [
            f"  {name:<8} {KERNELS[name].about}; from {x.min():.4g} to {x.max():.4g}"
            for name, x in self.results.items()
        ]

    def to_dict(self) -> dict[str, Any]:
        return {name: {"least": float(x.min()), "most": float(x.max())} for name, x in self.results.items()}


def convolve(
    image: Any = "digit",
    kernel: Any = None,
    *,
    size: int | None = None,
    stride: int | None = None,
    padding: int | str = 0,
    padding_mode: str = "zeros",
    value: float = 0.0,
    flip: bool = False,
    ceil: bool = False,
    pixel: tuple[int, int] | None = None,
    shift: int = 0,
) -> Convolved | Gallery:
    """Slide a kernel or a pooling over a picture, and see every number of it.

    Args:
        image: an array (rows, columns), a file, "digit" or "photo", or rows such as "101/010/101".
        kernel: a name of `deepglass.sliding.KERNELS`, "max", "mean" or "norm", or rows of weights; None tries all kernels.
        size: side of the window of "blur" (usually 3) and of what pools (usually 2). stride: usually 1, of what pools its size.
        flip: turn the kernel by 180 degrees, as a true convolution does.
        pixel: (row, column) of the pixel whose results are lit up (default: the middle).
        shift: columns by which the image is also moved to the right.
        padding, padding_mode, value, ceil: as of `deepglass.sliding.slide`.
    Raises: DataError, SettingError, ShapeError, UnknownName.

    >>> convolve("111/000", "1 1/-1 -1").result.tolist()
    [[2.0, 2.0]]
    """
    numbers, name = image_of(image), _called(image)
    if kernel is None:
        told = (size, stride, pixel, padding, padding_mode, value, flip, ceil, shift)
        if told != (None, None, None, 0, "zeros", 0.0, False, False, 0):
            raise SettingError(
                "All kernels are tried, each as it is; size, stride, padding and the like go with one. Name it: kernel='sobel-x' "
                "(--kernel sobel-x)."
            )
        return Gallery(numbers, name)
    pools = isinstance(kernel, str) and kernel in POOLINGS
    side = size if size is not None else POOLED if pools else SIDE
    step = stride if stride is not None else side if pools else 1
    weights = kernel if pools else kernel_of(kernel, side)
    if flip and not pools:
        weights = weights[::-1, ::-1]
    sliding = slide(
        numbers, weights, size=side, stride=step, padding=padding, padding_mode=padding_mode, value=value, ceil=ceil,
    )  # fmt: skip
    if not 0 <= shift < numbers.shape[1]:
        raise SettingError(
            f"{shift=} moves an image of {counted(numbers.shape[1], 'column')} out of sight. Give fewer."
        )
    window = f"{side}x{side}" if pools else "x".join(map(str, weights.shape))
    said = kernel if isinstance(kernel, str) and (pools or kernel in KERNELS) else "a kernel"
    return Convolved(
        sliding, f"{name}: {said} of {window}, stride {sliding.along[0].stride}, padding {padding}", pixel, shift, flip
    )


def _called(image: Any) -> str:
    if isinstance(image, str | Path):
        return Path(image).name if Path(image).is_file() else str(image)
    return "an image"


def _shifted(image: np.ndarray, columns: int) -> np.ndarray:
    """The image moved to the right; at the left its own edge is repeated."""
    return np.concatenate([np.repeat(image[:, :1], columns, axis=1), image[:, : image.shape[1] - columns]], axis=1)


def _corners(seen: np.ndarray) -> list[int]:
    return sorted({int(seen[r, c]) for r in (0, -1) for c in (0, -1)})
