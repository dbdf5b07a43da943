"""Tables on the command line: the real sets with one command each, and the settings of one's own files."""

import pytest

ADULT = (
    "[age,workclass,fnlwgt,education,education_num,marital_status,occupation,relationship,race,sex,"
    "capital_gain,capital_loss,hours_per_week,native_country,income]"
)


def data(deepglass, source, *sets, target=None):
    options = [f"--set=data.{s}" for s in sets] + ([f"--target={target}"] if target else [])
    answer = deepglass("data", str(source), *options, "--json")
    assert answer.code == 0, answer.err
    return answer.json


def columns(answer):
    return {note.split(":")[0]: note.partition(": ")[2] for note in answer["notes"]}


def test_titanic(deepglass, data_folder):
    train = data_folder / "tabular/titanic/train.csv"
    asked = deepglass("data", str(train), "--target", "Survived")
    assert asked.code == 2
    assert "column 'Age': 177 of 891 values are missing (rows 7, 19, 21, ...)" in asked.err
    assert "column 'Embarked': 2 of 891 values are missing (rows 63, 831)" in asked.err
    assert "--set data.on_missing=fill" in asked.err
    # deepglass data titanic/train.csv --target Survived --set data.on_missing=fill
    answer = data(deepglass, train, "on_missing=fill", target="Survived")
    assert answer["rows"] == 891
    assert columns(answer)["Cabin"] == "left out, free text (147 different values)"
    # all rows in training: 342 survived
    whole = data(deepglass, train, "on_missing=fill", "test=0", "validation=0", target="Survived")
    assert whole["classes"] == {"0": 549, "1": 342}
    assert whole["notes"][-1].startswith("Age: 177 missing in training, filled with its median, 28")
    # deepglass data titanic/train.csv --target Survived --set data.on_missing=drop
    assert data(deepglass, train, "on_missing=drop", target="Survived")["rows"] == 712


def test_california_housing(deepglass, data_folder):
    # deepglass data california_housing.csv --target median_house_value --set data.on_missing=fill
    file = data_folder / "tabular/california_housing.csv"
    answer = data(deepglass, file, "on_missing=fill", "test=0", "validation=0", target="median_house_value")
    assert answer["rows"] == 20640
    assert columns(answer)["ocean_proximity"] == "5 categories"
    assert "total_bedrooms: 207 missing in training, filled with its median, 435" in answer["notes"][-1]


def test_adult_with_its_own_test_file(deepglass, data_folder):
    # deepglass data adult-train.csv --target income --set 'data.names=[age,...]' --set data.test=adult-test.csv
    #     --set 'data.missing=["?"]' --set data.on_missing=fill --set data.label_suffix=.
    folder = data_folder / "tabular"
    sets = [f"names={ADULT}", f"test={folder / 'adult-test.csv'}", 'missing=["?"]', "on_missing=fill", "label_suffix=."]
    answer = data(deepglass, folder / "adult-train.csv", *sets, "validation=0", target="income")
    assert answer["splits"] == {"train": 32561, "validation": 0, "test": 16281}
    assert answer["classes"] == {"<=50K": 24720, ">50K": 7841}
    assert len(columns(answer)) >= 15
    asked = deepglass("data", str(folder / "adult-train.csv"))
    assert asked.code == 2 and "the line of column names looks like data" in asked.err


def test_penguins(deepglass, data_folder):
    # deepglass data penguins.csv --target species --set data.missing=NA --set data.on_missing=drop
    folder = data_folder / "tabular"
    sets = ["missing=NA", "on_missing=fill", "test=0", "validation=0"]
    answer = data(deepglass, folder / "penguins.csv", *sets, target="species")
    assert answer["classes"] == {"Adelie": 152, "Chinstrap": 68, "Gentoo": 124}
    assert data(deepglass, folder / "penguins.csv", "missing=NA", "on_missing=drop", target="species")["rows"] == 333
    raw = data(deepglass, folder / "penguins_raw.csv", *sets, target="Species")
    assert raw["rows"] == 344 and raw["fields"][0]["shape"][0] > 17
    assert columns(raw)["Individual ID"] == "left out, free text (190 different values)"
    assert any(note == "Date Egg: dates (%Y-%m-%d)" for note in raw["notes"])


@pytest.mark.parametrize(("name", "rows", "classes"), [("red", 1599, 6), ("white", 4898, 7)])
def test_wine(deepglass, data_folder, name, rows, classes):
    # deepglass data winequality-red.csv --target class
    file = data_folder / f"tabular/winequality-{name}.csv"
    answer = data(deepglass, file, "test=0", "validation=0", target="class")
    assert answer["rows"] == rows and len(answer["classes"]) == classes
    # deepglass data winequality-red.csv --target class --set data.kinds.class=number
    assert data(deepglass, file, "kinds.class=number", target="class")["fields"][1]["kind"] == "number"


def test_every_setting_of_a_table_can_be_said(deepglass, tmp_path):
    rows = "".join(f"{i},5|{'Köln' if i % 2 else '-'}|0{i % 9 + 1}/03/2024|p{i // 4}|{i % 2}\n" for i in range(40))
    (tmp_path / "people.txt").write_bytes(rows.encode("cp1252"))
    sets = ["names=[price,town,day,who,y]", "separator=pipe", "decimal=comma", "encoding=cp1252", "missing=['-']"]
    answer = data(deepglass, "people.txt", *sets, "on_missing=fill", "kinds.day=date %d/%m/%Y", "group=who")
    assert answer["rows"] == 40
    assert columns(answer)["town"].startswith("20 missing, a category of their own")


def test_a_run_predicts_a_file_that_is_written_like_its_own(deepglass, tmp_path):
    rows = "".join(f"{i},5;{'?' if i % 5 == 0 else 'ab'[i % 2]};{'no' if i % 2 else 'yes'}\n" for i in range(40))
    (tmp_path / "people.csv").write_text("price;kind;y\n" + rows)
    sets = ["--set=data.decimal=comma", '--set=data.missing=["?"]', "--set=data.on_missing=fill"]
    assert deepglass("train", "people.csv", "--target=y", *sets, "--epochs=1", "--out=run").code == 0
    (tmp_path / "new.csv").write_text("kind;price;y\n?;7,25;yes\nb;;no\n")
    answer = deepglass("predict", "run", "new.csv", "--json")
    assert answer.code == 0, answer.err
    assert [row["given"] for row in answer.json["predictions"]] == ["yes", "no"]
