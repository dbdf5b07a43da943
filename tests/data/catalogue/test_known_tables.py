import hashlib
from pathlib import Path

import pytest

import deepglass as dg
from deepglass.data.catalogue import catalogue_source, with_defaults
from deepglass.data.catalogue.adult import COLUMNS as ADULT_COLUMNS
from deepglass.data.catalogue.adult import TEST, TRAIN, decode_adult
from deepglass.data.catalogue.entry import Content
from deepglass.data.catalogue.tables import Cells, digest, known_table
from deepglass.data.catalogue.titanic import COLUMNS as TITANIC_COLUMNS
from deepglass.data.catalogue.titanic import FILE, decode_titanic
from deepglass.data.catalogue.wine_quality import RENAMED
from deepglass.data.readers.table_format import TableFormat
from deepglass.data.readers.text_table import read_text_table
from deepglass.data.settings import DataSettings
from deepglass.errors import DataError, SettingError, UnknownName

PLAIN = DataSettings()
COMMAS = b'"a","class"\n1,2\n3.5,4\n'
SEMICOLONS = b'"a";"quality"\r\n1;2\r\n3.5;4\r\n'
# By hand: each column is its name and its cells with 0x1f between them, and ends in 0x1e.
HAND = hashlib.sha256(b"a\x1f1\x1f3.5\x1equality\x1f2\x1f4\x1e").hexdigest()
KNOWN = Cells(("a", "quality"), 2, HAND)
ADULT_TRAIN = (
    b"39, State-gov, 77516, Bachelors, 13, Never-married, Adm-clerical, Not-in-family, White, Male, 2174, 0, 40, Cuba, <=50K\n"
    b"50, ?, 83311, HS-grad, 9, Divorced, Sales, Husband, White, Male, 0, 0, 13, Cuba, >50K\n"
    b"38, Private, 215646, HS-grad, 9, Divorced, Sales, Husband, Black, Female, 0, 0, 40, India, <=50K\n"
    b"28, Private, 338409, HS-grad, 9, Divorced, ?, Wife, Black, Female, 0, 0, 40, India, >50K\n"
)
ADULT_TEST = b"25, Private, 226802, HS-grad, 9, Divorced, Sales, Wife, Black, Male, 0, 0, 40, Cuba, <=50K.\n"


def content(name, data):
    return Content(Path(name), data)


def cells_of(data, settings, rows, columns):
    return Cells(columns, rows, digest(read_text_table(Path("x.csv"), TableFormat.of(settings), content=data)))


@pytest.mark.parametrize("data", [COMMAS, SEMICOLONS])
def test_the_same_cells_are_known_however_they_are_written(data):
    table = known_table(content("wine.csv", data), PLAIN, KNOWN, renamed=RENAMED)
    assert list(table.columns) == ["a", "quality"] and len(table) == 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a,mark\n1,2\n3.5,4\n", r"wine\.csv: has the columns a, mark instead of a, quality\. Get the file anew"),
        (b"a,class\n1,2\n", r"wine\.csv: has 1 rows instead of 2\. Get the file anew"),
        (b"a,class\n1,2\n3.5,5\n", r"wine\.csv: its cells differ from .* instead of .*\. Get the file anew"),
    ],
)
def test_a_table_with_other_content_is_refused(data, message):
    with pytest.raises(DataError, match=message):
        known_table(content("wine.csv", data), PLAIN, KNOWN, renamed=RENAMED)


@pytest.mark.parametrize("head", [b"", b"|1x3 Cross validator\n"])
def test_adult_has_names_categories_gaps_and_its_own_test(head):
    settings = DataSettings(**with_defaults("adult", {}))
    train, test = (cells_of(d, settings, n, ADULT_COLUMNS) for d, n in ((ADULT_TRAIN, 4), (ADULT_TEST, 1)))
    contents = {TRAIN: content(TRAIN, ADULT_TRAIN), TEST: content(TEST, head + ADULT_TEST)}
    source = decode_adult(contents, settings, train, test)
    assert source.targets == ("income",)
    assert source.fields["income"].classes == ("<=50K", ">50K")
    assert source.fields["income"].values.tolist() == [0, 1, 0, 1, 0]  # the full stop of the test label is gone
    assert source.splits["test"].tolist() == [4]
    workclass = source.fields["features"].columns[1]
    assert workclass.kind == "category" and workclass.classes == ("Private", "State-gov", "(missing)")
    dropped = decode_adult(contents, settings.model_copy(update={"on_missing": "drop"}), train, test)
    assert len(dropped) == 3 and dropped.splits["test"].tolist() == [2]


TITANIC = (
    ",".join(TITANIC_COLUMNS).encode()
    + b'\n1,0,3,"Braund, Mr. Owen",male,22.0,1,0,A/5,7.25,,S\n2,1,1,"Cumings, Mrs. John",female,38.0,1,0,PC,71.2,C85,C\n'
)


