import pytest

import deepglass as dg
from deepglass.data.readers.table import read_table
from deepglass.errors import DataError


@pytest.fixture
def table(tmp_path):
    def write(content):
        path = tmp_path / "people.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_a_column_is_numbers_when_all_of_its_values_are(table):
    frame = read_table(table("n,r,t\n1,0.5,a\n 2 ,1e3,7\n"))
    assert frame["n"].tolist() == [1, 2]
    assert frame["r"].tolist() == [0.5, 1000]
    assert frame["t"].tolist() == ["a", "7"]


def test_identifiers_stay_text(table):
    frame = read_table(table("zip,id,plain\n01234,9007199254740993,10\n99999,1,20\n"))
    assert frame["zip"].tolist() == ["01234", "99999"]
    assert frame["id"].tolist() == ["9007199254740993", "1"]
    assert frame["plain"].tolist() == [10, 20]


def test_a_byte_order_mark_quotes_and_windows_line_ends_are_read(table):
    frame = read_table(table(b'\xef\xbb\xbfname,says\r\nAnna,"a, b"\r\nOle,"two\nlines"\r\n'))
    assert list(frame.columns) == ["name", "says"]
    assert frame["says"].tolist() == ["a, b", "two\nlines"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n1,2,3\n", r"people\.csv, row 3: 3 fields where the header has 2\. Correct this row"),
        ("a,b\n1\n", r"row 2: 1 fields where the header has 2"),
        ("a,b\n1,2\n\n3,\n5,6\n", r"column 'b': 1 values are missing \(first: row 4\)"),
        ("a,b\n1,2\n3,NaN\n", r"column 'b': 1 values are missing \(first: row 3\)"),
        ('a,b\n"1\n",2\n3,\n', r"column 'b': 1 values are missing \(first: row 4\)"),
        ("a,a\n1,2\n", r"row 1: the column 'a' stands twice"),
        ("a,\n1,2\n", r"row 1: column 2 has no name"),
        ("", r"people\.csv is empty"),
        ("a,b\n", r"column names and no rows"),
        (b"a,b\n\xff,2\n", r"byte 4 is not UTF-8"),
        (b"a,b\n\x00,2\n", r"byte 4 is NUL"),
        ('a,b\n"1,2\n', r"people\.csv: unexpected end of data"),
    ],
)
def test_a_broken_table_is_refused_with_its_place(table, content, message):
    with pytest.raises(DataError, match=message):
        read_table(table(content))


def test_what_python_alone_takes_for_a_number_stays_text(table):
    assert read_table(table("a\n1_000\n2\n"))["a"].tolist() == ["1_000", "2"]


def test_a_file_is_loaded_by_its_path(table):
    rows = "".join(f"{i},{i % 3},{'yes' if i % 2 else 'no'}\n" for i in range(30))
    data = dg.load(table("age,kind,bought\n" + rows), target="bought")
    assert data.name == "people.csv"
    assert data.target.classes == ["no", "yes"]
    assert len(data) == 30
