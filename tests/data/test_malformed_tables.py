"""Tables as they go wrong in real life: each is refused in a sentence that names the file and the place."""

# ruff: noqa: E501  # a case is a line

import re

import pytest

import deepglass as dg
from deepglass.errors import DataError, DeepglassError

ROWS = 20
NAMES = ["age", "town", "height", "bought"]
TOWNS = ["Ulm", "Bonn", "Kiel", "Trier", "Mainz"]


def rows(count=ROWS):
    return [[str(20 + i), TOWNS[i % 5], f"{1.5 + i / 50:.2f}", "no" if i % 2 else "yes"] for i in range(count)]


def csv(body, names=NAMES, separator=",", end="\n"):
    return end.join(separator.join(r) for r in [names, *body]) + end


def changed(row, column, value, names=NAMES, separator=","):
    """The sound table with one cell changed; `row` as in the file, 1 being the line of names."""
    body = rows()
    body[row - 2][column] = value
    return csv(body, names, separator)


def cells(column, values):
    body = rows()
    for i, value in values.items():
        body[i - 2][column] = value
    return csv(body)


def with_row(at, row):
    body = rows()
    body[at - 2] = row
    return csv(body)


LONG = [str(10**16 + 3 * i) for i in range(ROWS)]
SOUND = csv(rows())
BYTES = SOUND.encode()

