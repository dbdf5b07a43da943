"""The contest on small images: all contestants train the same networks."""

import importlib
from pathlib import Path

import pytest

from deepglass.networks import calculator

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch, tmp_path):
    """The benchmarks are scripts: their folder is where they find each other. No pictures are there for them."""
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setenv("DEEPGLASS_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def part(name):
    return importlib.import_module(name)


@pytest.mark.parametrize("name", ["convnet", "resnet20", "vgg11"])
def test_the_networks_of_the_peers_have_the_parameters_of_ours(name):
    theirs = part("peers.small_images").NETWORKS[name]()
    ours = calculator(name, (3, 32, 32), 10, **part("peers.small_images.ours").OPTIONS[name])
    assert sum(p.numel() for p in theirs.parameters()) == ours.parameters


@pytest.mark.parametrize("contestant", ["ours:convnet", "ours:convnet_alone", "pytorch:resnet20", "expert:convnet"])
def test_contestants_that_need_no_other_library_play(contestant):
    clock, size = part("clock").Clock(), part("clock").Size(rows=64, tests=16, epochs=2, batch=32)
    module, function = contestant.split(":")
    getattr(part(f"peers.small_images.{module}"), function)(size, clock)
    assert len(clock.epochs) == 2 and all(0 < e["training"] <= e["whole"] for e in clock.epochs)


def test_every_contestant_is_a_function_of_its_library():
    for contestant in part("workloads.small_images").WORKLOAD.contestants:
        module, function = contestant.run.split(":")
        assert f"def {function}(" in (FOLDER / "peers" / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")


def test_images_a_second_stand_beside_the_ordinary_and_the_experts_loop():
    def turn(seconds, **facts):
        epochs = [{"training": s, "whole": s, "accuracy": 0.5, "at": s} for s in (9.0, seconds)]
        return {"seconds": 9.0 + seconds, "epochs": epochs, "peak_mib": 1.0, **facts}

    played = {
        "Deepglass, convnet": [turn(2.0, rows=1000, multiply_adds=10**6)],
        "ordinary PyTorch loop, convnet": [turn(5.0)],
        "expert's PyTorch loop, convnet": [turn(3.0)],
        "Keras on torch, convnet": [{"left_out": "not here"}],
    }
    shown = part("workloads.small_images").show(played)
    assert "| Deepglass | 500 | 2.50 | 1.50 | 3 | 50.00 |" in shown  # 500 * 6 * 10**6 = 3 GFLOP/s
    assert "| ordinary PyTorch loop | 200 | 1.00 | 0.60 | 1 | 50.00 |" in shown
    assert "Keras" not in shown
