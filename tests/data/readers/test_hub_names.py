import os
import shutil
import subprocess
import sys
from functools import wraps

import pandas as pd
import pytest

import deepglass as dg
from deepglass.errors import DataError

hf = pytest.importorskip("datasets")
constants = pytest.importorskip("huggingface_hub.constants")

COMMIT = "0123456789abcdef0123456789abcdef01234567"
README = """---
configs:
- config_name: small
  data_files: [{split: train, path: train.parquet}, {split: test, path: test.parquet}]
- config_name: large
  data_files: train.parquet
---
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder that stands for the hub: the library reads owner/name from there, by the same code."""
    folder = tmp_path / "hub" / "owner" / "name"
    folder.mkdir(parents=True)
    rows = pd.DataFrame({"size": [float(i) for i in range(20)], "kind": ["ape", "cat"] * 10})
    rows.to_parquet(folder / "train.parquet")
    rows[:6].to_parquet(folder / "test.parquet")
    build = hf.load_dataset_builder
    asked = []

    @wraps(build)
    def from_folder(name, config, *, revision, **options):
        assert not options.get("trust_remote_code", False)
        asked.append((name, config, revision))
        builder = build(str(tmp_path / "hub" / name), config, cache_dir=str(tmp_path / "cache"), **options)
        builder.hash = COMMIT
        return builder

    monkeypatch.setattr(hf, "load_dataset_builder", from_folder)
    monkeypatch.chdir(tmp_path)
    return folder, asked


def test_a_name_loads_the_data_set_with_its_splits(home):
    _, asked = home
    data = dg.load("hub:owner/name", target="kind", validation=0)
    assert data.splits.counts() == {"train": 20, "validation": 0, "test": 6}
    assert data.name == "hub:owner/name"
    assert asked == [("owner/name", None, None)]
    said = f"revision: the newest ({COMMIT}), because none was named; hub:owner/name@REVISION keeps to one"
    assert said in data.describe().notes
    assert data.describe().facts == {"revision": COMMIT}


def test_a_configuration_and_a_revision_can_be_named(home):
    folder, asked = home
    (folder / "README.md").write_text(README)
    dg.load("hub:owner/name:small@refs/pr/1", target="kind")
    assert asked == [("owner/name", "small", "refs/pr/1")]
    assert len(dg.load("hub:owner/name:large", target="kind")) == 20


def test_the_configurations_are_told_when_one_has_to_be_named(home):
    folder, _ = home
    (folder / "README.md").write_text(README)
    with pytest.raises(
        DataError, match=r"available configs: \['small', 'large'\].*Name a configuration: hub:owner/name:CONF"
    ):
        dg.load("hub:owner/name", target="kind")
    with pytest.raises(
        DataError, match=r"hub:owner/name:tiny@v1 cannot be loaded: .*'tiny' not found.*hub:owner/name:CONF"
    ):
        dg.load("hub:owner/name:tiny@v1", target="kind")


def test_code_of_a_data_set_is_never_run(home):
    folder, _ = home
    (folder / "name.py").write_text("raise SystemExit('this ran')")
    with pytest.raises(DataError, match=r"hub:owner/name needs code of its own to be read, and such code is never run"):
        dg.load("hub:owner/name", target="kind")


def test_damaged_files_are_an_error_in_words(home):
    folder, _ = home
    (folder / "train.parquet").write_bytes(b"no parquet")
    with pytest.raises(DataError, match=r"hub:owner/name cannot be loaded: "):
        dg.load("hub:owner/name", target="kind")


def test_what_was_fetched_before_is_read_without_the_hub_but_never_for_another_revision(tmp_path):
    """The library itself takes the last copy it has, whatever revision is asked for."""
    rows = pd.DataFrame({"size": [float(i) for i in range(20)], "kind": ["ape", "cat"] * 10})
    builder = hf.load_dataset_builder("parquet", data_files=_saved(rows, tmp_path), cache_dir=str(tmp_path / "cache"))
    builder.download_and_prepare()
    kept = tmp_path / "home" / "datasets" / "owner___name" / "default" / "0.0.0" / COMMIT
    shutil.copytree(builder.cache_dir, kept)
    for file in kept.glob("*.arrow"):
        file.rename(kept / "name-train.arrow")
    about = kept / "dataset_info.json"
    about.write_text(about.read_text().replace('"dataset_name": "parquet"', '"dataset_name": "name"'))
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "home")}
    code = f"""
import deepglass as dg
from deepglass.errors import DataError
print(dg.load("hub:owner/name", target="kind").describe().notes[-1])
print(len(dg.load("hub:owner/name@{COMMIT}", target="kind")))
for other in ("v1", "{COMMIT[::-1]}"):
    try:
        dg.load("hub:owner/name@" + other, target="kind")
    except DataError as error:
        print(error)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=environment)
    said = found.stdout.splitlines()
    assert said[0].startswith(f"revision: the one that was fetched last, for the hub is not reached ({COMMIT})")
    assert said[1] == "20"
    assert f"hub:owner/name@v1: the hub is not reached, and what was fetched before is revision {COMMIT}" in said[2]
    assert f"what was fetched before is revision {COMMIT}" in said[3]


def _saved(rows, folder):
    rows.to_parquet(folder / "rows.parquet")
    return str(folder / "rows.parquet")


@pytest.mark.parametrize("name", ["hub:", "hub:a/b/c", "hub:../b", "hub:/etc", "hub:a b", "hub:a/b:c:d", "hub:a/b@"])
def test_what_is_no_name_is_told_the_form(name):
    with pytest.raises(
        DataError, match=r"is no name on the hub\. Write hub:owner/name, with :configuration and @revision"
    ):
        dg.load(name)


def test_a_folder_of_that_name_is_not_read_instead(home, tmp_path):
    (tmp_path / "owner" / "name").mkdir(parents=True)
    with pytest.raises(DataError, match=r"there is a 'owner/name' in this folder.*Load it by its path"):
        dg.load("hub:owner/name")


def test_without_the_extra_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(
        DataError,
        match=r'need the library datasets, which is not installed .*Install it: pip install "deepglass\[hub\]"',
    ):
        dg.load("hub:owner/name")


def test_downloading_can_be_switched_off(monkeypatch):
    monkeypatch.setenv("DEEPGLASS_OFFLINE", "1")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with pytest.raises(DataError, match=r"switched off by DEEPGLASS_OFFLINE\. Set HF_HUB_OFFLINE=1"):
        dg.load("hub:owner/name")


def test_without_the_hub_a_command_ends_with_a_word(tmp_path):
    found = subprocess.run(
        [sys.executable, "-m", "deepglass", "data", "hub:owner/name"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)},
    )
    assert found.returncode == 2
    assert "hub:owner/name cannot be loaded" in found.stderr.replace("\n", " ")
    assert "Fetch it once" in found.stderr
    assert "Traceback" not in found.stderr
