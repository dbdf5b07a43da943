"""What all tests share: one thread, the folder of real data, an empty folder to work in."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

os.environ["OMP_NUM_THREADS"] = "1"  # read when torch is first imported, also by the commands that tests start

settings.register_profile("deepglass", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("deepglass")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Let torch compute with one thread, where a test has imported it: the suite runs several processes."""
    _use_one_thread()
    yield
    _use_one_thread()


def _use_one_thread() -> None:
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "set_num_threads") and torch.get_num_threads() != 1:
        torch.set_num_threads(1)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real data sets (mnist/ and others): $DEEPGLASS_DATA, or ../shared/data beside the repository."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("DEEPGLASS_DATA") or beside).expanduser()
    if not folder.is_dir():
        pytest.skip("there is no folder of real data: set DEEPGLASS_DATA to one that holds mnist/ and others")
    return folder


@pytest.fixture
def in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run the test in an empty folder of its own, and return that folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
