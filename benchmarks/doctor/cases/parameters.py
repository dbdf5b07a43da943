"""Parameters: layers that are frozen, cut off, never called, or held by no optimizer."""

import copy

import torch
from case import Loop, Training, fault, train
from material import arrays, clouds, convnet, known, mlp, raw, shapes, table, tensors
from torch import nn
from torch.nn import functional

import deepglass as dg


@fault(
    kind="frozen",
    also=("slow_layer",),
    by="code",
    where="hidden1, hidden2",
    repair="requires_grad_(True)",
    metric="accuracy",
    level=0.92,
)
def clouds_with_frozen_layers(seed: int, mended: bool) -> Training:
    data = arrays(*clouds(seed), seed)
    network = dg.build(mlp(8, 8), data, seed=seed)
    for layer in (network.hidden1, network.hidden2):
        layer.requires_grad_(mended)
    return train(network, data, learning_rate=0.01, epochs=30)


@fault(
    kind="frozen",
    also=("slow_layer",),
    by="code",
    where="conv1, conv2",
    repair="requires_grad_(True)",
    metric="accuracy",
    level=0.93,
)
def shapes_with_frozen_convolutions(seed: int, mended: bool) -> Training:
    data = arrays(*shapes(seed), seed)
    network = dg.build(convnet(6, 6), data, seed=seed)
    for layer in (network.conv1, network.conv2):
        layer.requires_grad_(mended)
    return train(network, data, learning_rate=5e-3, epochs=20)


class Cut(nn.Module):
    """Two layers, with the way of the gradient cut between them or not."""

    def __init__(self, inputs: int, units: int, outputs: int, cut: bool) -> None:
        super().__init__()
        self.first, self.second, self.cut = nn.Linear(inputs, units), nn.Linear(units, outputs), cut

    def forward(self, x):
        features = self.first(x).relu()
        return self.second(features.detach() if self.cut else features)


@fault(
    kind="cut_gradient",
    also=("frozen", "slow_layer"),
    by="code",
    where="first",
    repair="leave detach() out",
    metric="accuracy",
    level=0.93,
)
def clouds_through_detach(seed: int, mended: bool) -> Training:
    data = arrays(*clouds(seed), seed)
    return train(Cut(8, 10, 4, cut=not mended), data, learning_rate=0.01, epochs=30)


@fault(
    kind="cut_gradient",
    also=("frozen", "slow_layer"),
    by="code",
    where="first",
    repair="leave no_grad() out",
    metric="r2",
    level=0.87,
)
def table_through_no_grad(seed: int, mended: bool) -> Loop:
    x, y, x_validation, y_validation = tensors(*table(seed), seed)
    y, y_validation = (y - y.mean()) / y.std(), (y_validation - y.mean()) / y.std()
    first, second = nn.Sequential(nn.Linear(8, 12), nn.ReLU()), nn.Linear(12, 1)
    network = nn.ModuleDict({"first": first, "second": second})
    network.forward = lambda given: second(_features(first, given, mended))
    return _loop(network, network.parameters(), (x, y[:, None], x_validation, y_validation[:, None]))


def _features(first: nn.Module, x, mended: bool):
    with torch.set_grad_enabled(mended):
        return first(x)


class Skipped(nn.Module):
    """A network whose hidden layers are made, and called or not."""

    def __init__(self, inputs: int, outputs: int, called: bool) -> None:
        super().__init__()
        self.hidden1, self.hidden2 = nn.Linear(inputs, 32), nn.Linear(32, 32)
        self.output = nn.Linear(32 if called else inputs, outputs)
        self.called = called

    def forward(self, x):
        hidden = self.hidden2(self.hidden1(x).relu()).relu() if self.called else x
        return self.output(hidden)


@fault(
    kind="unused_parameters",
    also=("underfitting",),
    by="code",
    where="hidden1, hidden2",
    repair="call the layers in forward",
    metric="accuracy",
    level=1,
)
def circles_past_the_hidden_layers(seed: int, mended: bool) -> Training:
    return train(Skipped(2, 1, called=mended), known("circles", seed), learning_rate=0.01, epochs=25)


