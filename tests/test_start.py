"""How soon Deepglass is there. Times are not asserted here: what is imported is."""

import subprocess
import sys

HEAVY = {"torch", "numpy", "pandas", "sklearn", "matplotlib", "pydantic", "rich", "jinja2"}


def imported_by(*words: str) -> set[str]:
    said = subprocess.run(
        [sys.executable, "-X", "importtime", *words], capture_output=True, text=True, check=True
    ).stderr
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in said.splitlines()}


def test_importing_deepglass_imports_nothing_heavy():
    assert not imported_by("-c", "import deepglass") & HEAVY


def test_the_help_imports_nothing_heavy():
    assert not imported_by("-m", "deepglass", "--help") & HEAVY


def test_a_run_is_diagnosed_without_torch_once_its_data_are_measured(tmp_path):
    import deepglass

    run = deepglass.train("mlp", "iris", epochs=100, seed=0, out=tmp_path / "run")
    assert not any(f.remedies for f in run.findings)  # whether a remedy can be set is asked of networks, with torch
    assert not imported_by("-m", "deepglass", "diagnose", str(run.path)) & (HEAVY - {"pydantic"})


def test_every_name_of_the_face_is_there():
    import deepglass

    for name in deepglass.__all__:
        assert getattr(deepglass, name) is not None
