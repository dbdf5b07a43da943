"""Tables from the file to the prediction: missing values, dates, roles of columns, splits, new rows."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch.testing import assert_close

import deepglass as dg
from deepglass.data.copy import source_from_tensors, source_to_tensors
from deepglass.errors import DataError, SettingError

COUNT = 60


@pytest.fixture
def people(tmp_path):
    """A table with gaps: age lacks 3 values, town 2, bought none."""

    def write(name="people.csv", **columns):
        random = np.random.default_rng(0)
        ages = [str(v) for v in random.integers(20, 60, COUNT)]
        towns = [["Ulm", "Bonn", "Kiel"][i % 3] for i in range(COUNT)]
        for i in (4, 20, 41):
            ages[i] = ""
        for i in (7, 33):
            towns[i] = ""
        table = {"age": ages, "town": towns, **columns, "bought": [["no", "yes"][i % 2] for i in range(COUNT)]}
        pd.DataFrame(table).to_csv(tmp_path / name, index=False)
        return tmp_path / name

    return write


def table_column(data, name):
    return next(c for c in data.inputs["features"].encoding["columns"] if c["name"] == name)


def test_the_median_of_the_training_split_fills_and_a_column_says_so(people):
    data = dg.load(people(), on_missing="fill")
    raw = data.source.fields["features"].values[:, 0]
    seen = raw[data.splits.train]
    known = seen[~np.isnan(seen)]
    assert table_column(data, "age")["fill"] == np.median(known)
    features = data.examples("train")["features"].numpy()
    np.testing.assert_array_equal(features[:, 1], np.isnan(seen))
    filled = np.where(np.isnan(seen), np.median(known), seen)
    np.testing.assert_allclose(features[:, 0], (filled - known.mean()) / known.std(), rtol=1e-5)
    assert [str(c) for c in table_column(data, "town")["classes"]] == ["Bonn", "Kiel", "Ulm", "(missing)"]
    said = "\n".join(data.describe().notes)
    assert f"age: {np.isnan(seen).sum()} missing in training, filled with its median" in said
    assert "town: 2 missing, a category of their own, '(missing)'" in said


def test_rows_with_gaps_can_be_dropped_and_that_is_said(people):
    data = dg.load(people(), on_missing="drop")
    assert len(data) == COUNT - 5
    assert "left out 5 of 60 rows with missing values: age 3, town 2" in data.describe().notes


def test_rows_without_a_target_are_left_out_when_inputs_are_filled(people):
    data = dg.load(people(bonus=[""] * 5 + ["1.5", "2.5"] * 27 + ["3.5"]), target="bonus", on_missing="fill")
    assert len(data) == COUNT - 5
    assert "left out 5 of 60 rows with missing values: bonus 5" in data.describe().notes


def test_dates_become_days_since_the_first_and_their_place_in_year_week_and_day():
    when = pd.date_range("2020-01-01 00:00", periods=800, freq="25h")
    data = dg.load(
        pd.DataFrame({"when": when, "y": np.arange(800) % 2}), target="y", scaling="none", test=0, validation=0
    )
    column = table_column(data, "when")
    assert column["parts"] == ["year", "week", "day"]
    x = data.examples("train")["features"].double().numpy()
    hours = 25 * np.arange(800)
    np.testing.assert_allclose(x[:, 0], hours / 24, rtol=1e-6)
    np.testing.assert_allclose(x[:, 5], np.sin(2 * np.pi * hours / 24), atol=1e-4)
    np.testing.assert_allclose(x[:, 3] ** 2 + x[:, 4] ** 2, 1, atol=1e-6)
    assert "when: days since 2020-01-01, the first in training" in "\n".join(data.describe().notes)


def test_dates_of_a_form_that_is_said_are_read(people):
    days = [f"{i % 9 + 1:02d}/03/2024" for i in range(COUNT)]
    data = dg.load(people(day=days), on_missing="fill", kinds={"day": "date %d/%m/%Y"})
    assert table_column(data, "day")["form"] == "%d/%m/%Y"
    raw = data.source.fields["features"].values[:, 2]
    assert raw[0] == (np.datetime64("2024-03-01") - np.datetime64("1970-01-01")).astype(int)


def test_a_column_can_weigh_the_examples(people):
    weights = np.arange(COUNT) % 4 / 2
    data = dg.load(people(weight=weights), on_missing="fill", weight="weight")
    batch = data.examples("train")
    assert_close(batch.weights, torch.tensor(weights, dtype=torch.float32)[batch.ids])
    assert [c["name"] for c in data.inputs["features"].encoding["columns"]] == ["age", "town"]
    assert_close(data.with_(scaling="none").weights, data.weights)


def test_groups_stay_together_in_every_split_and_fold(people):
    groups = np.arange(COUNT) // 5
    data = dg.load(people(who=[f"p{g}" for g in groups]), on_missing="fill", group="who")
    parts = [set(groups[ids]) for ids in (data.splits.train, data.splits.validation, data.splits.test)]
    assert sum(map(len, parts)) == 12 and all(parts)
    for fold in data.folds(3):
        assert not set(groups[fold.splits.train]) & set(groups[fold.splits.validation])
    with pytest.raises(SettingError, match=r"stratify=True cannot be kept with group="):
        data.with_(stratify=True)
    with pytest.raises(DataError, match=r"11 folds of 10 groups are impossible|11 folds of 9 groups are impossible"):
        data.folds(11)


def test_the_past_trains_and_the_future_tests(people):
    order = np.random.default_rng(1).permutation(COUNT)
    when = [str(np.datetime64("2024-01-01") + int(d)) for d in order]
    data = dg.load(people(when=when), on_missing="fill", time="when")
    train, validation, test = (order[getattr(data.splits, n)] for n in ("train", "validation", "test"))
    assert train.max() < validation.min() and validation.max() < test.min()
    assert len(test) == 12
    with pytest.raises(
        SettingError, match=r"stratify=True shuffles the examples, but time= says that they are ordered"
    ):
        data.with_(stratify=True)
    with pytest.raises(SettingError, match=r"4 folds would train on the future"):
        data.folds(4)


def test_equal_times_are_never_parted(people):
    years = np.repeat([2020, 2021, 2022, 2023], 15)
    data = dg.load(people(year=years), on_missing="fill", time="year")
    parts = [set(years[ids]) for ids in (data.splits.train, data.splits.validation, data.splits.test)]
    assert parts == [{2020, 2021}, {2022}, {2023}]


def test_a_column_can_state_the_splits(people):
    said = np.array(["train", "val", "test"])[np.arange(COUNT) % 3]
    data = dg.load(people(part=said), on_missing="fill", split="part")
    assert data.splits.test.tolist() == np.flatnonzero(said == "test").tolist()
    assert data.splits.validation.tolist() == np.flatnonzero(said == "val").tolist()


def test_the_test_split_can_stand_in_a_file_of_its_own(people):
    data = dg.load(people(), test=str(people("later.csv")), on_missing="drop")
    assert data.splits.test.tolist() == list(range(COUNT - 5, 2 * (COUNT - 5)))
    said = "\n".join(data.describe().notes)
    assert "test: the 60 rows of later.csv; training and validation: the 60 of people.csv" in said
    with pytest.raises(SettingError, match=r"test=0\.3 decides how data are read"):
        data.with_(test=0.3)


def test_a_label_of_the_test_file_that_training_lacks_is_refused_with_a_hint(people, tmp_path):
    path, later = people(), tmp_path / "later.csv"
    later.write_text(path.read_text().replace("yes", "yes.").replace("no", "no."))
    with pytest.raises(
        DataError, match=r"later\.csv, row 2, column 'bought': no training row has the label 'no\.' .*label_suffix='\.'"
    ):
        dg.load(path, test=str(later), on_missing="fill")
    data = dg.load(path, test=str(later), on_missing="fill", label_suffix=".")
    assert data.target.classes == ["no", "yes"]
    assert "bought: '.' taken off the end of 60 of 120 labels" in data.describe().notes


def test_a_test_file_without_the_target_is_refused(people, tmp_path):
    (tmp_path / "later.csv").write_text("age,town\n30,Ulm\n")
    with pytest.raises(DataError, match=r"later\.csv, row 1: the test file has no column 'bought'"):
        dg.load(people(), test=str(tmp_path / "later.csv"), on_missing="fill")


def test_a_copy_keeps_all_that_splits_and_weights_need(people):
    path = people(
        weight=np.ones(COUNT), when=np.arange(COUNT), day=["2024-01-0" + str(i % 9 + 1) for i in range(COUNT)]
    )
    data = dg.load(path, on_missing="fill", weight="weight", time="when")
    again = source_from_tensors(*source_to_tensors(data.source))
    assert again.fields["features"].columns == data.source.fields["features"].columns
    for name in ("weights", "times"):
        np.testing.assert_array_equal(getattr(again, name), getattr(data.source, name))
    copied = dg.load(again, **data.settings.model_dump(include={"on_missing", "time"}))
    assert copied.splits.test.tolist() == data.splits.test.tolist()


def test_new_rows_are_read_as_the_training_rows_were(people, tmp_path):
    when = [f"{i % 28 + 1:02d}.01.2024" for i in range(COUNT)]
    price = [f"{i},5" for i in range(COUNT)]
    path = people(when=when, price=price, flag=["Y" if i % 2 else "N" for i in range(COUNT)])
    data = dg.load(path, missing=["-"], on_missing="fill", decimal=",", test=0)
    from deepglass.data.inputs import encode_inputs

    (tmp_path / "new.csv").write_text('town;flag;price;age;when\nUlm;Y;3,5;-;05.01.2024\nRome;N;"1,25";33;06.01.2024\n')
    x = encode_inputs(tmp_path / "new.csv", data.fields)["features"]
    whole = data.examples("train")
    age, gap = table_column(data, "age"), 1
    assert x[0, gap] == 1 and x[1, gap] == 0
    assert_close(x[0, 0].item(), (age["fill"] - age["offset"]) / age["scale"], rtol=1e-5, atol=1e-5)
    assert x.shape[1] == whole["features"].shape[1]
    assert x[1, 2:6].tolist() == [0, 0, 0, 0]  # Rome was never seen: zeros
    again = encode_inputs(path, data.fields)["features"]
    assert_close(again[whole.ids], whole["features"])


def test_new_rows_that_do_not_fit_are_refused_with_their_place(people, tmp_path):
    from deepglass.data.inputs import encode_inputs

    data = dg.load(people(), on_missing="drop")
    new = tmp_path / "new.csv"
    for content, message in {
        "age,town\n30,Ulm\nold,Bonn\n": r"new\.csv, row 3, column 'age': 'old' is not a number",
        "age,town\n30,\n31,Ulm\n": r"new\.csv, column 'town': 1 of 2 values are missing \(row 2\)",
        "age,twn\n30,Ulm\n": r"new\.csv has no column 'town'\. Did you mean 'twn'\? Needed: age, town",
    }.items():
        new.write_text(content)
        with pytest.raises(DataError, match=message):
            encode_inputs(new, data.fields)


def test_new_data_like_the_old_takes_its_columns_for_the_same(people, tmp_path):
    data = dg.load(people(), on_missing="fill")
    (tmp_path / "few.csv").write_text("town,age,bought\nUlm,30,no\nBonn,31,yes\n")
    after = dg.load(tmp_path / "few.csv", target="bought", like=data, test=0, validation=0)
    assert after.fields["features"].shape == data.fields["features"].shape
    assert after.examples("train")["features"].shape[1] == data.fields["features"].shape[0]


def test_a_run_repeats_evaluates_and_predicts_with_all_of_it(people, in_tmp):
    path = people(when=[f"2024-01-{i % 28 + 1:02d}" for i in range(COUNT)], weight=np.ones(COUNT))
    data = dg.load(path, on_missing="fill", weight="weight", missing=["-"])
    run = dg.train("mlp", data, epochs=1, progress=False, out="run")
    opened = dg.Run("run")
    assert opened.spec.data == data.settings
    assert opened.data.fields["features"].encoding == data.fields["features"].encoding
    assert_close(opened.data.weights, data.weights)
    assert opened.evaluate().test == run.evaluate().test
    assert_close(opened.predict(path).iloc[:, -1].to_numpy(), run.predict(path).iloc[:, -1].to_numpy())
    again = dg.load(opened.spec.data.source, **opened.spec.data.model_dump(exclude={"source"}))
    assert again.fingerprint == data.fingerprint and again.splits.test.tolist() == data.splits.test.tolist()
