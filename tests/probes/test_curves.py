"""Curves from a table."""

import math

import pytest

from deepglass.errors import DataError
from deepglass.probes import Evidence

KERAS = "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.25,2.0,0.5,1.5\n1,0.5,1.0,NA,nan\n"
LIGHTNING = """epoch,lr-Adam,step,train_loss_epoch,train_loss_step,val_loss
0,,1,,1.5,
0,,3,,0.5,
0,,3,,,0.75
0,0.1,3,1.0,,
1,,5,,0.25,
1,,7,0.25,,0.5
"""


def written(folder, text):
    path = folder / "curves.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_keras_writes(tmp_path):
    evidence = Evidence.from_csv(written(tmp_path, KERAS))
    assert [e["epoch"] for e in evidence.epochs] == [1, 2]
    assert evidence.epochs[0]["train"] == {"accuracy": 0.25, "loss": 2.0}
    assert evidence.epochs[0]["validation"] == {"accuracy": 0.5, "loss": 1.5}
    assert "accuracy" not in evidence.epochs[1]["validation"] and math.isnan(evidence.epochs[1]["validation"]["loss"])
    assert evidence.source == "csv" and not evidence.has("activations")


def test_what_lightning_writes_with_a_row_for_each_kind_of_number(tmp_path):
    evidence = Evidence.from_csv(written(tmp_path, LIGHTNING))
    assert evidence.epochs == [
        {"epoch": 1, "train": {"loss": 1.0}, "validation": {"loss": 0.75}, "learning_rate": 0.1},
        {"epoch": 2, "train": {"loss": 0.25}, "validation": {"loss": 0.5}},
    ]
    assert evidence.losses == [(2, 1.5, 0.0), (4, 0.5, 0.0), (6, 0.25, 0.0)]


def test_other_names_separators_and_columns_of_words(tmp_path):
    text = "Epoch;Train/Loss;loss_valid;time\n1;1.5;2.5;12:01\n2;1.0;inf;12:02\n"
    evidence = Evidence.from_csv(written(tmp_path, text))
    assert evidence.curve("train") == [1.5, 1.0] and evidence.curve("validation") == [2.5, math.inf]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epoch,loss\n1,0.5\n2,low\n", r"curves.csv, row 3, column 'loss': 'low' is not a number"),
        ("epoch,loss\n1,0.5,7\n", r"row 2 has more cells than there are names: 2"),
        ("epoch,loss\n", r"holds no curve: a line of names"),
        ("epoch,name\n1,a\n", r"holds no curve: no row has a number beside its epoch"),
    ],
)
def test_a_bad_table_is_refused_with_the_place(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        Evidence.from_csv(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"none\.csv cannot be read"):
        Evidence.from_csv(tmp_path / "none.csv")
