"""What a user learns of the files of the catalogue before anything is downloaded."""

import json
import sys

import pytest

from deepglass.cli import main
from deepglass.data.catalogue import CATALOGUE


def said(monkeypatch, capsys, *words):
    monkeypatch.setattr(sys, "argv", ["deepglass", "data", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code, capsys.readouterr()


def test_every_file_is_listed_with_its_size_and_checksum(monkeypatch, capsys):
    code, page = said(monkeypatch, capsys, "--files")
    assert not code
    for name, entry in CATALOGUE.items():
        assert f"{name}  ({entry.licence})" in page.out
        for copy in entry.copies:
            for file in copy.files:
                assert f"{file.size:,} bytes" in page.out and (file.sha256 or "its content is checked") in page.out
    rows = json.loads(said(monkeypatch, capsys, "--files", "--json")[1].out)["catalogue"]
    assert rows["penguins"]["files"][0]["bytes"] == 15241 and rows["penguins"]["licence"] == "CC0 1.0"


def test_a_source_beside_it_is_refused(monkeypatch, capsys):
    code, page = said(monkeypatch, capsys, "iris", "--files")
    assert code == 2 and "--files lists the whole catalogue" in page.err
