"""What a look makes of a loss whose shapes are the loop's own."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from deepglass.probes.watching import watch

TURNED = {
    "as it is": lambda y, t: F.cross_entropy(y.transpose(1, 2), t),
    "a row for each step": lambda y, t: F.cross_entropy(y.reshape(-1, 5), t.reshape(-1)),
    "a row for each step, some ignored": lambda y, t: F.cross_entropy(y.flatten(0, 1), t.flatten(), ignore_index=0),
    "the last step": lambda y, t: F.cross_entropy(y[:, -1], t[:, -1]),
    "one example": lambda y, t: F.cross_entropy(y[0, 0], t[0, 0]),
    "spread": lambda y, t: F.mse_loss(y, F.one_hot(t, 5).float()[:1].expand_as(y)),
}


@pytest.mark.parametrize("loss_of", TURNED.values(), ids=TURNED)
def test_a_class_for_each_step_is_watched_without_harm(loss_of):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Embedding(9, 6), nn.Linear(6, 5))
    start = copy.deepcopy(network)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    x, t = torch.randint(0, 9, (12, 4)), torch.randint(0, 5, (12, 4))
    with watch(network, optimizer=optimizer) as evidence:
        for _ in range(3):
            optimizer.zero_grad()
            loss = loss_of(network(x), t)
            loss.backward()
            optimizer.step()
    assert evidence.loop["optimizer_steps"] == 3
    if loss_of in (TURNED["as it is"], TURNED["a row for each step"]):
        first = float(F.cross_entropy(start(x).flatten(0, 1), t.flatten()).detach())
        found = evidence.series("batch_loss").values[0] if evidence.has("batch_loss") else None
        assert found == (pytest.approx(first, rel=1e-5) if loss_of is TURNED["a row for each step"] else None)
