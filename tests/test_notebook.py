"""What a user gets in a notebook: rich displays, a live curve, and an interrupt that pauses with the run intact."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

jupyter_client = pytest.importorskip("jupyter_client")


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Any]]:
    manager = jupyter_client.KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(tmp_path_factory.mktemp("notebook")))
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def cell(client: Any, code: str, *, meanwhile: Any = None) -> list[dict[str, Any]]:
    """Run a cell, and return what it displayed."""
    shown: list[dict[str, Any]] = []

    def note(message: dict[str, Any]) -> None:
        content = message["content"]
        if message["msg_type"] == "error":
            raise AssertionError("\n".join(content["traceback"]))
        if "data" in content:
            shown.append(content["data"])
            if meanwhile is not None:
                meanwhile()
        if message["msg_type"] == "stream":
            shown.append({"text/plain": content["text"]})

    client.execute_interactive(code, output_hook=note, timeout=120)
    return shown


def test_data_networks_and_runs_have_rich_displays(kernel):
    _, client = kernel
    shown = cell(client, "import deepglass as dg\ndata = dg.load('iris')\ndata")
    assert "<table>" in shown[-1]["text/html"]
    live = cell(client, "run = dg.train('mlp', data, epochs=3, threads=1, out='mine')")
    assert any("image/png" in d or "image/svg+xml" in d or "<svg" in d.get("text/html", "") for d in live)
    assert "<svg" in cell(client, "run")[-1]["text/html"]
    assert "<table" in cell(client, "run.summary")[-1]["text/html"]


def test_an_interrupt_pauses_with_the_run_intact(kernel):
    manager, client = kernel
    asked = []

    def interrupt() -> None:
        if not asked:
            asked.append(time.monotonic())
            manager.interrupt_kernel()

    settings = "epochs=2000, batch_size=4, threads=1, early_stopping=False, out='long'"
    cell(client, f"run = dg.train('mlp', dg.load('digits'), {settings})", meanwhile=interrupt)
    assert asked and time.monotonic() - asked[0] < 30
    assert "paused" in cell(client, "print(run.status, len(run.history))")[-1]["text/plain"]
    after = cell(client, "again = dg.resume('long', epochs=len(run.history) + 1, progress=False)\nprint(again.status)")
    assert "done" in after[-1]["text/plain"]


def test_the_first_lines_of_the_readme_run(kernel):
    _, client = kernel
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    code = readme.partition("```python\n")[2].partition("```")[0]
    shown = cell(client, code.replace("epochs=20", "epochs=1, threads=1"))
    assert "accuracy" in str(shown)
