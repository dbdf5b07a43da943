import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import deepglass as dg
from deepglass.data.readers.plain_numbers import FEWEST
from deepglass.data.readers.table_files import read_table
from deepglass.data.readers.table_format import TableFormat
from deepglass.errors import DataError, SettingError


@pytest.fixture
def table(tmp_path):
    def write(content, name="people.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def column(data, name):
    """The raw values of one column of the features."""
    raw = data.source.fields["features"]
    return raw.values[:, [c.name for c in raw.columns].index(name)]


def kinds(data):
    return {c.name: c.kind for c in data.source.fields["features"].columns}


def notes(data):
    return "\n".join(data.describe().notes)


def cells(path, **form):
    read = read_table(path, TableFormat(**form))
    return {n: [c[i] for i in range(len(c))] for n, c in read.columns.items()}


words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)


@given(
    body=st.integers(2, 4).flatmap(lambda n: st.lists(st.lists(words, min_size=n, max_size=n), min_size=1, max_size=6)),
    separator=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_any_table_that_csv_writes_is_read_back_cell_for_cell(tmp_path_factory, body, separator, end):
    written = io.StringIO(newline="")
    breaks = any(
        mark in cell for row in body for cell in row for mark in "\r\n"
    )  # csv leaves a lone one without quotes
    quoting = csv.QUOTE_ALL if breaks else csv.QUOTE_MINIMAL
    csv.writer(written, delimiter=separator, lineterminator=end, quoting=quoting).writerows(body)
    path = tmp_path_factory.mktemp("tables") / "any.csv"
    path.write_bytes(written.getvalue().encode())
    names = tuple(f"name {i}" for i in range(len(body[0])))
    if not written.getvalue().strip():
        return  # a table of blanks is refused as empty
    found = cells(path, names=names, separator=separator)
    assert [list(row) for row in zip(*found.values())] == body


@given(
    st.lists(
        st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**15), 10**15), min_size=12, max_size=30
    ).filter(lambda v: len(set(v)) > 3)
)
def test_numbers_are_read_to_the_last_bit(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("tables") / "any.csv"
    path.write_text("a,b\n" + "".join(f"{v!r},{i % 3}\n" for i, v in enumerate(values)))
    assert column(dg.load(path, target="b", scaling="none"), "a").tolist() == [float(v) for v in values]


def test_a_long_table_is_read_to_the_last_bit_as_well(table):
    values = np.random.default_rng(0).normal(size=FEWEST + 1)
    gaps = ["" if i % 7 == 3 else repr(float(v)) for i, v in enumerate(values)]
    path = table("a,g,y\n" + "".join(f"{float(v)!r},{g},{i % 2}\n" for i, (v, g) in enumerate(zip(values, gaps))))
    data = dg.load(path, target="y", on_missing="fill")
    assert column(data, "a").tolist() == values.tolist()
    np.testing.assert_array_equal(column(data, "g"), [float(g) if g else np.nan for g in gaps])


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        ("nan", r"row 4002, column 'a': 'nan' is not a number"),
        ("inf", r"row 4002, column 'a': 'inf' is not a number"),
        ("1e999", r"row 4002, column 'a': '1e999' is not a number that a computer can hold"),
        ("007", r"row 4002, column 'a': '007' has leading zeros"),
        ("", r"column 'a': 1 of 6,000 values are missing \(row 4002\)"),
        ("1_0", r"row 4002, column 'a': '1_0' is not a number"),
    ],
)
def test_one_odd_cell_in_a_long_table_is_found(table, odd, message):
    body = [[str(i), str(i % 2)] for i in range(6000)]
    body[4000][0] = odd
    with pytest.raises(DataError, match=message):
        dg.load(table("a,y\n" + "".join(",".join(r) + "\n" for r in body)), target="y")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", ", "])
def test_the_separator_is_found_and_said(table, separator):
    rows = [
        ["size", "town", "sold"],
        *([str(i / 4), ["Ulm", "Old Town", "a.b"][i % 3], "yn"[i % 2]] for i in range(12)),
    ]
    data = dg.load(table("\n".join(separator.join(r) for r in rows)))
    assert kinds(data)["size"] == "number" and len(data) == 12
    word = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", ", ": "comma and a blank"}[separator]
    assert f"separator: {word}" in data.describe().notes


def test_numbers_with_other_marks_are_read_once_that_is_said(table):
    path = table("price;sold\n" + "".join(f"{i}.234,5;{i % 2}\n" for i in range(1, 10)))
    data = dg.load(path, decimal=",", thousands="point")
    assert column(data, "price").tolist() == [i * 1000 + 234.5 for i in range(1, 10)]
    with pytest.raises(SettingError, match=r"data.separator='no'.*a separator is one character"):
        dg.load(path, separator="no")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_are_read(table, encoding, end):
    content = end.join(["größe,ort,y", *(f"{i},Köln,{i % 2}" for i in range(10))])
    data = dg.load(table(content.encode(encoding)), encoding="cp1252" if encoding == "cp1252" else None)
    assert list(kinds(data)) == ["größe", "ort"]
    assert data.source.fields["features"].columns[1].classes == ("Köln",)