# name: (content, settings, what the message has to say)
CORPUS = {
    # one field too many or too few
    "too many in every row": (csv([[*r, "x"] for r in rows()]), {}, r"every row has 5 fields (.*)4 \(first: row 2\)"),
    "too few in every row": (csv([r[:3] for r in rows()]), {}, r"every row has 3 fields .* 4 \(first: row 2\)"),
    "too many in the first row": (with_row(2, [*rows()[0], "x"]), {}, r"row 2: 5 fields where the header has 4"),
    "too few in the first row": (with_row(2, rows()[0][:3]), {}, r"row 2: 3 fields where the header has 4"),
    "too many in one row": (with_row(9, [*rows()[7], "x"]), {}, r"row 9: 5 fields where the header has 4"),
    "too few in one row": (with_row(9, ["1"]), {}, r"row 9: 1 fields where the header has 4"),
    "too few in the last row": (SOUND + "41,Ulm\n", {}, r"row 22: 2 fields"),
    "cut off in the middle of a row": (SOUND[:-16], {}, r"row 20: \d fields|row 21: \d fields"),
    "too many in two rows": (csv([[*r, "x"] if i in (3, 7) else r for i, r in enumerate(rows())]), {}, r"row 5: 5 .*row 9"),
    "separator at the end of every row": (csv([[*r, ""] for r in rows()]), {}, r"every row has 5 fields"),
    "separator inside a text without quotes": (changed(6, 1, "Ulm, Donau"), {}, r"row 6: 5 fields"),
    "too many, with quotes": (changed(6, 1, '"a, b",c'), {}, r"row 6: 5 fields where the header has 4"),
    "too few, with quotes": (with_row(6, ['"24"', "Ulm"]), {}, r"row 6: 2 fields"),
    "too many for the names given": (csv([[*r, "x"] for r in rows()][1:], rows()[0]), {"names": NAMES}, r"row 2: 5 fields where names= has 4"),
    "too few for the names given": (SOUND, {"names": [*NAMES, "z"]}, r"every row has 4 fields where names= has 5"),
    "two tables in one file": (SOUND + "\nsize,colour\n1,red\n2,blue\n", {}, r"row 23: 2 fields .* 2 more"),
    "a line of blanks": (SOUND + "   \n", {}, r"row 22: 1 fields"),
    "a title above the names": ("People 2024\n" + SOUND, {}, r"every row has 4 fields where the header has 1"),
    # what is no number in a column of numbers
    "empty number": (changed(5, 0, ""), {}, r"column 'age': 1 of 20 values are missing \(row 5\).*on_missing=fill"),
    "blank number": (changed(5, 0, "  "), {}, r"column 'age': 1 of 20 values are missing \(row 5\)"),
    "NaN in a column of numbers": (changed(5, 0, "NaN"), {}, r"row 5, column 'age': 'NaN' is not a number"),
    "nan and NA": (cells(0, {5: "nan", 8: "NA"}), {}, r"row 5, column 'age': 'nan' is .* nor are 1 more of 20 values \(row 8\).*missing=\['nan', 'NA'\]"),
    "inf": (changed(7, 2, "inf"), {}, r"row 7, column 'height': 'inf' is not a number"),
    "-Infinity": (changed(7, 2, "-Infinity"), {}, r"row 7, column 'height'"),
    "1e400": (changed(7, 2, "1e400"), {}, r"row 7, column 'height': '1e400' is not a number that a computer can hold"),
    "text in a column of numbers": (changed(12, 0, "forty"), {}, r"row 12, column 'age': 'forty' is not a number\. .*kinds=\{'age': 'category'\}"),
    "a unit after a number": (changed(12, 2, "1.72m"), {}, r"row 12, column 'height': '1.72m'"),
    "a question mark": (cells(0, {3: "?", 4: "?", 5: "?", 6: "?", 7: "?"}), {}, r"row 3, column 'age': '\?' .* nor are 4 more"),
    "two numbers in a cell": (changed(12, 0, "40 41"), {}, r"row 12, column 'age': '40 41'"),
    "a formula": (changed(12, 0, "=A1+1"), {}, r"row 12, column 'age': '=A1\+1'"),
    "#DIV/0!": (changed(12, 2, "#DIV/0!"), {}, r"row 12, column 'height': '#DIV/0!'"),
    "underscore in a number": (changed(12, 0, "1_000"), {}, r"row 12, column 'age': '1_000'"),
    "hexadecimal": (changed(12, 0, "0x1F"), {}, r"row 12, column 'age': '0x1F'"),
    "missing after missing=": (changed(5, 0, "NA"), {"missing": ["NA"]}, r"column 'age': 1 of 20 values are missing \(row 5\)"),
    "text with kind number": (SOUND, {"kinds": {"town": "number"}}, r"row 2, column 'town': 'Ulm' is not a number, nor are 19 more"),
    "leading zeros in some": (changed(4, 0, "007"), {}, r"row 4, column 'age': '007' has leading zeros"),
    "missing category": (changed(4, 1, ""), {}, r"column 'town': 1 of 20 values are missing \(row 4\)"),
    "missing target": (changed(4, 3, ""), {}, r"column 'bought': 1 of 20 values are missing \(row 4\).*drop"),
    "missing target of numbers": (changed(4, 2, ""), {"target": "height"}, r"column 'height': 1 of 20 values are missing \(row 4\)"),
    "text in a target of numbers": (changed(4, 2, "tall"), {"target": "height"}, r"row 4, column 'height': 'tall' is not a number"),
    "a date among dates that is none": (csv([[f"2024-01-{i + 1:02d}" if i != 6 else "2024-13-45", *r[1:]] for i, r in enumerate(rows())]), {}, r"row 8, column 'age': '2024-13-45' is not a date"),
    "day and month cannot be told apart": (csv([[f"0{i % 9 + 1}/03/2024", *r[1:]] for i, r in enumerate(rows())]), {}, r"row 2, column 'age': '01/03/2024' can be read as a date in several ways.*%d/%m/%Y"),
    # marks inside numbers
    "decimal comma": (csv([[r[0], r[1], r[2].replace(".", ","), r[3]] for r in rows()], separator=";"), {}, r"row 2, column 'height': '1,50' .*decimal=comma"),
    "decimal comma in quotes": (csv([[r[0], r[1], '"' + r[2].replace(".", ",") + '"', r[3]] for r in rows()]), {}, r"row 2, column 'height': '1,50' .*decimal=comma"),
    "thousands comma": (csv([[r[0], r[1], f'"{i + 1},234,567"', r[3]] for i, r in enumerate(rows())]), {}, r"row 2, column 'height': '1,234,567' .*thousands=comma"),
    "thousands point, decimal comma": (csv([[r[0], r[1], f"{i + 1}.234,5", r[3]] for i, r in enumerate(rows())], separator=";"), {}, r"row 2, column 'height': '1.234,5' .*decimal=comma .*thousands=point"),
    "points though decimal is said to be a comma": (csv(rows(), separator=";"), {"decimal": ","}, r"row 2, column 'height': '1.50' .*decimal=point"),
    # bytes
    "latin-1 inside UTF-8": (BYTES.replace(b"Kiel", b"K\xf6ln", 1), {}, r"row 4: byte 59 \(0xf6\) is not UTF-8.*'22,Köln,1.54.*encoding=\"cp1252\""),
    "latin-1 in the line of names": (BYTES.replace(b"height", b"gr\xf6\xdfe"), {}, r"row 1: byte 11 \(0xf6\)"),
    "UTF-16 without a mark": (SOUND.encode("utf-16-le"), {}, r"row 1: byte 1 is NUL.*utf-16-le"),
    "NUL byte": (BYTES[:60] + b"\0" + BYTES[60:], {}, r"row 4: byte 60 is NUL"),
    "wrong encoding": (BYTES.replace(b"Kiel", b"K\x81ln", 1), {"encoding": "cp1252"}, r"row 4: byte 59 \(0x81\) is not cp1252"),
    "unknown encoding": (SOUND, {"encoding": "utf-9"}, r"there is no encoding 'utf-9'"),
    # quotes
    "a quote that is never closed": (changed(9, 1, '"Ulm'), {}, r"after row 8: a quote is never closed"),
    "text after a closing quote": (changed(9, 1, '"Ulm" an der Donau'), {}, r"after row 8: .*expected after"),
    # the line of names, or nothing at all
    "empty file": ("", {}, r"is empty"),
    "blank lines only": ("\n\n  \n", {}, r"is empty"),
    "names only": (csv([]), {}, r"row 1: there are column names and no rows"),
    "doubled name": (csv(rows(), ["age", "town", "age", "bought"]), {}, r"row 1: the column 'age' stands twice"),
    "blank name": (csv(rows(), ["age", "", "height", "bought"]), {}, r"row 1: column 2 of 4 has no name"),
    "no line of names": (csv(rows()[1:], rows()[0]), {}, r"row 1: the line of column names looks like data.*names=\[\.\.\.\]"),
    "numbers for names": (csv(rows(), ["1", "2", "3", "4"]), {}, r"row 1: the line of column names looks like data"),
    "names again in the middle": (csv([*rows()[:9], NAMES, *rows()[9:]]), {}, r"row 11: the line of column names stands there again"),
    "label column absent": (SOUND, {"target": "bougt"}, r"no column 'bougt'\. Did you mean 'bought'\?"),
    "one column only": ("age\n1\n2\n3\n", {}, r"row 1: there is one column only, 'age'"),
    "another separator": ("\n".join("~".join(r) for r in [NAMES, *rows()]), {}, r"row 1: there is one column only.*separator="),
    "a page of HTML": ("<html>\n<body>404, not found</body>\n</html>\n", {}, r"row 2: 2 fields|one column only"),
    "free text as the target": (csv([[*r[:3], f"remark {i}"] for i, r in enumerate(rows())]), {}, r"row 2, column 'bought': 'remark 0' is one of 20 different texts"),
    "dates as the target": (csv([[*r[:3], f"2024-01-{i + 1:02d}"] for i, r in enumerate(rows())]), {}, r"row 2, column 'bought': '2024-01-01' is a date"),
    "every row lacks something": (csv([[r[0], "", r[2], r[3]] if i % 2 else ["", *r[1:]] for i, r in enumerate(rows())]), {"on_missing": "drop"}, r"every row lacks a value"),
    "a weight below 0": (changed(5, 0, "-1"), {"weight": "age"}, r"row 5, column 'age': the weight -1 is below 0"),
    "a missing group": (changed(5, 1, ""), {"group": "town"}, r"column 'town' \(the group.*missing \(row 5\)"),
    "an odd split": (csv([[r[0], ["train", "test", "dev"][i % 3], *r[2:]] for i, r in enumerate(rows())]), {"split": "town"}, r"row 4, column 'town': 'dev' is no split"),
}  # fmt: skip


