import gzip
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from deepglass.data.readers.idx import parse_idx, read_idx, unpack
from deepglass.errors import DataError

CODES = {"uint8": 0x08, "int8": 0x09, "int16": 0x0B, "int32": 0x0C, "float32": 0x0D, "float64": 0x0E}


def as_idx(values):
    header = bytes([0, 0, CODES[values.dtype.name], values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape)
    return header + values.astype(values.dtype.newbyteorder(">")).tobytes()


SOME = np.arange(24, dtype=np.int16).reshape(2, 3, 4)


@given(
    st.sampled_from(sorted(CODES)).flatmap(
        lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5))
    ),
    st.booleans(),
)
def test_what_was_written_is_read_again(values, packed):
    data = as_idx(values)
    found = read_idx(gzip.compress(data) if packed else data, "some.idx")
    assert found.dtype == values.dtype and found.dtype.isnative and found.flags.writeable
    np.testing.assert_array_equal(found, values)


@given(st.binary(max_size=40) | st.binary(max_size=30).map(lambda tail: b"\0\0\x08" + tail))
def test_any_bytes_give_an_array_or_a_data_error(data):
    try:
        assert isinstance(read_idx(data, "some.idx"), np.ndarray)
    except DataError as problem:
        assert "some.idx" in str(problem)


def test_a_known_header_is_read_as_the_format_says():
    data = bytes.fromhex("00000c02 00000001 00000002 0000000a ffffffff")
    assert read_idx(data, "some.idx").tolist() == [[10, -1]]


@pytest.mark.parametrize("length", range(len(as_idx(SOME))))
def test_a_file_that_was_cut_short_is_refused(length):
    with pytest.raises(DataError, match=r"some\.idx: .* Copy or download the file again"):
        read_idx(as_idx(SOME)[:length], "some.idx")


@pytest.mark.parametrize("length", [2, 9, 15, 30, -9, -4, -1])
def test_a_gzip_file_that_was_cut_short_is_refused(length):
    with pytest.raises(DataError, match=r"some\.gz: the gzip file ends too early"):
        read_idx(gzip.compress(as_idx(SOME))[:length], "some.gz")


def test_a_damaged_gzip_file_is_refused():
    data = bytearray(gzip.compress(as_idx(SOME)))
    data[-8] ^= 0xFF  # its checksum
    with pytest.raises(DataError, match=r"some\.gz: the gzip file is damaged \(CRC check failed"):
        read_idx(bytes(data), "some.gz")
    with pytest.raises(DataError, match=r"some\.gz: the gzip file is damaged"):
        read_idx(gzip.compress(as_idx(SOME)) + b"more", "some.gz")


@pytest.mark.parametrize("start", ["01000801", "00000a01", "00000800", "000008ff", "89504e47"])
def test_another_kind_of_file_is_refused(start):
    shown = bytes.fromhex(start).hex(" ")
    with pytest.raises(DataError, match=rf"some\.idx: starts with {shown}, which is no IDX file"):
        read_idx(bytes.fromhex(start) + bytes(2000), "some.idx")


@pytest.mark.parametrize("lengths", [(2**32 - 1, 2**32 - 1, 2**32 - 1), (2**31, 2**31, 4), (2, 2, 2)])
def test_a_size_that_the_bytes_do_not_bear_out_is_refused_before_it_is_made(lengths):
    data = bytes([0, 0, 8, 3]) + struct.pack(">3I", *lengths) + bytes(7)
    with pytest.raises(DataError, match=rf"some\.idx: claims {' x '.join(map(str, lengths))} values, .* but holds 7"):
        read_idx(data, "some.idx")


def test_an_empty_array_of_impossible_shape_is_refused():
    data = bytes([0, 0, 8, 3]) + struct.pack(">3I", 0, 2**32 - 1, 2**32 - 1)
    with pytest.raises(DataError, match=r"some\.idx: claims an impossible shape"):
        parse_idx(data, "some.idx")


def test_a_gzip_file_that_swells_beyond_the_limit_is_refused():
    bomb = gzip.compress(bytes(5_000_000))
    assert len(unpack(bomb, "some.gz", limit=5_000_000)) == 5_000_000
    with pytest.raises(DataError, match=r"some\.gz: the gzip file holds more than the 4,999,999 bytes"):
        unpack(bomb, "some.gz", limit=4_999_999)
