"""What the tests of the catalogue share: no settings of the machine, and a cache of their own."""

import pytest


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    """A cache of its own for every test, and no settings of the machine."""
    for name in ("DEEPGLASS_DATA", "DEEPGLASS_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DEEPGLASS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path
