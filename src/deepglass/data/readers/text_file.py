"""Text files: their bytes as UTF-8 with plain line ends; a byte that does not fit is named, never replaced."""

import codecs
from pathlib import Path

from deepglass.errors import DataError

MARKS = (  # byte order marks; the longer ones first, because UTF-32 begins like UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_text(path: Path, encoding: str | None = None, content: bytes | None = None) -> tuple[bytes, str]:
    """Return the content as UTF-8 without a byte order mark, and a note when it was written in another encoding.

    Args: content: the bytes of the file, where they have been read already.
    Raises: DataError, with file, line, byte offset and an encoding that would fit.
    """
    try:
        data = path.read_bytes() if content is None else content
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    marked = next((name for mark, name in MARKS if data.startswith(mark)), None)
    chosen = encoding or marked or "utf-8"
    try:
        codec = codecs.lookup(chosen).name
    except LookupError:
        raise DataError(
            f"{path}: there is no encoding {chosen!r}. Known are utf-8, utf-16, cp1252, latin-1, ..."
        ) from None
    if codec == "utf-8" and marked == "utf-8-sig":
        codec = "utf-8-sig"
    if codec in ("utf-8", "utf-8-sig"):
        plain = data[3:] if codec == "utf-8-sig" and marked == codec else data
        if not plain.isascii():
            _decode(path, plain, "utf-8", offset=len(data) - len(plain), said=encoding is not None)
    else:
        plain = _decode(path, data, codec, offset=0, said=encoding is not None).encode()
    if 0 in plain:
        at = plain.index(0)
        line = plain.count(b"\n", 0, at) + 1
        looks = plain[:1000].count(0) > len(plain[:1000]) // 4
        hint = " It looks like UTF-16 without a byte order mark: " + _say("utf-16-le") + "." if looks else " Remove it."
        raise DataError(f"{path}, row {line}: byte {at + len(data) - len(plain)} is NUL; text holds none.{hint}")
    note = "" if codec in ("utf-8", "utf-8-sig") else f"encoding: {chosen}"
    return plain, note


def _decode(path: Path, data: bytes, codec: str, *, offset: int, said: bool) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = data[error.start]
        where = f"{path}, row {line}: byte {error.start + offset} (0x{found:02x})"
        if codec != "utf-8":
            raise DataError(f"{where} is not {codec}. Choose the encoding that the file was saved in.") from None
        if data[:1000].count(0) > len(data[:1000]) // 4:
            raise DataError(
                f"{where} is not UTF-8; the file looks like UTF-16 without a byte order mark: {_say('utf-16-le')}."
            ) from None
        guess = "cp1252" if found not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else "latin-1"
        start = data.rfind(b"\n", 0, error.start) + 1
        shown = data[max(start, error.start - 10) : error.start + 10].split(b"\n")[0].decode(guess, errors="replace")
        raise DataError(
            f"{where} is not UTF-8. As {guess} it would read {shown.strip()!r}: if that is right, {_say(guess)}; "
            f"otherwise save the file as UTF-8."
        ) from None
    except UnicodeError as error:
        raise DataError(f"{path} is not {codec}: {error}. Choose the encoding that it was saved in.") from None


def _say(encoding: str) -> str:
    return f'load with encoding="{encoding}" (--set data.encoding={encoding})'