class TwoHeads(nn.Module):
    """A network with a second head that nobody asks."""

    def __init__(self, inputs: int, outputs: int, heads: int) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(inputs, 48), nn.ReLU())
        self.heads = nn.ModuleList(
            nn.Sequential(nn.Linear(48, 32), nn.ReLU(), nn.Linear(32, outputs)) for _ in range(heads)
        )

    def forward(self, x):
        return self.heads[0](self.body(x))


@fault(
    kind="unused_parameters",
    by="code",
    where="heads.1",
    repair="remove the second head, or call it",
    metric="accuracy",
    level=0.93,
    hidden="what is not called changes no answer",
)
def clouds_with_a_head_too_many(seed: int, mended: bool) -> Training:
    return train(TwoHeads(8, 4, 1 if mended else 2), arrays(*clouds(seed), seed), learning_rate=3e-3, epochs=15)


class Listed(nn.Module):
    """A network that keeps its hidden layers in a list, of Python's or of PyTorch's."""

    def __init__(self, inputs: int, outputs: int, registered: bool) -> None:
        super().__init__()
        hidden = [nn.Linear(inputs, 10), nn.Linear(10, 10), nn.Linear(10, 10)]
        self.hidden = nn.ModuleList(hidden) if registered else hidden
        self.output = nn.Linear(10, outputs)

    def forward(self, x):
        for layer in self.hidden:
            x = layer(x).relu()
        return self.output(x)


@fault(
    kind="wrong_parameters",
    also=("frozen",),
    by="code",
    where="hidden, a plain list",
    repair="nn.ModuleList",
    metric="accuracy",
    level=0.91,
)
def clouds_with_a_plain_list(seed: int, mended: bool) -> Training:
    return train(Listed(8, 4, registered=mended), arrays(*clouds(seed), seed), learning_rate=0.01, epochs=30)


@fault(
    kind="wrong_parameters",
    also=("frozen", "no_steps"),
    by="code",
    where="all layers: the optimizer holds a copy's",
    repair="make the optimizer from the network that is trained",
    metric="accuracy",
    level=0.96,
)
def a_copy_is_trained(seed: int, mended: bool) -> Loop:
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    held = network if mended else copy.deepcopy(network)
    return _loop(network, held.parameters(), tensors(*raw("digits"), seed))


@fault(
    kind="wrong_parameters",
    also=("frozen", "slow_layer"),
    by="code",
    where="0: the optimizer holds the last layer's parameters alone",
    repair="network.parameters()",
    metric="accuracy",
    level=0.94,
)
def only_the_last_layer_is_trained(seed: int, mended: bool) -> Loop:
    network = nn.Sequential(nn.Linear(8, 12), nn.ReLU(), nn.Linear(12, 4))
    held = network if mended else network[-1]
    return _loop(network, held.parameters(), tensors(*clouds(seed), seed))


def _loop(network: nn.Module, held, parts) -> Loop:
    x, y, x_validation, y_validation = parts
    optimizer = torch.optim.Adam(held, lr=0.01)
    loss_of = functional.mse_loss if y.is_floating_point() else functional.cross_entropy

    def loop(watch):
        with watch(network, optimizer=optimizer) as evidence:
            for _ in range(20):
                for batch in torch.randperm(len(x)).split(32):
                    optimizer.zero_grad()
                    loss_of(network(x[batch]), y[batch]).backward()
                    optimizer.step()
                with torch.no_grad():
                    output = network(x_validation)
                loss = loss_of(output, y_validation).item()
                if y.is_floating_point():
                    evidence.log(validation_loss=loss, validation_r2=1 - loss / y_validation.var().item())
                else:
                    right = (output.argmax(1) == y_validation).float().mean().item()
                    evidence.log(validation_loss=loss, validation_accuracy=right)
        return evidence

    return Loop(loop)


@fault(
    kind="frozen",
    also=("slow_layer",),
    by="code",
    where="hidden1, hidden2",
    repair="requires_grad_(True)",
    metric="r2",
    level=0.81,
)
def table_with_frozen_layers(seed: int, mended: bool) -> Training:
    data = arrays(*table(seed), seed)
    network = dg.build(mlp(12, 8), data, seed=seed)
    for layer in (network.hidden1, network.hidden2):
        layer.requires_grad_(mended)
    return train(network, data, learning_rate=0.01, epochs=30)
