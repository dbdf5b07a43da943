"""Fresh faults of stepping: gradients, optimizers and modes in loops of people's own."""

import torch
from case import Loop, fault
from torch import nn
from torch.nn import functional as F

from cases.fresh.loop import fit, measured, step
from cases.fresh.material import claims, dialects, flats, letters, parts, pulses, rings, standardized, stripes
from cases.fresh.networks import ConvNet, Net, Recurrent, Residual, Split, dense

CODE = {"by": "code", "metric": "accuracy"}


def no_clearing(network, optimizer, loss_of, x, y):
    loss = loss_of(network(x), y)
    loss.backward()
    optimizer.step()
    return loss


def cleared_too_early(network, optimizer, loss_of, x, y):
    loss = loss_of(network(x), y)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss


def remade(network, optimizer, loss_of, x, y):
    optimizer.zero_grad()
    loss = loss_of(network(x), y)
    loss = torch.tensor(loss.item(), requires_grad=True)
    loss.backward()
    optimizer.step()
    return loss


@fault(kind="gradients_not_cleared", repair="optimizer.zero_grad() in every step", **CODE, level=0.966)
def rings_remember_every_gradient(seed: int, mended: bool) -> Loop:
    network = Net(2, 24, 3)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    one = step if mended else no_clearing
    return fit(network, parts(rings(seed), seed), F.cross_entropy, optimizer, epochs=25, one=one)


@fault(kind="gradients_not_cleared", repair="zero_grad in the inner loop", **CODE, level=0.992)
def stripes_cleared_once_an_epoch(seed: int, mended: bool) -> Loop:
    network = ConvNet(1, 3)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    data = parts(stripes(seed), seed, scale=False)
    return fit(
        network,
        data,
        nn.CrossEntropyLoss(),
        optimizer,
        epochs=12,
        says="train",
        one=step if mended else no_clearing,
        after_epoch=lambda epoch: optimizer.zero_grad(),
    )


@fault(
    kind="no_steps",
    also=("gradients_not_cleared", "cut_gradient"),
    repair="zero_grad before backward",
    **CODE,
    level=0.74,
)
def letters_cleared_before_the_step(seed: int, mended: bool) -> Loop:
    network = dense(80, 32, 4, act=nn.GELU)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    one = step if mended else cleared_too_early
    return fit(network, parts(letters(seed), seed), F.cross_entropy, optimizer, epochs=15, says="nothing", one=one)


@fault(kind="cut_gradient", also=("no_steps",), repair="call backward on the loss itself", **CODE, level=0.943)
def dialects_through_a_new_tensor(seed: int, mended: bool) -> Loop:
    network = Net(12, 48, 15)
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    one = step if mended else remade
    return fit(network, parts(dialects(seed), seed), nn.CrossEntropyLoss(), optimizer, epochs=12, one=one)


@fault(kind="no_steps", also=("unfinished",), repair="step after every batch", **CODE, level=1)
def pulses_stepped_now_and_then(seed: int, mended: bool) -> Loop:
    network = Recurrent(1, 20, 3, nn.GRU)
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    counted = [0]

    def seldom(network, optimizer, loss_of, x, y):
        counted[0] += 1
        optimizer.zero_grad()
        loss = loss_of(network(x), y)
        loss.backward()
        if counted[0] % 50 == 0:
            optimizer.step()
        return loss

    one = step if mended else seldom
    return fit(network, parts(pulses(seed), seed), F.cross_entropy, optimizer, epochs=20, says="train", one=one)


@fault(kind="wrong_parameters", also=("no_steps",), repair="the optimizer of this network", **CODE, level=0.813)
def optimizer_of_another_copy(seed: int, mended: bool) -> Loop:
    first = Residual(6, 24, 2, 3)
    network = first if mended else Residual(6, 24, 2, 3)
    optimizer = torch.optim.AdamW(first.parameters(), lr=2e-3)
    data = parts(claims(seed), seed)
    return fit(network, data, F.cross_entropy, optimizer, epochs=15, says="train")


@fault(kind="wrong_parameters", where="head", repair="make the optimizer after the head", **CODE, level=0.813)
def head_replaced_after_the_optimizer(seed: int, mended: bool) -> Loop:
    network = Split(12, 10, 10)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    network.head = nn.Linear(10, 15)
    if mended:
        optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    return fit(network, parts(dialects(seed), seed), F.cross_entropy, optimizer, epochs=8, given=False)


