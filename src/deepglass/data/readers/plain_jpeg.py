"""Plain JPEG: an ordinary one decoded without Pillow's own look at its head, which takes a third of a small picture's time."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

FRAMES = (0xC0, 0xC1, 0xC2)  # baseline, extended and progressive: what holds size and components
# Tables, restart interval, comment and JFIF say nothing of how pixels are to be shown. EXIF (turned?), Adobe (which colours?)
# and MPF (further frames) may: a picture with any other section is left to Pillow.
SILENT = (0xC4, 0xDB, 0xDD, 0xE0, 0xFE)
ENDINGS = (".jpg", ".jpeg")


def decode_plain_jpeg(
    data: bytes, name: str, most_pixels: int, size: tuple[int, int] | None = None
) -> "Image.Image | None":
    """Return the decoded picture, grey or RGB, or None for one that is out of the ordinary, damaged or of another size.

    The same pixels as `PIL.Image.open` gives: the decoder is the same.
    Args: size: height and width that it has to have.
    """
    head = _head(data) if name.lower().endswith(ENDINGS) else None
    if head is None:
        return None
    width, height, components = head
    if not 0 < width * height <= most_pixels or size not in (None, (height, width)):
        return None
    from PIL import Image

    mode = "L" if components == 1 else "RGB"
    try:
        return Image.frombytes(mode, (width, height), data, "jpeg", mode, "")
    except (ValueError, OSError, SyntaxError):
        return None


def _head(data: bytes) -> tuple[int, int, int] | None:
    """Width, height and components, when every section in front of them is a silent one."""
    at = 2
    while data[at : at + 1] == b"\xff" and at + 9 < len(data):
        mark, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if mark in FRAMES:
            height, width = int.from_bytes(data[at + 5 : at + 7], "big"), int.from_bytes(data[at + 7 : at + 9], "big")
            plain = data[at + 4] == 8 and data[at + 9] in (1, 3)
            return (width, height, data[at + 9]) if plain else None
        if mark not in SILENT:
            return None
        at += 2 + length
    return None
