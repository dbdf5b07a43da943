import pytest
import yaml

import deepglass as dg
from deepglass.errors import DataError, SettingError
from deepglass.training.spec import parse_changes

SPEC = {
    "data": {"source": "digits", "augment": {"shift": 1}, "test": 0.1},
    "network": {"name": "mlp", "hidden": [64, 32]},
    "task": {"metrics": ["f1"]},
    "recipe": {"epochs": 3, "batch_size": "all", "players": {"network": {"learning_rate": [0.1, 0.2]}}},
}


def test_a_spec_survives_its_file(tmp_path):
    spec = dg.Spec.from_dict(SPEC)
    (tmp_path / "spec.yaml").write_text(spec.to_yaml(), encoding="utf-8")
    assert dg.Spec.from_file(tmp_path / "spec.yaml") == spec
    assert yaml.safe_load(spec.to_yaml())["recipe"]["batch_size"] == "all"


def test_an_empty_spec_is_all_defaults():
    assert dg.Spec.from_dict({}).recipe == dg.Recipe()


def test_changes_name_their_setting_and_leave_the_rest():
    spec = dg.Spec.from_dict(SPEC)
    changes = {
        "recipe.epochs": 5,
        "data.augment.shift": 2,
        "network.dropout": 0.1,
        "recipe.players.network.momentum": 0.5,
    }
    changed = spec.with_(changes)
    assert changed.changes_from(spec) == {
        "data.augment.shift": (1, 2),
        "network.dropout": (None, 0.1),
        "recipe.epochs": (3, 5),
        "recipe.players.network.momentum": (None, 0.5),
    }
    assert spec.recipe.epochs == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"recipe.epoch": 3}, r"There is no setting 'recipe\.epoch'\. Did you mean 'epochs'\? Known: accumulate"),
        ({"data.augment.shfit": 3}, r"There is no setting 'data\.augment\.shfit'\. Did you mean 'shift'\?"),
        ({"recip.epochs": 3}, r"There is no section 'recip' .* Did you mean 'recipe'\? Sections: data, network"),
        ({"recipe.epochs": -1}, r"recipe\.epochs=-1: input should be greater than or equal to 0"),
        ({"recipe.epochs": "many"}, r"recipe\.epochs='many'"),
        ({"recipe.batch_size": 0}, r"recipe\.batch_size.*0"),
        ({"recipe.learning_rate": float("inf")}, r"recipe\.learning_rate=inf: a finite number is needed"),
        ({"recipe.learning_rate": 0}, r"recipe\.learning_rate=0"),
        ({"task.output": "logit"}, r"task\.output='logit'"),
    ],
)
def test_a_wrong_setting_is_named_with_the_value_and_what_would_do(change, message):
    with pytest.raises(SettingError, match=message):
        dg.Spec.from_dict(SPEC).with_(change)


def test_assignments_say_what_they_mean():
    assert parse_changes(["recipe.learning_rate=1e-3", "data.scaling=none", "network.hidden=[8, 8]", "a.b=true"]) == {
        "recipe.learning_rate": 0.001,
        "data.scaling": "none",
        "network.hidden": [8, 8],
        "a.b": True,
    }
    with pytest.raises(SettingError, match=r"'epochs' is not of the form section\.key=value"):
        parse_changes(["epochs"])


def test_a_file_that_is_no_spec_is_refused(tmp_path):
    for content, message in (
        ("a: [", r"is no YAML: .*, in line 1, column 5\. Correct it"),
        ("just text", "holds no sections"),
    ):
        (tmp_path / "spec.yaml").write_text(content)
        with pytest.raises(DataError, match=message):
            dg.Spec.from_file(tmp_path / "spec.yaml")
    with pytest.raises(DataError, match="cannot be read"):
        dg.Spec.from_file(tmp_path / "none.yaml")
