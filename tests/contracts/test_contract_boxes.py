import torch
from killed import assert_survives_a_kill
from torch import nn

import deepglass as dg

GUESSES = 3  # boxes that the network gives for each image


class Boxes(dg.Task):
    """Learn any number of boxes an image: each box there is pulls at the guess that is nearest to it."""

    order = "bucketed"  # by the number of boxes

    def losses(self, network, batch, player, noise):
        there, guesses = batch["boxes"], network(batch["image"]).reshape(-1, GUESSES, 4)
        distance = (guesses[there.owners] - there.values[:, None]).square().sum(dim=2)  # (all boxes, GUESSES)
        nearest = distance.min(dim=1).values
        each = torch.zeros(len(batch)).index_add(0, there.owners, nearest) / there.lengths.clamp(min=1)
        return {"loss": each.mean()}


def examples():
    random = torch.Generator().manual_seed(0)
    counts = torch.randint(0, 4, (60,), generator=random)
    boxes = dg.Ragged.of([torch.rand(int(n), 4, generator=random) for n in counts])
    return {"image": torch.randint(0, 256, (60, 1, 6, 6), dtype=torch.uint8, generator=random), "boxes": boxes}


def make(**settings):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(36, 16), nn.ReLU(), nn.Linear(16, GUESSES * 4))
    data = dg.load(examples(), target="boxes", test=0.1, validation=0.1, **settings)
    return dg.Training(network, data, dg.Recipe(batch_size=8, threads=1), task=Boxes())


def test_ragged_targets_survive_a_kill(tmp_path):
    assert_survives_a_kill(make, tmp_path)


def test_an_example_keeps_its_own_boxes_in_any_batch():
    boxes = examples()["boxes"]
    for training in (make(), make(streaming=True)):
        for batch in training._batches():
            assert all(torch.equal(batch["boxes"][i], boxes[int(n)]) for i, n in enumerate(batch.ids))


def test_the_images_of_a_batch_have_about_as_many_boxes():
    batches = list(make()._batches())
    assert [len(b) for b in batches] == [8, 8, 8, 8, 8, 8, 1]
    assert max(int(b["boxes"].lengths.max() - b["boxes"].lengths.min()) for b in batches) <= 1
