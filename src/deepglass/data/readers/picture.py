"""Picture: one encoded image, from bytes to pixels. Every picture that Deepglass reads comes through here.

The rules, the same for training and for predictions:
    format       PNG, JPEG, BMP, GIF, TIFF and WebP, told by content and never by name
    colour       grey or RGB; palettes, CMYK and YCbCr become RGB
    alpha        laid on white
    depth        16-bit grey keeps its high byte
    orientation  turned upright as EXIF says
    animation    the first frame
    size         the shorter side scaled to fit (bilinear, antialiased), then cut out of the centre
    damage       refused: a picture that breaks off, a wrong checksum, a broken JPEG stream
"""

import io
import re
import zlib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from deepglass.data.readers.plain_jpeg import decode_plain_jpeg
from deepglass.errors import DataError

if TYPE_CHECKING:
    from PIL import Image

ENDINGS_OF = {  # of each format; MPO is a JPEG of a telephone, with further frames behind
    "PNG": (".png",),
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "MPO": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "BMP": (".bmp",),
    "GIF": (".gif",),
    "TIFF": (".tif", ".tiff"),
    "WEBP": (".webp",),
}
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP")
ENDINGS = tuple(sorted({e for endings in ENDINGS_OF.values() for e in endings}))
MOST_PIXELS = (
    1 << 26
)  # 67 million, larger than what a common camera takes; 20 kB of PNG can claim a thousand times more
GREY_MODES = ("1", "L", "LA", "La", "I;16", "I;16L", "I;16B", "I;16N")
COLOUR_MODES = ("P", "PA", "RGB", "RGBA", "RGBX", "RGBa", "CMYK", "YCbCr")
ORIENTATION = 0x0112  # the EXIF tag; 5 to 8 turn by a quarter
TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}  # from its values to Pillow's Transpose, see ImageOps.exif_transpose
JPEG_START = b"\xff\xd8\xff"
PNG_START = b"\x89PNG\r\n\x1a\n"
# Inside the packed rows of a JPEG, 0xff is followed by 0, a restart mark or the next section; anything else is damage.
BROKEN_JPEG = re.compile(rb"\xff[\x01-\xbf\xc0-\xc3\xc5-\xcf\xd8\xde\xdf\xf0-\xfd]")

Size = tuple[int, int]  # height, width


@dataclass(frozen=True)
class Look:
    """What the head of a picture says: its size upright, whether it is grey, and what had to be done to it."""

    size: Size
    grey: bool
    done: tuple[str, ...] = field(default=())


def read_picture(
    data: bytes, name: str, *, grey: bool | None = None, size: Size | None = None
) -> tuple[np.ndarray, Look]:
    """Decode a picture.

    Args:
        name: the file, for messages.
        grey: True for grey, False for RGB, None for what the picture itself is.
        size: height and width to bring it to; None for its own.
    Returns: pixels (channels, height, width) uint8, 0 (black) to 255 (white), and what was found.
    Raises: DataError, naming the file, when it is no picture, is damaged, or is larger than `MOST_PIXELS`.
    """
    plain = _plain(data, name, grey, size)
    if plain is not None:
        return plain
    look, image = _open(data, name)
    try:
        _check_whole(data, image.format or "")
        if size is not None and look.size != size:
            image.draft(None, _enough(look.size, size, image.size))
        pixels = _pixels(image, look.grey if grey is None else grey, size)
    except DataError as error:
        raise DataError(f"{name}: {error}") from None
    except Exception as error:  # decoders of foreign bytes raise anything; all of it means that the file is unreadable
        raise DataError(f"{name} is damaged: {_reason(error)}. Get the file anew.") from None
    return pixels, look


def _plain(data: bytes, name: str, grey: bool | None, size: Size | None) -> tuple[np.ndarray, Look] | None:
    """Decode what needs nothing but decoding; None for all that asks for a closer look."""
    image = decode_plain_jpeg(data, name, MOST_PIXELS, size) if data.startswith(JPEG_START) else None
    if image is None:
        return None
    try:
        _check_whole(data, "JPEG")
    except DataError:
        return None
    look = Look((image.height, image.width), image.mode == "L")
    return _array(image, look.grey if grey is None else grey), look


def look_at(data: bytes, name: str) -> Look:
    """Read the head of a picture alone. Raises: as `read_picture`."""
    return _open(data, name)[0]


