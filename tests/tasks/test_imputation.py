import numpy as np
import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.errors import ShapeError
from deepglass.randomness import Noise
from deepglass.tasks import Imputation
from deepglass.tasks.imputation import filled


class Neighbours(nn.Module):
    """Says a weighted sum of what is known around each step."""

    def __init__(self):
        super().__init__()
        self.around = nn.Conv1d(2, 1, 5, padding=2)

    def forward(self, x):
        return self.around(x.transpose(1, 2)).transpose(1, 2)


def holes(**settings):
    values = np.sin(np.arange(400.0) / 5)
    values[[30, 31, 77]] = np.nan
    return dg.load(values, lookback=20, horizon=0, on_missing="keep", stride=2, **settings)


def prepared(data, **settings):
    task = Imputation(**settings)
    task.prepare(data, Neighbours())
    return task


def test_what_is_hidden_depends_on_the_sample_alone():
    data, task = holes(), prepared(holes())
    members = data.members("train")
    whole, part = data.read(members), data.read(members[3:5])
    _, all_hidden = task._hide(whole, Noise(0, 1, whole.ids, "network"))
    seen, some_hidden = task._hide(part, Noise(0, 1, part.ids, "network"))
    assert torch.equal(all_hidden[3:5], some_hidden)
    assert seen[..., 0][some_hidden[..., 0]].abs().sum() == 0 and seen[..., 1][some_hidden[..., 0]].sum() == 0
    assert 0.15 < all_hidden.float().mean() < 0.25
    assert not torch.equal(all_hidden, task._hide(whole, Noise(0, 2, whole.ids, "network"))[1])


def test_runs_of_steps_are_hidden_in_the_same_share():
    data, task = holes(), prepared(holes(), hidden=0.3, hidden_run=4)
    batch = data.examples("train")
    _, hidden = task._hide(batch, Noise(0, 1, batch.ids, "network"))
    assert 0.2 < hidden.float().mean() < 0.4
    alone = hidden[:, 1:-1, 0] & ~hidden[:, :-2, 0] & ~hidden[:, 2:, 0]
    assert alone.float().sum() < 0.1 * hidden.sum()


def test_values_that_were_missing_are_never_judged():
    data, task = holes(), prepared(holes())
    said = task.collect(Neighbours(), [data.examples("train")])
    missing = data.examples("train")["series"][..., 1] == 0
    assert missing.any() and said.target[..., 0][missing].isnan().all()


def test_the_simple_ways_of_filling_by_hand():
    seen = np.stack([[0.0, 1, 0, 5, 0], [0.0, 1, 0, 1, 0]], axis=1)[None]  # known: 1 at place 1, 5 at place 3
    assert filled(seen, "last value")[0, :, 0].tolist() == [1, 1, 1, 5, 5]
    assert filled(seen, "straight line")[0, :, 0].tolist() == [1, 1, 3, 5, 5]
    assert filled(np.zeros((1, 3, 2)), "last value")[0, :, 0].tolist() == [0, 0, 0]


def test_a_network_learns_to_fill_and_known_values_stay(in_tmp):
    run = dg.train(Neighbours(), holes(), epochs=6, task="imputation", out="run", progress=False, learning_rate=0.02)
    assert run.history[-1].validation["loss"] < 0.5 * run.history[0].validation["loss"] + 0.05
    assert set(run.standing()["baselines"]) == {"last value", "straight line"}
    window = np.sin(np.arange(20.0) / 5)[None, :, None].copy()
    window[0, 5] = np.nan
    said = run.predict(window)
    assert said["x0 filled"].tolist() == [i == 5 for i in range(20)]
    np.testing.assert_allclose(said["x0"].drop(5), np.delete(window[0, :, 0], 5), atol=1e-5)


def test_data_without_holes_to_keep_are_refused():
    with pytest.raises(ShapeError, match="horizon=0 and on_missing='keep'"):
        Imputation().prepare(dg.load("waves"), Neighbours())
