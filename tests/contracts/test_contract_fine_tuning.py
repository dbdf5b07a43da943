import numpy as np
import torch
from killed import assert_survives_a_kill, train_until
from torch import nn

import deepglass as dg


def pretrained():
    """A network and the data on whose encoding it was trained."""
    torch.manual_seed(0)
    network = nn.Sequential()
    network.features = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2))
    network.head = nn.Linear(16, 3)
    return network, dg.load("iris", test=0)


def make():
    network, before = pretrained()
    random = np.random.default_rng(0)
    x, y = random.normal(3, 5, (60, 4)), np.array(["virginica", "setosa"])[np.arange(60) % 2]
    data = dg.load({"x": x, "species": y}, target="species", like=before)
    return dg.Training(network, data, dg.Recipe(batch_size=8, freeze=["features"], threads=1))


def test_a_frozen_fine_tuning_survives_a_kill(tmp_path):
    assert_survives_a_kill(make, tmp_path)


def test_new_data_are_encoded_as_the_old_were():
    before, after = pretrained()[1], make().data
    raw = torch.tensor([[5.1, 3.5, 1.4, 0.2]])
    assert torch.equal(before.fields["x"].encode(raw), after.fields["x"].encode(raw))
    assert after.target.classes == ["setosa", "versicolor", "virginica"]
    batch = after.examples("train")
    assert set(after.target.decode(batch["species"])) == {"setosa", "virginica"}
    assert set(batch["species"].tolist()) == {0, 2}  # not numbered anew


def test_what_is_frozen_keeps_every_bit_its_batch_norm_statistics_too():
    training = make()
    before = {name: value.clone() for name, value in training.network.state_dict().items()}
    train_until(training, 10)
    after = training.network.state_dict()
    frozen = [name for name in before if name.startswith("features")]
    assert "features.1.running_mean" in frozen
    assert all(torch.equal(before[name], after[name]) for name in frozen)
    assert not torch.equal(before["head.weight"], after["head.weight"])
