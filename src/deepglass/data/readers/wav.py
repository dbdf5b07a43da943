"""WAV: the samples of a RIFF file, whole numbers of 8 to 32 bits or floats. Every length is checked against the bytes there are."""

import struct

import numpy as np

from deepglass.errors import DataError

PCM, FLOAT, EXTENSIBLE = (
    1,
    3,
    0xFFFE,
)  # codes of the "fmt " chunk: Microsoft, "Multiple Channel Audio Data and WAVE Files"
NAMES = {2: "ADPCM", 6: "A-law", 7: "mu-law", 0x11: "ADPCM", 0x31: "GSM", 0x55: "MP3"}
UNKNOWN_LENGTH = 0xFFFFFFFF  # what a writer leaves that could not go back to fill in the length
MOST_CHANNELS = 256
AGAIN = "Get it anew."


def is_wav(head: bytes) -> bool:
    """Whether a file begins as a WAV does. Args: head: its first 12 bytes or more."""
    return head[:4] in (b"RIFF", b"RIFX") and head[8:12] == b"WAVE"


def plain_format(data: bytes) -> bool:
    """Whether the samples are plain numbers, which `read_wav` reads; others need soundfile."""
    return not is_wav(data) or _code(_chunk(data, b"fmt ")) in (PCM, FLOAT, None)


def read_wav(data: bytes, where: str) -> tuple[np.ndarray, int]:
    """Read a WAV file. Returns: samples (samples, channels) float32, whole numbers brought to -1..1; and their rate in hertz.

    Raises: DataError, naming the file, for one that is damaged, breaks off, holds no samples, or is packed in another way.
    Source: Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0", 1991, chapter 3.
    """
    if data[:4] == b"RIFX":
        raise DataError(f"{where} is a big-endian WAV (RIFX), which nothing writes today. Convert it to a plain WAV.")
    about = _chunk(data, b"fmt ")
    code = _code(about)
    if about is None or code is None:
        raise DataError(f"{where} is a WAV without a description of its samples. {AGAIN}")
    _, channels, rate, _, frame, bits = struct.unpack_from("<HHIIHH", about)
    if code not in (PCM, FLOAT):
        raise DataError(
            f"{where} holds samples as {NAMES.get(code, f'format {code}')}, which needs soundfile: pip install 'deepglass[audio]'. "
            f"Or save it as 16-bit PCM."
        )
    if not 1 <= channels <= MOST_CHANNELS or not rate:
        raise DataError(f"{where} claims {channels} channels at {rate} Hz. {AGAIN}")
    if bits not in {PCM: (8, 16, 24, 32), FLOAT: (32, 64)}[code] or frame != channels * bits // 8:
        raise DataError(f"{where} claims {bits} bits a sample in frames of {frame} bytes, which cannot be. {AGAIN}")
    body = _chunk(data, b"data", where)
    if body is None:
        raise DataError(f"{where} is a WAV without samples. {AGAIN}")
    count = len(body) // frame
    if not count:
        raise DataError(f"{where} holds no samples. Record it anew, or remove it.")
    samples = _numbers(body[: count * frame], code, bits).reshape(count, channels)
    if code == FLOAT and not np.isfinite(samples).all():
        raise DataError(f"{where} holds samples that are no finite numbers. {AGAIN}")
    return samples, rate


def _numbers(body: bytes, code: int, bits: int) -> np.ndarray:
    if code == FLOAT:
        return np.frombuffer(body, "<f4" if bits == 32 else "<f8").astype(np.float32)
    if bits == 8:  # the only size without a sign: silence is 128
        return (np.frombuffer(body, np.uint8).astype(np.float32) - 128) / 128
    if bits == 24:
        parts = np.frombuffer(body, np.uint8).reshape(-1, 3)
        wide = np.zeros((len(parts), 4), np.uint8)
        wide[:, 1:] = parts  # in the upper three bytes, so that the sign stands right
        return (wide.view("<i4")[:, 0] / 2.0**31).astype(np.float32)
    return (np.frombuffer(body, f"<i{bits // 8}") / 2.0 ** (bits - 1)).astype(np.float32)


def _code(about: bytes | None) -> int | None:
    """The format of the samples; of the extensible form the one behind it."""
    if about is None or len(about) < 16:
        return None
    code = int.from_bytes(about[:2], "little")
    return int.from_bytes(about[24:26], "little") if code == EXTENSIBLE and len(about) >= 26 else code


def _chunk(data: bytes, wanted: bytes, where: str = "") -> bytes | None:
    """The content of the first chunk of a name. Raises: DataError, when it breaks off and `where` is given."""
    at = 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if name == wanted:
            found = data[at + 8 : at + 8 + size]
            if where and len(found) < size != UNKNOWN_LENGTH:
                raise DataError(
                    f"{where} breaks off: it claims {size:,} bytes of samples and holds {len(found):,}. {AGAIN}"
                )
            return found
        at += 8 + size + size % 2  # chunks begin at even places
    return None
