"""What a learner gets from the glossary."""

import json
import shlex
import sys

import pytest

from deepglass.cli import COMMANDS, main
from deepglass.experiments import EXPERIMENTS
from deepglass.glossary import GLOSSARY, OPTIONS
from deepglass.networks import NETWORKS, build
from deepglass.networks.options import describe_options
from deepglass.quiz import QUESTIONS
from deepglass.training.known_settings import list_settings


def said(monkeypatch, capsys, *words):
    monkeypatch.setattr(sys, "argv", ["deepglass", "glossary", *words])
    try:
        main()
    except SystemExit as ended:
        assert not ended.code
    return capsys.readouterr().out


@pytest.mark.parametrize("name", GLOSSARY)
def test_an_entry_says_what_it_is_in_one_sentence_and_names_commands_that_there_are(name):
    term = GLOSSARY[name]
    assert len(term.short) < 200 and term.about.endswith(".")
    assert term.see or term.sources
    catalogues = {"experiment": EXPERIMENTS, "glossary": GLOSSARY, "quiz": QUESTIONS}
    for command in term.see:
        program, kind, *rest = shlex.split(command)
        assert program == "deepglass" and kind in COMMANDS
        if kind in catalogues and rest:
            assert rest[0] in catalogues[kind]
        if "--network" in rest:
            assert rest[rest.index("--network") + 1] in NETWORKS


def test_every_setting_with_a_formula_is_there_and_its_command_too():
    known = {setting.name for word in ((), ("network",)) for setting in list_settings(*word)}
    assert set(OPTIONS) <= known
    for option in OPTIONS.values():
        program, *rest = shlex.split(option.see) or ["deepglass", "train"]
        assert program == "deepglass" and rest[0] in COMMANDS
        assert rest[0] != "experiment" or rest[1] in EXPERIMENTS
        assert rest[0] != "quiz" or rest[1] in QUESTIONS


def test_a_setting_is_told_with_default_formula_and_experiment(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["deepglass", "settings", "recipe.clip_norm"])
    with pytest.raises(SystemExit):
        main()
    page = capsys.readouterr().out
    assert "g' = g min(1, c / |g|)" in page and "see: deepglass experiment exploding-gradients" in page


def test_the_layers_that_stand_for_those_of_keras_are_layers():
    about = GLOSSARY["keras"].about
    conv = {"Conv2d": {"out_channels": 32, "kernel_size": 3, "padding": "same"}}
    assert "{Conv2d: {out_channels: 32, kernel_size: 3, padding: same}}" in about
    layers = [
        conv,
        "BatchNorm2d",
        {"MaxPool2d": 2},
        "Flatten",
        {"Linear": 128},
        "relu",
        {"Dropout": 0.5},
        {"Linear": "outputs"},
    ]
    network = build(layers, inputs=(3, 64, 64), outputs=10)
    assert sum(p.numel() for p in network[0].parameters()) == 896 and network[4].in_features == 32 * 32 * 32
    assert "units" in describe_options("lstm")


def test_growth_is_reckoned_right():
    about = GLOSSARY["growth"].about
    assert f"{2 ** (10 / 2.4):.0f}-fold in ten years, {2 ** (20 / 2.4):.0f}-fold in twenty" in about


def test_the_paper_on_dropout_is_the_right_one():
    (dropout,) = [source for source in GLOSSARY["papers"].sources if "Dropout" in source]
    assert "Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov" in dropout and "2014" in dropout


def test_the_command_lists_explains_and_writes_json(monkeypatch, capsys):
    assert len(said(monkeypatch, capsys).splitlines()) == len(GLOSSARY)
    page = said(monkeypatch, capsys, "nerve cell")
    assert "Warning: comparing the two is very rough." in " ".join(page.split()) and "source: Goodfellow" in page
    assert "  +- neural networks:" in said(monkeypatch, capsys, "fields").replace("  |  |  +-", "  +-")
    assert json.loads(said(monkeypatch, capsys, "growth", "--json"))["see"][0] == "deepglass quiz growth"


def test_a_word_that_is_no_entry_is_told_what_is_near(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["deepglass", "glossary", "nerve"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "There is no entry 'nerve'. Did you mean 'nerve-cell'?" in capsys.readouterr().err
