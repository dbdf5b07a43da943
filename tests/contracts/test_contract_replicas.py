import copy

import torch
from killed import assert_survives_a_kill, train_until
from torch import nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn.functional import cross_entropy
from torch.testing import assert_close

import deepglass as dg

RATES = [0.1, 0.01, 0.001]


class Stacked(nn.Module):
    """Networks of one shape side by side: their parameters and buffers have an axis of replicas first."""

    def __init__(self, networks):
        super().__init__()
        self.one = [copy.deepcopy(networks[0])]  # in a list, so that its parameters are not among those of the stack
        parameters, buffers = stack_module_state(networks)
        self.names = {name.replace(".", "_"): name for name in [*parameters, *buffers]}
        for flat, name in self.names.items():
            if name in parameters:
                self.register_parameter(flat, nn.Parameter(parameters[name].detach()))
            else:
                self.register_buffer(flat, buffers[name])

    def forward(self, x):
        one = self.one[0].train(self.training)
        state = {name: getattr(self, flat) for flat, name in self.names.items()}
        return vmap(lambda s: functional_call(one, s, x), randomness="different")(state)  # (replicas, batch, classes)


class Together(dg.Task):
    """The sum of the losses: each replica's gradient is what it would be alone."""

    def losses(self, network, batch, player, noise):
        each = [cross_entropy(output, batch["species"]) for output in network(batch["x"]).unbind()]
        return {"loss": torch.stack(each).sum(), **{f"loss{i}": loss for i, loss in enumerate(each)}}


def networks(dropout):
    torch.manual_seed(0)
    layers = [[nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(dropout), nn.Linear(8, 3)] for _ in RATES]
    return [nn.Sequential(*own) for own in layers]


def make(dropout=0.3):
    recipe = dg.Recipe(batch_size=16, optimizer="momentum", players={"network": {"learning_rate": RATES}}, threads=1)
    return dg.Training(Stacked(networks(dropout)), dg.load("iris"), recipe, task=Together())


def test_stacked_networks_survive_a_kill(tmp_path):
    assert_survives_a_kill(make, tmp_path)


def test_each_replica_has_dropout_of_its_own():
    torch.manual_seed(0)
    stack = Stacked([networks(0.5)[0]] * 3)
    first, second, third = stack(torch.randn(16, 4)).unbind()
    assert not torch.equal(first, second)
    assert not torch.equal(second, third)


def test_each_replica_learns_what_it_would_learn_alone():
    together = make(dropout=0.0)
    train_until(together, 11)
    for i, network in enumerate(networks(0.0)):
        recipe = dg.Recipe(batch_size=16, optimizer="momentum", learning_rate=RATES[i], threads=1)
        alone = dg.Training(network, dg.load("iris"), recipe)
        train_until(alone, 11)
        for flat, name in together.network.names.items():
            assert_close(getattr(together.network, flat)[i], network.state_dict()[name], rtol=1e-4, atol=1e-5)
