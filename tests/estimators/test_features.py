"""What a user gets from a trained network as a transformer of scikit-learn."""

from collections import Counter

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator
from torch import nn

import deepglass as dg
from deepglass.errors import InputError, SettingError, UnknownName

QUICK = {"threads": 1, "progress": False}


def test_scikit_learn_finds_nothing_wrong():
    # A network that takes examples of any width, as the checks bring them.
    results = check_estimator(dg.Features(nn.Sequential(nn.Tanh()), layer="0"), on_skip=None, on_fail=None)
    wrong = [f"{r['check_name']}: {r['exception']!r}" for r in results if r["status"] == "failed"]
    counts = Counter(r["status"] for r in results)
    assert wrong == [] and counts["passed"] >= 35 and counts["xfail"] == 0


def test_by_default_the_columns_are_what_the_head_is_given():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2))
    x = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)
    features = dg.Features(network).fit(x)
    expected = network[:2](torch.from_numpy(x)).detach().numpy()
    assert np.allclose(features.transform(x), expected, atol=1e-6)
    assert list(features.get_feature_names_out()) == [f"features{i}" for i in range(5)]
    assert np.allclose(
        dg.Features(network, layer="0").fit(x).transform(x), network[0](torch.from_numpy(x)).detach(), atol=1e-6
    )


def test_maps_are_flattened_and_one_example_gives_what_it_gives_among_others():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(2 * 36, 2))
    x = np.random.default_rng(0).normal(size=(5, 1, 8, 8))
    features = dg.Features(network, layer="1").fit(x)
    assert features.transform(x).shape == (5, 2 * 36)
    assert np.array_equal(features.transform(x[:1])[0], features.transform(x)[0])
    assert network.training  # the network of the user's stays as it is


def test_a_run_in_a_pipeline_encodes_as_it_learned(in_tmp):
    data = dg.load("digits")
    run = dg.train({"name": "mlp", "hidden": [32]}, data, epochs=5, out="run", **QUICK)
    pixels = np.asarray(data.source.fields["image"].values)
    digit = np.asarray(data.source.fields["digit"].values)
    odd = digit % 2  # another question on the same pictures
    pipeline = make_pipeline(dg.Features("run"), LogisticRegression(max_iter=1000))
    assert cross_val_score(pipeline, pixels[:400], odd[:400], cv=3).mean() > 0.85
    ids = data.members("validation")[:4]
    heard = run.network[:-1](data.read(ids)["image"]).detach()
    assert np.allclose(dg.Features(run).fit(pixels).transform(pixels[ids]), heard, atol=1e-5)


def test_what_does_not_fit_is_said():
    x = np.zeros((4, 3), np.float32)
    with pytest.raises(SettingError, match=r"from a Run, its folder or an nn.Module; source=None is none"):
        dg.Features().fit(x)
    with pytest.raises(SettingError, match="layer=3 is no name of a layer"):
        dg.Features(nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1)), layer=3).fit(x)
    with pytest.raises(UnknownName, match=r"There is no layer 'nine'"):
        dg.Features(nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1)), layer="nine").fit(x)
    with pytest.raises(InputError, match="An example of 3 does not fit the network"):
        dg.Features(nn.Sequential(nn.Linear(9, 2), nn.Linear(2, 1))).fit(x)
    with pytest.raises(SettingError, match="no layer with weights"):
        dg.Features(nn.Flatten()).fit(x)
    with pytest.raises(InputError, match=r"X is 'photos': names, files and folders are not read here"):
        dg.Features(nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))).fit("photos")