def test_line_breaks_inside_quotes_belong_to_the_field_and_rows_are_counted_as_in_the_file(table):
    path = table('name,says,y\nAnna,"a, b",1\nOle,"two\nlines",2\n\nUte,,3\n')
    assert cells(path)["says"] == ["a, b", "two\nlines", ""]
    with pytest.raises(DataError, match=r"column 'says': 1 of 3 values are missing \(row 6\)"):
        dg.load(path, kinds={"says": "category"})


def test_classes_are_kept_as_they_are_written(table):
    classes = ["NA", "None", "null", "nan", "TRUE", "1.0", "01", "dog", "dog ", "Dog"]
    path = table("x,y\n" + "".join(f"{i},{classes[i % 10]}\n" for i in range(60)))
    assert sorted(dg.load(path).target.classes) == sorted(classes)
    as_input = dg.load(path, target="x", kinds={"x": "number"}).source.fields["features"].columns[0]
    assert sorted(as_input.classes) == sorted(classes)


def test_identifiers_stay_exact_and_are_left_out_with_a_word(table):
    ids = [str(90071992547409931 + i) for i in range(12)]
    ids[5] = ""
    path = table("id,zip,x,y\n" + "".join(f"{ids[i]},0{1234 + i % 3},{i},{i % 2}\n" for i in range(12)))
    data = dg.load(path)
    assert kinds(data) == {"zip": "category", "x": "number"}
    assert "id: left out (identifiers: 17 digits and more, kept as they are written)" in notes(data)
    assert data.source.fields["features"].columns[0].classes == ("01234", "01235", "01236")
    assert cells(path)["id"][4] == "90071992547409935"


def test_columns_are_taken_for_what_they_are_and_that_is_said(table):
    body = "".join(
        f"{i},{'yes' if i % 3 else 'no'},2024-0{i % 9 + 1}-01,remark {i},{'ab'[i % 2]},,{i % 2}\n" for i in range(30)
    )
    data = dg.load(table("n,flag,day,says,letter,nothing,y\n" + body))
    assert kinds(data) == {"n": "number", "flag": "boolean", "day": "date", "letter": "category"}
    said = notes(data)
    for note in (
        "n: numbers",
        "flag: yes or no (no 0, yes 1)",
        "day: dates (%Y-%m-%d)",
        "says: left out, free text (30 different values)",
        "letter: 2 categories",
        "nothing: left out, every value is missing",
    ):
        assert note in said


def test_what_may_mean_missing_is_asked_about(table):
    path = table("a,y\n" + "".join(f"{'?' if i == 4 else 'uvw'[i % 3]},{i % 2}\n" for i in range(12)))
    assert "a: 4 categories, one of them '?' (1 rows): if it means missing, say missing=['?']" in notes(dg.load(path))
    with pytest.raises(DataError, match=r"column 'a': 1 of 12 values are missing \(row 6\)"):
        dg.load(path, missing="?")


def test_a_headerless_file_is_read_with_names_or_numbered_columns(table):
    path = table("".join(f"{i},a,{i % 2}\n" for i in range(10)))
    assert len(dg.load(path, names=["n", "letter", "y"])) == 10
    assert list(kinds(dg.load(path, header=False))) == ["column 1", "column 2"]
    named = table("n,letter,y\n" + "".join(f"{i},a,{i % 2}\n" for i in range(10)))
    assert len(dg.load(named, names=["n", "letter", "y"])) == 10  # the first line is these names
    years = table("2019,2020,2021\n" + "".join(f"{i},{i * 2},{i % 2}\n" for i in range(10)))
    assert list(kinds(dg.load(years, header=True))) == ["2019", "2020"]


def test_a_parquet_file_is_the_same_table(table, tmp_path):
    frame = pd.DataFrame(
        {
            "n": np.arange(12) / 7,
            "id": pd.array([10**17 + i if i != 5 else None for i in range(12)], dtype="Int64"),
            "flag": [True, False] * 6,
            "day": pd.date_range("2024-01-01", periods=12),
            "letter": list("abc") * 4,
            "y": ["no", "yes"] * 6,
        }
    )
    frame.to_parquet(tmp_path / "people.parquet")
    data = dg.load(tmp_path / "people.parquet")
    assert kinds(data) == {"n": "number", "flag": "boolean", "day": "date", "letter": "category"}
    assert column(data, "n").tolist() == frame["n"].tolist()
    assert "id: left out" in notes(data)
    np.testing.assert_array_equal(column(data, "day"), 19723 + np.arange(12))  # days since 1970
    with pytest.raises(DataError, match=r"broken\.parquet is not a Parquet file that can be read"):
        dg.load(table(b"PAR1 nothing", "broken.parquet"))


def test_a_parquet_value_that_is_missing_is_named_by_its_row(tmp_path):
    frame = pd.DataFrame({"n": [1.5, None, 2.5, 3.5] * 3, "y": [0, 1] * 6})
    frame.to_parquet(tmp_path / "people.parquet")
    with pytest.raises(DataError, match=r"people\.parquet, column 'n': 3 of 12 values are missing \(rows 2, 6, 10\)"):
        dg.load(tmp_path / "people.parquet")


def test_settings_of_tables_are_refused_for_other_data():
    with pytest.raises(SettingError, match=r"data\.group='species' goes with a table; iris is none"):
        dg.load("iris", group="species")
    with pytest.raises(SettingError, match=r"data\.test='more\.csv' is a file, which goes with a table"):
        dg.load("iris", test="more.csv")