def refusal(tmp_path, case):
    content, settings, _ = CORPUS[case]
    path = tmp_path / "people.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DeepglassError) as caught:
        dg.load(path, **settings)
    return str(caught.value)


@pytest.mark.parametrize("case", CORPUS)
def test_a_malformed_table_is_refused_with_its_file_and_place(tmp_path, case):
    message = refusal(tmp_path, case)
    assert "people.csv" in message
    assert re.search(CORPUS[case][2], message, re.DOTALL), message


def test_nearly_every_refusal_names_a_row_or_a_column(tmp_path):
    assert len(CORPUS) >= 60
    placed = [case for case in CORPUS if re.search(r"row \d+|rows \d+|column '", refusal(tmp_path, case))]
    assert len(placed) >= 0.95 * len(CORPUS), sorted(set(CORPUS) - set(placed))


def test_a_file_that_is_not_there_is_named_with_what_is(tmp_path):
    (tmp_path / "people.csv").write_text(SOUND)
    with pytest.raises(DataError, match=r"There is no file '.*peple\.csv'\. Check the path\. There are: people\.csv"):
        dg.load(tmp_path / "peple.csv")


def test_the_sound_table_is_accepted(tmp_path):
    (tmp_path / "people.csv").write_text(SOUND)
    assert len(dg.load(tmp_path / "people.csv", target="bought")) == ROWS
