"""What a user is told of the families of networks."""

import json
import sys

import pytest

from deepglass.cli import main
from deepglass.networks import NETWORKS
from deepglass.networks.families import FAMILIES, family_of


def said(monkeypatch, capsys, *words):
    monkeypatch.setattr(sys, "argv", ["deepglass", "networks", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    return capsys.readouterr().out


def test_every_network_is_in_one_family():
    listed = [name for family in FAMILIES.values() for name in family.names]
    assert sorted(listed) == sorted(NETWORKS)


@pytest.mark.parametrize(
    ("source", "name", "family"),
    [("iris", "mlp", "feed-forward"), ("digits", "lenet5", "convolutional"), ("next_symbol", "lstm", "recurrent")],
)
def test_for_some_data_the_network_that_training_would_take_is_named_with_its_family(
    monkeypatch, capsys, source, name, family
):
    assert family_of(name) == family
    page = said(monkeypatch, capsys, "--data", source)
    assert f"taken unless you name another: {name}, a {family} network" in page and f"* {family}" in page
    assert json.loads(said(monkeypatch, capsys, "--data", source, "--json"))["usual"] == name
