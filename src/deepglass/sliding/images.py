"""Images: one channel of numbers to slide a window over: a picture of one's own, an embedded one, or rows that are typed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.errors import DataError
from deepglass.names import suggestion

LONGEST = 400  # pixels of the longer side of a picture; larger ones are made smaller, so that each pixel can be seen


def _digit() -> np.ndarray:
    """The first zero of the embedded digits: 8 x 8 numbers from 0 to 16."""
    from sklearn.datasets import load_digits

    return np.asarray(load_digits().images[0], dtype=float)


def _photo() -> np.ndarray:
    """A temple, of scikit-learn's two photographs, in grey."""
    from sklearn.datasets import load_sample_image

    return _grey(load_sample_image("china.jpg"))


IMAGES: dict[str, Callable[[], np.ndarray]] = {"digit": _digit, "photo": _photo}


def image_of(source: Any) -> np.ndarray:
    """One channel of numbers, (rows, columns): an array, the name of an embedded picture, a file, or rows of numbers as text.

    Pictures become grey, 0 black to 255 white, and have at most LONGEST pixels a side.
    Raises: DataError, when it is none of these.

    >>> image_of("10/01").tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    if not isinstance(source, str | Path):
        values = np.asarray(source, dtype=float)
        if values.ndim != 2 or not values.size:
            raise DataError(
                f"An image to slide over has rows and columns, and this one is {values.shape}. Take a channel."
            )
        return values
    if str(source) in IMAGES:
        return IMAGES[str(source)]()
    if Path(source).is_file():
        return _read(Path(source))
    if set(str(source)) <= set("0123456789.,-+/ e"):
        return rows_of(str(source))
    known = ", ".join(IMAGES)
    raise DataError(
        f"There is no picture {str(source)!r}.{suggestion(str(source), IMAGES)} Give a file, one of {known}, or rows of numbers, "
        "such as 101/010/101."
    )


def rows_of(text: str) -> np.ndarray:
    """Rows of numbers from text: rows with / between, numbers with blanks or commas, single digits without.

    Raises: DataError, for what is no number, or rows of different lengths.

    >>> rows_of("1 0 -1/2 0 -2").tolist(), rows_of("101/010").tolist()
    ([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0]], [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    """
    rows = [row.replace(",", " ").split() for row in text.split("/")]
    if all(len(row) == 1 and row[0].isdigit() for row in rows):
        rows = [list(row[0]) for row in rows]
    try:
        numbers = [[float(cell) for cell in row] for row in rows]
    except ValueError:
        raise DataError(f"{text!r} holds something that is no number. Write rows such as 1 0 -1/2 0 -2.") from None
    if len({len(row) for row in numbers}) != 1 or not numbers[0]:
        lengths = ", ".join(str(len(row)) for row in numbers)
        raise DataError(f"The rows of {text!r} have {lengths} numbers. Give each row as many.")
    return np.array(numbers)


def _read(path: Path) -> np.ndarray:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            return _grey(np.asarray(picture.convert("RGB")))
    except (OSError, ValueError, UnidentifiedImageError) as error:
        raise DataError(f"{path} cannot be read as a picture. Give a .png or .jpg file, or rows of numbers.") from error


def _grey(picture: np.ndarray) -> np.ndarray:
    from PIL import Image

    made = Image.fromarray(picture).convert("L")
    made.thumbnail((LONGEST, LONGEST))
    return np.asarray(made, dtype=float)
