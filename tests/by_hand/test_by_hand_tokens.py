"""Texts by hand: each token's row of numbers is looked up, and the slopes go back to the rows that were."""

import pytest
import torch
from beside_autograd import F64, assert_formulas
from torch import nn
from torch.testing import assert_close

import deepglass as dg
from deepglass.by_hand import of_data
from deepglass.errors import SettingError, ShapeError
from deepglass.tasks import task_for


class Mean(nn.Module):
    """The mean of the vectors of a text."""

    def __init__(self):
        super().__init__()
        self.table, self.head = nn.Embedding(6, 2, padding_idx=0), nn.Linear(2, 3)

    def forward(self, x):
        return self.head(self.table(x).mean(dim=1))


def data_of(texts):
    return dg.load(
        {"review": texts, "good": ["no", "yes"] * (len(texts) // 2)}, target="good", kinds={"review": "text"}
    )


def as_torch(network, x, y, learning_rate, momentum, weight_decay, steps=2):
    """The loss, its gradients, and the parameters after steps of torch's SGD."""
    rates = {"lr": learning_rate, "momentum": momentum, "weight_decay": weight_decay}
    plain = [p for n, p in network.named_parameters() if "bias" not in n]
    biases = [p for n, p in network.named_parameters() if "bias" in n]
    optimizer = torch.optim.SGD([{"params": plain}, {"params": biases, "weight_decay": 0.0}], **rates)
    first = None
    for _ in range(steps):
        loss = nn.functional.cross_entropy(network(x), y)
        gradients = dict(zip(dict(network.named_parameters()), torch.autograd.grad(loss, list(network.parameters()))))
        first = first or (loss.item(), gradients)
        for name, parameter in network.named_parameters():
            parameter.grad = gradients[name].clone()
        optimizer.step()
    return *first, {n: p.detach().clone() for n, p in network.named_parameters()}


@pytest.mark.parametrize("make", [Mean, lambda: nn.Sequential(nn.Embedding(6, 2), nn.Flatten(), nn.Linear(6, 3))])
def test_two_steps_on_a_text_are_those_of_torch_also_for_the_rows_it_does_not_hold(make):
    torch.manual_seed(0)
    network = make().double()
    x, y = torch.tensor([[4, 2, 4], [2, 5, 0]]), torch.tensor([2, 0])
    rates = {"learning_rate": 0.3, "momentum": 0.9, "weight_decay": 0.1}
    first = dg.byhand(network, x, y, batch=True, **rates)
    again = make().double()
    again.load_state_dict(first.updated)
    second = dg.byhand(again, x, y, batch=True, velocity=first.velocity, **rates)
    loss, gradients, after = as_torch(network, x, y, *rates.values())
    assert first.loss == pytest.approx(loss)
    for name, gradient in gradients.items():
        assert_close(first.gradients[name], gradient, rtol=1e-9, atol=1e-12)
        assert_close(second.updated[name], after[name], rtol=1e-9, atol=1e-12)
    assert_formulas(first)


def test_the_table_names_the_row_of_each_token_and_adds_up_the_slopes_of_its_places():
    network = Mean()
    table = dg.byhand(network, [4, 2, 4], 1)
    assert table.row("vector1[2,0]").formula() == "w1[4,0]"
    assert table.row("mean1[1]").formula() == "(vector1[0,1] + vector1[1,1] + vector1[2,1]) / 3"
    assert table.row("dL/dw1[4,1]").formula() == "dL/dvector1[0,1] + dL/dvector1[2,1]"
    assert {row.quantity for row in table.rows if row.quantity.startswith("w1[")} == {
        "w1[2,0]",
        "w1[2,1]",
        "w1[4,0]",
        "w1[4,1]",
    }
    assert not any(row.quantity.startswith("dL/dx") for row in table.rows)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru", "bag"])
def test_a_named_network_reads_a_text_of_its_data_by_hand(cell):
    data = data_of(["good film", "a very bad film", "bad film", "good good film"] * 8)
    small = {"embedding": 2} if cell == "bag" else {"units": 2, "embedding": 2}
    network = dg.build(cell, data, **small).eval()
    task = task_for(data)
    task.prepare(data, network)
    table = of_data(network, task, data, [1])
    batch = data.read(data.members("train")[1:2])
    said = network(batch["review"])[0]
    assert_close(torch.from_numpy(table.output), said.detach().double(), rtol=1e-5, atol=1e-6)
    said = network.double()(batch["review"])[:, 0]
    loss = nn.functional.binary_cross_entropy_with_logits(said, batch["good"].double())
    (gradient,) = torch.autograd.grad(loss, [network.embedding.weight])
    assert_close(table.gradients["embedding.weight"], gradient.to(F64), rtol=1e-6, atol=1e-9)
    assert any(line.startswith("Words: ") and " is film" in line for line in table.about)


def test_what_is_no_token_is_refused():
    with pytest.raises(ShapeError, match=r"a row for each token from 0 to 5, and gets 6\."):
        dg.byhand(nn.Sequential(nn.Embedding(6, 2), nn.Flatten()), [1, 6])
    with pytest.raises(SettingError, match="without max_norm"):
        dg.byhand(nn.Sequential(nn.Embedding(6, 2, max_norm=1.0), nn.Flatten()), [1, 2])


def test_what_is_no_network_is_refused():
    with pytest.raises(SettingError, match=r"an nn\.Module is calculated, and network is a str"):
        dg.byhand("mlp", [1.0])