def is_picture(head: bytes) -> bool:
    """Say whether a file begins like a picture of a format that can be read."""
    return (
        head.startswith((PNG_START, JPEG_START, b"BM", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*"))
        or head[:4] + head[8:12] == b"RIFFWEBP"
    )


@cache
def _pillow() -> None:
    """Load the decoders of the allowed formats, and no others."""
    from PIL import (  # noqa: F401
        BmpImagePlugin,
        GifImagePlugin,
        JpegImagePlugin,
        MpoImagePlugin,
        PngImagePlugin,
        TiffImagePlugin,
        WebPImagePlugin,
    )


def _open(data: bytes, name: str) -> "tuple[Look, Image.Image]":
    from PIL import Image

    _pillow()

    if not data:
        raise DataError(f"{name} is empty. Get the file anew.")
    if not is_picture(data[:16]):
        raise DataError(f"{name} is no picture: {_instead(data)}. Readable: PNG, JPEG, BMP, GIF, TIFF, WebP.")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = image.size
        orientation = image.getexif().get(ORIENTATION, 1)
        frames = int(getattr(image, "n_frames", 1)) if image.format in ("GIF", "WEBP", "TIFF", "PNG") else 1
    except Exception as error:  # as above
        raise DataError(f"{name} is damaged: {_reason(error)}. Get the file anew.") from None
    if width * height > MOST_PIXELS:
        raise DataError(
            f"{name} claims {width:,} x {height:,} pixels, more than the {MOST_PIXELS:,} that are read. Make it smaller."
        )
    if image.mode not in (*GREY_MODES, *COLOUR_MODES):
        raise DataError(
            f"{name} holds pixels of kind {image.mode!r}, which have no fixed range. Save it with 8 or 16 bits."
        )
    done = []
    if not name.lower().endswith(ENDINGS_OF[str(image.format)]):
        done.append(f"read as {image.format}, which is what it holds")
    if image.mode in ("P", "PA"):
        done.append("palette turned into RGB")
    if image.mode in ("CMYK", "YCbCr"):
        done.append(f"{image.mode} turned into RGB")
    if image.mode.startswith("I;16"):
        done.append("16 bits cut to the high 8")
    if _has_alpha(image):
        done.append("alpha laid on white")
    if orientation in range(2, 9):
        done.append("turned upright as EXIF says")
    if frames > 1:
        done.append("first frame of several")
    upright = (width, height) if orientation in (5, 6, 7, 8) else (height, width)
    return Look(upright, image.mode in GREY_MODES, tuple(done)), image


def _pixels(image: "Image.Image", grey: bool, size: Size | None) -> np.ndarray:
    from PIL import Image

    orientation = image.getexif().get(ORIENTATION, 1)
    transparent = image.info.get("transparency")
    image.load()
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if orientation in TURNS:
        image = image.transpose(Image.Transpose(TURNS[orientation]))
        if transparent is not None:
            image.info["transparency"] = transparent
    if _has_alpha(image):
        deep = image.convert("RGBA")
        paper = Image.new("RGBA", deep.size, "white")
        paper.alpha_composite(deep)
        image = paper.convert("L" if image.mode in ("LA", "La") else "RGB")
    image = image.convert("L" if grey else "RGB")
    if size is not None and (image.height, image.width) != size:
        image = image.resize((size[1], size[0]), Image.Resampling.BILINEAR, box=_centre(image.size, size))
    return _array(image, grey)


def _array(image: "Image.Image", grey: bool) -> np.ndarray:
    wanted = "L" if grey else "RGB"
    array = np.asarray(image if image.mode == wanted else image.convert(wanted))
    return array[None] if grey else array.transpose(2, 0, 1)


def _has_alpha(image: "Image.Image") -> bool:
    return image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info


def _centre(have: tuple[int, int], size: Size) -> tuple[float, float, float, float]:
    """The largest part in the middle that has the wanted shape: left, top, right, bottom."""
    width, height = have
    scale = min(width / size[1], height / size[0])
    left, top = (width - scale * size[1]) / 2, (height - scale * size[0]) / 2
    return left, top, width - left, height - top


def _enough(upright: Size, size: Size, stored: tuple[int, int]) -> tuple[int, int]:
    """The width and height that a JPEG decoder has to give at least, so that nothing is enlarged afterwards."""
    share = max(size[0] / upright[0], size[1] / upright[1])
    return max(1, int(np.ceil(stored[0] * share))), max(1, int(np.ceil(stored[1] * share)))


def _check_whole(data: bytes, kind: str) -> None:
    """Look for damage that the decoders pass over in silence."""
    if kind == "PNG":
        _check_png(data)
    if kind in ("JPEG", "MPO"):
        start = data.find(b"\xff\xda")
        end = data.rfind(b"\xff\xd9")
        if start < 0 or end < start:
            raise DataError("the JPEG breaks off before its end. Get the file anew.")
        first_end = data.find(b"\xff\xd9", start)  # behind it may stand further frames
        broken = BROKEN_JPEG.search(data, _after_header(data, start), first_end)
        if broken:
            raise DataError(f"the JPEG is damaged at byte {broken.start():,}. Get the file anew.")


def _after_header(data: bytes, start: int) -> int:
    return start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")


def _check_png(data: bytes) -> None:
    """Compare the checksum of every section, which Pillow leaves out for the pixels."""
    at = len(PNG_START)
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        end = at + 8 + length
        if end + 4 > len(data):
            break
        if zlib.crc32(data[at + 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
            raise DataError(f"the PNG is damaged in its section at byte {at:,}. Get the file anew.")
        if data[at + 4 : at + 8] == b"IEND":
            return
        at = end + 4
    raise DataError(f"the PNG breaks off after {len(data):,} bytes. Get the file anew.")


def _instead(data: bytes) -> str:
    """Say what a file that is no picture looks like."""
    head = data[:512].lstrip()[:64].lower()
    if head.startswith((b"<!doctype html", b"<html")):
        return "it is an HTML page"
    if head.startswith((b"<?xml", b"<svg")):
        return "it is XML or SVG"
    if data.startswith((b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")):
        return "it is an archive inside"
    return f"it begins with the bytes {data[:8].hex(' ')}"


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split()).rstrip(".")
    if "BytesIO" in text or not text:
        return "its head cannot be read"
    return text[:120]