@fault(kind="wrong_parameters", also=("frozen",), where="backbone", repair="all parameters", **CODE, level=0.994)
def only_the_head_is_optimized(seed: int, mended: bool) -> Loop:
    network = Split(2, 24, 3)
    held = network.parameters() if mended else network.head.parameters()
    optimizer = torch.optim.Adam(held, lr=5e-3)
    return fit(network, parts(rings(seed), seed), F.cross_entropy, optimizer, epochs=25)


@fault(kind="frozen", where="conv1, conv2", repair="requires_grad_(True)", **CODE, level=0.896)
def stripes_with_a_frozen_stem(seed: int, mended: bool) -> Loop:
    network = ConvNet(1, 3, norm="batch", width=4)
    for layer in (network.conv1, network.conv2, network.norm1, network.norm2):
        layer.requires_grad_(mended)
    optimizer = torch.optim.Adam([p for p in network.parameters() if p.requires_grad], lr=5e-3)
    return fit(network, parts(stripes(seed), seed, scale=False), F.cross_entropy, optimizer, epochs=12)


@fault(kind="cut_gradient", also=("frozen",), where="backbone", repair="no detach", **CODE, level=0.64)
def claims_detached_before_the_head(seed: int, mended: bool) -> Loop:
    network = Split(6, 12, 3, None if mended else torch.Tensor.detach)
    optimizer = torch.optim.RMSprop(network.parameters(), lr=3e-3)
    return fit(network, parts(claims(seed), seed), F.cross_entropy, optimizer, epochs=30, says="train")


@fault(kind="cut_gradient", also=("frozen",), where="backbone", repair="no .data", by="code", metric="r2", level=0.955)
def flats_through_data(seed: int, mended: bool) -> Loop:
    network = Split(7, 8, 1, None if mended else (lambda x: x.data))
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    data = parts(standardized(flats(seed)), seed)
    return fit(network, data, lambda o, y: F.mse_loss(o.squeeze(1), y), optimizer, epochs=25, judged=measured)


@fault(kind="mode_gap", where="drop", repair="network.eval() before judging", **CODE, level=0.943)
def judged_with_dropout_on(seed: int, mended: bool) -> Loop:
    network = Net(12, 40, 15, dropout=0.5)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    return fit(network, parts(dialects(seed), seed), F.cross_entropy, optimizer, epochs=20, modes=mended)


@fault(kind="mode_gap", where="norm1", repair="momentum=0.1", **CODE, level=0.984)
def running_means_that_hardly_run(seed: int, mended: bool) -> Loop:
    network = ConvNet(1, 3)
    for norm in (network.norm1, network.norm2):
        norm.momentum = 0.1 if mended else 0.0005
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    data = parts(stripes(seed), seed, scale=False)
    return fit(network, (data[0] * 30, data[1], data[2] * 30, data[3]), F.cross_entropy, optimizer, epochs=8)


@fault(kind="ascends", repair="take the minus out", **CODE, level=0.923)
def dialects_with_a_minus(seed: int, mended: bool) -> Loop:
    network = dense(12, 32, 15)
    sign = 1 if mended else -1
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    return fit(
        network,
        parts(dialects(seed), seed),
        lambda o, y: sign * F.cross_entropy(o, y),
        optimizer,
        epochs=10,
        says="nothing",
    )


@fault(kind="ascends", repair="maximize=False", by="code", metric="r2", level=0.915)
def flats_maximized(seed: int, mended: bool) -> Loop:
    network = Net(7, 24, 1)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.002 if not mended else 0.02, maximize=not mended)
    data = parts(standardized(flats(seed)), seed)
    return fit(network, data, lambda o, y: F.l1_loss(o[:, 0], y), optimizer, epochs=20, judged=measured, says="train")


@fault(kind="wrong_parameters", where="layers", repair="nn.ModuleList", **CODE, level=0.804)
def blocks_in_a_plain_list(seed: int, mended: bool) -> Loop:
    class Listed(nn.Module):
        def __init__(self):
            super().__init__()
            layers = [nn.Linear(6, 16), nn.Linear(16, 16)]
            self.layers = nn.ModuleList(layers) if mended else layers
            self.out = nn.Linear(16, 3)

        def forward(self, x):
            for layer in self.layers:
                x = torch.relu(layer(x))
            return self.out(x)

    network = Listed()
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    return fit(network, parts(claims(seed), seed), F.cross_entropy, optimizer, epochs=25)
