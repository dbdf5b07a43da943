import numpy as np
import torch
from torch.testing import assert_close

import deepglass as dg
from deepglass.data.augment import shift

IMAGES = np.random.default_rng(0).integers(0, 256, (60, 2, 6, 5), dtype=np.uint8)


def test_an_image_moves_down_and_right_and_the_background_moves_in():
    image = torch.arange(1.0, 10).reshape(1, 1, 3, 3)
    moved = shift(image, torch.tensor([[1, -1]]), torch.tensor([[[-7.0]]]))
    assert moved[0, 0].tolist() == [[-7, -7, -7], [2, 3, -7], [5, 6, -7]]


def read(data, ids, *, epoch=1, seed=0, batch_size=60):
    batches = data.reader().read(torch.tensor(ids), batch_size, epoch=epoch, change=data.settings.augment, seed=seed)
    return torch.cat([b["x"] for b in batches])


def test_the_shift_depends_on_seed_epoch_and_sample_alone():
    data = dg.load((IMAGES, np.arange(60) % 2), augment={"shift": 2})
    ids = list(range(60))
    together, in_small_batches, reversed_order = read(data, ids), read(data, ids, batch_size=7), read(data, ids[::-1])
    assert torch.equal(together, in_small_batches)
    assert torch.equal(together, reversed_order.flip(0))
    assert not torch.equal(together, read(data, ids, epoch=2))
    assert not torch.equal(together, read(data, ids, seed=1))


def test_every_shift_up_to_the_border_occurs_and_none_beyond():
    pixel = np.zeros((500, 1, 7, 7), dtype=np.uint8)
    pixel[:, 0, 3, 3] = 255
    data = dg.load((pixel, np.arange(500) % 2), augment={"shift": 1}, scaling="none")
    moved = read(data, list(range(500)), batch_size=500)
    places = moved.flatten(1).argmax(dim=1)
    assert sorted(places.unique().tolist()) == [r * 7 + c for r in (2, 3, 4) for c in (2, 3, 4)]
    assert torch.bincount(places)[places.unique()].min() > 30  # about 500 / 9 each


def test_what_moves_in_is_raw_zero():
    data = dg.load((IMAGES // 2 + 1, np.arange(60) % 2), augment={"shift": 5}, test=0)
    zero = data.inputs["x"].encode(np.zeros((1, 2, 6, 5)))[0, :, 0, 0]
    moved, still = read(data, list(range(60))), data.with_(augment={}).read(torch.arange(60))["x"]
    new = ~torch.isin(moved, still)
    for channel in (0, 1):
        assert_close(moved[:, channel][new[:, channel]].unique(), zero[channel : channel + 1])


def test_validation_is_never_augmented():
    data = dg.load((IMAGES, np.arange(60) % 2), augment={"shift": 2})
    assert torch.equal(data.examples("validation")["x"], data.with_(augment={}).examples("validation")["x"])
    network = dg.build("mlp", data, hidden=[4])
    measured = [
        dg.Training(network, d, dg.Recipe(threads=1)).measure("validation") for d in (data, data.with_(augment={}))
    ]
    assert measured[0] == measured[1]
