import torch
from killed import assert_survives_a_kill
from torch import nn

import deepglass as dg


class TwoInputs(nn.Module):
    def __init__(self):
        super().__init__()
        self.convolution, self.norm = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)
        self.dropout, self.output = nn.Dropout(0.2), nn.Linear(4 + 2, 3)

    def forward(self, image, meta):
        seen = self.norm(self.convolution(image)).relu().mean(dim=(2, 3))
        return self.output(self.dropout(torch.cat([seen, meta], dim=1)))


def make():
    torch.manual_seed(0)
    arrays = {
        "meta": torch.randn(100, 2),  # stands first here, and second in forward
        "image": torch.randint(0, 256, (100, 3, 8, 8), dtype=torch.uint8),
        "y": torch.arange(100) % 3,
    }
    data = dg.load(arrays, target="y", augment={"shift": 1})
    return dg.Training(TwoInputs(), data, dg.Recipe(batch_size=8, optimizer="adamw", weight_decay=0.1, threads=1))


def test_two_inputs_survive_a_kill(tmp_path):
    assert_survives_a_kill(make, tmp_path)


def test_inputs_reach_forward_by_name_whatever_their_order():
    training = make()
    assert list(training.data.inputs) == ["meta", "image"]
    assert training.task.facts()["loss"] == "cross_entropy"
    assert next(iter(training)).validation["accuracy"] >= 0
