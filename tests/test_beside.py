import shutil

import numpy as np
import pytest
import torch

import deepglass as dg
from deepglass import beside


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    place = tmp_path_factory.mktemp("beside") / "run"
    run = dg.train("mlp", "iris", epochs=2, seed=0, out=place)
    run.standing()
    return place


@pytest.fixture
def copy(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "run")


def never(*given, **asked):
    raise AssertionError("models are fitted anew")


def test_what_simple_models_reach_on_the_test_split_needs_no_new_fit(copy, monkeypatch):
    fresh = shutil.copytree(copy, copy.with_name("without"))
    (fresh / beside.ABOUT).unlink()
    expected = dg.Run(fresh).evaluate().baselines
    monkeypatch.setattr(beside, "fitted", never)
    assert dg.Run(copy).evaluate().baselines == expected
    assert list(expected) == ["majority class", "linear model", "small tree", "boosted trees"]


@pytest.mark.parametrize("fault", ["damaged", "of another", "unsealed", "missing", "other code"])
def test_models_that_are_not_surely_ours_are_fitted_anew(copy, monkeypatch, fault):
    expected = dg.Run(shutil.copytree(copy, copy.with_name("whole"))).evaluate().baselines
    about, arrays = copy / beside.ABOUT, copy / beside.ARRAYS
    if fault == "damaged":
        content = bytearray(arrays.read_bytes())
        content[-1] ^= 1
        arrays.write_bytes(content)
    elif fault == "missing":
        arrays.unlink()
    elif fault == "other code":
        monkeypatch.setattr("deepglass.report.fingerprint.of_code", lambda: "another version")
    else:
        record = beside.read_record(about)
        changed = {"seal": "0" * 64} if fault == "unsealed" else {"key": "0" * 64}
        beside.write_record(about, record | changed)
    before = beside.fitted
    fits = []
    monkeypatch.setattr(beside, "fitted", lambda *a, **k: fits.append(1) or before(*a, **k))
    assert dg.Run(copy).evaluate().baselines == expected
    assert fits == [1]


def test_the_models_of_an_object_are_not_kept(tmp_path):
    class Rows(torch.utils.data.Dataset):
        def __len__(self):
            return 40

        def __getitem__(self, i):
            return np.float32([i % 2, 1.0]), i % 2

    run = dg.train("mlp", Rows(), epochs=1, out=tmp_path / "run")
    assert run.standing()["baselines"] and not (tmp_path / "run" / beside.ABOUT).exists()