def test_titanic_learns_from_what_passengers_share():
    settings = DataSettings(**with_defaults("titanic", {}))
    cells = cells_of(TITANIC, settings, 2, TITANIC_COLUMNS)
    source = decode_titanic({FILE: content(FILE, TITANIC)}, settings, cells)
    names = [c.name for c in source.fields["features"].columns]
    assert names == ["Pclass", "Sex", "Age", "SibSp", "Parch", "Fare", "Embarked"]
    assert source.fields["Survived"].kind == "category"
    assert any("left out: PassengerId, Name, Ticket, Cabin" in note for note in source.notes)
    asked = settings.model_copy(update={"target": "Fare"})
    other = decode_titanic({FILE: content(FILE, TITANIC)}, asked, cells)
    assert [c.name for c in other.fields["features"].columns] == ["Survived", *names[:5], "Embarked"]


def test_what_is_said_wins_over_the_settings_of_an_entry():
    assert with_defaults("wine-quality-red", {"target": None})["target"] == "quality"
    said = with_defaults("wine-quality-red", {"target": "alcohol", "kinds": {"pH": "category"}})
    assert said["target"] == "alcohol" and said["kinds"] == {"quality": "number", "pH": "category"}
    assert with_defaults("titanic", {"on_missing": "stop"})["on_missing"] == "stop"


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("titanic", {"separator": "tab"}, r"data\.separator='\\t' says how files .* that of titanic is known"),
        ("adult", {"names": ["a"]}, r"data\.names=\['a'\] says how files .* that of adult is known"),
        ("mnist", {"image_size": 14}, r"data\.image_size=14 says how files .* that of mnist is known"),
        ("adult", {"test": "mine.csv"}, r"data\.test='mine\.csv' is a file, .* Give a share or a number"),
        ("mnist", {"missing": ["?"]}, r"data\.missing=\['\?'\] goes with a table; mnist is none"),
    ],
)
def test_settings_that_do_not_go_with_a_set_are_refused(name, settings, message):
    with pytest.raises(SettingError, match=message):
        dg.load(name, **settings)


@pytest.mark.parametrize(
    ("typed", "meant"), [("penguin", "penguins"), ("cifra10", "cifar10"), ("fashionmnist", "fashion-mnist")]
)
def test_a_name_that_is_nearly_right_is_told_the_right_one(typed, meant):
    with pytest.raises(UnknownName, match=rf"'{typed}'\. Did you mean '{meant}'\? Known: adult, "):
        dg.load(typed)


def test_a_table_that_is_not_here_says_where_it_was_looked_for(place):
    with pytest.raises(DataError, match=r"titanic: train\.csv is not in .*titanic.*, and downloading is switched off"):
        catalogue_source("titanic", offline=True)


@pytest.fixture
def real(data_folder, monkeypatch):
    if not (data_folder / "tabular").is_dir():
        pytest.skip("no tables among the real data")
    monkeypatch.setenv("DEEPGLASS_DATA", str(data_folder))
    monkeypatch.setenv("DEEPGLASS_OFFLINE", "1")


# Examples, test examples where the set has its own test, examples of each class: as the data's own page says.
@pytest.mark.parametrize(
    ("name", "count", "test", "classes"),
    [
        ("adult", 48_842, 16_281, {"<=50K": 48_842 - 7_841 - 3_846, ">50K": 7_841 + 3_846}),
        ("titanic", 891, None, {"0": 549, "1": 342}),
        ("penguins", 344, None, {"Adelie": 152, "Chinstrap": 68, "Gentoo": 124}),
    ],
)
def test_the_real_tables_to_classify_have_the_published_counts(real, name, count, test, classes):
    source = dg.load(name).source
    assert len(source) == count
    field = source.fields[source.targets[0]]
    assert {c: int((field.values == i).sum()) for i, c in enumerate(field.classes)} == classes
    assert source.splits is None if test is None else len(source.splits["test"]) == test


@pytest.mark.parametrize(
    ("name", "count", "target", "lowest", "highest"),
    [
        ("california-housing", 20_640, "median_house_value", 14_999, 500_001),
        ("wine-quality-red", 1_599, "quality", 3, 8),
        ("wine-quality-white", 4_898, "quality", 3, 9),
    ],
)
def test_the_real_tables_of_numbers_have_the_published_counts(real, name, count, target, lowest, highest):
    data = dg.load(name)
    values = data.source.fields[target].values
    assert len(data) == count and data.target.kind == "number"
    assert (values.min(), values.max()) == (lowest, highest)


def test_a_set_is_split_scaled_and_encoded_like_a_file_of_ones_own(real):
    data = dg.load("penguins", test=0.5, scaling="none", split_seed=3)
    assert data.splits.counts()["test"] == 172
    like = dg.load("penguins", like=data)
    assert like.fields["features"].encoding == data.fields["features"].encoding
    assert dg.load("penguins", target="bill_length_mm").target.kind == "number"


def test_a_network_learns_penguins_by_name(real, in_tmp):
    run = dg.train("mlp", "penguins", epochs=3, out="run")
    assert run.data.name == "penguins" and run.data.splits.counts() == {"train": 220, "validation": 55, "test": 69}
