"""deepglass settings: every setting can be found without reading the source."""

import json
import sys

import pytest

import deepglass as dg
from deepglass.cli import main
from deepglass.errors import SettingError
from deepglass.networks import NETWORKS
from deepglass.training import Spec


def said(monkeypatch, capsys, *words):
    monkeypatch.setattr(sys, "argv", ["deepglass", "settings", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    return capsys.readouterr().out


def test_a_word_finds_the_settings_that_have_it_in_name_or_description(monkeypatch, capsys):
    text = said(monkeypatch, capsys, "recipe", "warmup")
    assert text.split()[0] == "recipe.warmup_steps" and "(default: 0)" in text
    assert "data.augment.rotate" in said(monkeypatch, capsys, "data", "augment")


def test_every_setting_is_one_that_a_spec_takes_and_is_described():
    known = dg.list_settings()
    assert len(known) > 80 and all(setting.about for setting in known)
    usual = Spec.from_dict({"network": {"name": "mlp"}}).to_dict()
    for setting in known:
        section, *path = setting.name.split(".")
        value = usual[section]
        for name in path:
            value = value[name]
        assert value == (list(setting.default) if isinstance(setting.default, tuple) else setting.default), setting.name


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_shows_its_own_options(name):
    options = {setting.name.removeprefix("network."): setting.default for setting in dg.list_settings(name)}
    assert not {"shape", "outputs", "name"} & set(options)
    missing = [s.name for s in dg.list_settings(name) if len(s.about.partition(": ")[2].split()) < 2]
    assert not missing, f"no sentence for {missing}: write one under Args in the docstring of {name}"


def test_what_an_option_does_is_said_in_the_words_of_the_network():
    text = str(dg.list_settings("lenet5", "version")[0])
    assert text.startswith('network.version  lenet5: "modern" has ReLU, max pooling') and text.endswith(
        "(default: modern)"
    )
    said_of = {name: {s.name: s.about for s in dg.list_settings(name)} for name in ("gru", "transformer_translator")}
    assert said_of["gru"]["network.context"] == 'gru: when the vector arrives: at "each" step or at the "start"'
    heads = said_of["transformer_translator"]["network.heads"]
    assert heads.startswith("transformer_translator: that each attention layer has") and heads.endswith(
        "in both halves"
    )
    assert "mel, spectrogram, scalogram" in dg.list_settings("front")[0].about


def test_machines_get_them_as_json_and_a_word_that_nothing_has_is_said(monkeypatch, capsys):
    rows = json.loads(said(monkeypatch, capsys, "smoothing", "--json"))["settings"]
    assert rows[0]["name"] == "task.label_smoothing" and rows[0]["default"] == 0.0 and rows[0]["takes"] == "a number"
    with pytest.raises(SettingError, match=r"No setting has 'lerning_rate' .* Did you mean 'learning_rate'"):
        dg.list_settings("lerning_rate")
