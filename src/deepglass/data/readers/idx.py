"""IDX: the file format of MNIST, one array a file, often inside gzip."""

import gzip
import io
import math
import zlib

import numpy as np

from deepglass.errors import DataError

GZIP_MAGIC = b"\x1f\x8b"
TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}  # big-endian, says the format
MOST_AXES = 32  # what NumPy 1 can hold
MOST_BYTES = 2**31  # once unpacked; the largest set in common use, EMNIST, takes 0.6e9
CHUNK_BYTES = 1 << 20
AGAIN = "Copy or download the file again."


def read_idx(data: bytes, file: str) -> np.ndarray:
    """Return the array of an IDX file, whether or not it is packed with gzip.

    Args:
        data: the bytes of the file.
        file: its name, for messages.
    Raises: DataError, when the bytes are not what they claim to be.
    Source: LeCun, Cortes and Burges, "The MNIST database", section "File formats".

    >>> read_idx(bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4]), "labels").tolist()
    [5, 0, 4]
    """
    return parse_idx(unpack(data, file), file)


def unpack(data: bytes, file: str, *, limit: int = MOST_BYTES) -> bytes:
    """Return what is inside a gzip file, or `data` itself when it is none.

    Raises: DataError, for a damaged file or one with more than `limit` bytes inside.
    """
    if not data.startswith(GZIP_MAGIC):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            # Piece by piece, since one read would reserve `limit` bytes at once.
            chunks, length = [], 0
            while length <= limit and (chunk := stream.read(CHUNK_BYTES)):
                chunks.append(chunk)
                length += len(chunk)
    except EOFError:
        raise DataError(f"{file}: the gzip file ends too early, after {len(data):,} bytes. {AGAIN}") from None
    except (OSError, zlib.error) as problem:
        raise DataError(f"{file}: the gzip file is damaged ({problem}). {AGAIN}") from None
    if length > limit:
        raise DataError(f"{file}: the gzip file holds more than the {limit:,} bytes that were to be expected. {AGAIN}")
    return b"".join(chunks)


def parse_idx(data: bytes, file: str) -> np.ndarray:
    """Return the array of an unpacked IDX file; sizes are compared with the bytes present before anything is made.

    Raises: DataError, naming the file and what is wrong with it.
    """
    if len(data) < 4:
        raise DataError(f"{file}: {len(data)} bytes are too few for an IDX file. {AGAIN}")
    zeros, code, axes = data[:2], data[2], data[3]
    if zeros != b"\0\0" or code not in TYPES or not 1 <= axes <= MOST_AXES:
        raise DataError(f"{file}: starts with {data[:4].hex(' ')}, which is no IDX file. {AGAIN}")
    start = 4 + 4 * axes
    if len(data) < start:
        raise DataError(f"{file}: ends after {len(data)} of the {start} bytes of its IDX header. {AGAIN}")
    shape = tuple(int.from_bytes(data[at : at + 4], "big") for at in range(4, start, 4))
    kind = np.dtype(TYPES[code])
    claimed, present = math.prod(shape) * kind.itemsize, len(data) - start  # Python's integers do not overflow
    if claimed != present:
        size = " x ".join(str(length) for length in shape)
        raise DataError(f"{file}: claims {size} values, {claimed:,} bytes, but holds {present:,}. {AGAIN}")
    try:
        values = np.frombuffer(data, kind, offset=start).reshape(shape)
    except ValueError:  # no value at all, yet another axis beyond what an index can reach
        raise DataError(f"{file}: claims an impossible shape {shape}. {AGAIN}") from None
    return values.astype(kind.newbyteorder("="))  # a copy, because `data` cannot be written to
