"""Fresh faults of networks, first weights and step lengths in loops of people's own."""

import torch
from case import Loop, fault
from torch import nn
from torch.nn import functional as F

from cases.fresh.loop import fit, measured, step
from cases.fresh.material import (
    claims,
    dialects,
    flats,
    letters,
    parts,
    pulses,
    rings,
    sentences,
    standardized,
    stripes,
    tides,
)
from cases.fresh.networks import ConvNet, Net, Recurrent, Residual, Words, dense, weights

CODE = {"by": "code", "metric": "accuracy"}
NUMBER = {"by": "code", "metric": "r2"}


@fault(kind="rate_too_high", where="lr", repair="lr=1e-3", **CODE, level=0.753)
def sentences_in_leaps(seed: int, mended: bool) -> Loop:
    network = Net(80, 32, 4)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3 if mended else 0.5)
    return fit(network, parts(letters(seed), seed), F.cross_entropy, optimizer, epochs=12, says="nothing")


@fault(kind="rate_too_high", where="lr", also=("exploding",), repair="lr=0.01", **NUMBER, level=0.981)
def tides_in_leaps(seed: int, mended: bool) -> Loop:
    network = Net(16, 32, 1)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.02 if mended else 1.0, momentum=0.9)
    loss = lambda o, y: F.smooth_l1_loss(o[:, 0], y)  # noqa: E731
    return fit(network, parts(tides(seed), seed), loss, optimizer, epochs=15, judged=measured, says="train")


@fault(kind="rate_too_low", where="lr", also=("unfinished",), repair="lr=5e-3", **CODE, level=1)
def pulses_at_a_crawl(seed: int, mended: bool) -> Loop:
    network = Recurrent(1, 16, 3, nn.GRU)
    optimizer = torch.optim.Adam(network.parameters(), lr=8e-3 if mended else 5e-6)
    return fit(network, parts(pulses(seed), seed), F.cross_entropy, optimizer, epochs=20, says="nothing")


@fault(kind="rate_too_low", where="lr", also=("unfinished",), repair="lr=0.05", **CODE, level=0.927)
def dialects_at_a_crawl(seed: int, mended: bool) -> Loop:
    network = Residual(12, 32, 2, 15)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05 if mended else 2e-6, momentum=0.9)
    return fit(network, parts(dialects(seed), seed), F.cross_entropy, optimizer, epochs=10)


@fault(
    kind="rate_too_low",
    where="scheduler",
    also=("no_steps", "unfinished"),
    repair="scheduler.step() once an epoch",
    **CODE,
    level=0.989,
)
def rate_halved_at_every_step(seed: int, mended: bool) -> Loop:
    network = Net(2, 24, 3)
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.98 if mended else 0.7)

    def one(network, optimizer, loss_of, x, y):
        loss = step(network, optimizer, loss_of, x, y)
        if not mended:
            schedule.step()
        return loss

    end = (lambda epoch: schedule.step()) if mended else None
    return fit(
        network, parts(rings(seed), seed), F.cross_entropy, optimizer, epochs=20, one=one, after_epoch=end, says="train"
    )


@fault(kind="momentum_too_high", where="momentum", also=("rate_too_high",), repair="momentum=0.9", **CODE, level=0.716)
def claims_that_overshoot(seed: int, mended: bool) -> Loop:
    network = Net(6, 32, 3)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9 if mended else 0.999)
    return fit(network, parts(claims(seed), seed), F.cross_entropy, optimizer, epochs=15)


@fault(
    kind="clipping_too_strict",
    where="clip_grad_norm_",
    also=("rate_too_low",),
    repair="a norm of 1",
    **CODE,
    level=0.84,
)
def stripes_clipped_to_nothing(seed: int, mended: bool) -> Loop:
    network = ConvNet(1, 3, norm="group")
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    limit = 1.0 if mended else 2e-5

    def one(network, optimizer, loss_of, x, y):
        optimizer.zero_grad()
        loss = loss_of(network(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), limit)
        optimizer.step()
        return loss

    data = parts(stripes(seed), seed, scale=False)
    return fit(network, data, F.cross_entropy, optimizer, epochs=8, one=one, says="train")


@fault(kind="decay_too_strong", where="weight_decay", repair="weight_decay=1e-4", **CODE, level=0.92)
def dialects_weighed_down(seed: int, mended: bool) -> Loop:
    network = Net(12, 32, 15)
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3, weight_decay=1e-4 if mended else 0.5)
    return fit(network, parts(dialects(seed), seed), F.cross_entropy, optimizer, epochs=15)


@fault(kind="decay_too_strong", where="weight_decay", repair="weight_decay=1e-4", **NUMBER, level=0.951)
def flats_weighed_down(seed: int, mended: bool) -> Loop:
    network = Net(7, 24, 1)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, weight_decay=1e-4 if mended else 0.7)
    loss = lambda o, y: F.mse_loss(o[:, 0], y)  # noqa: E731
    data = parts(standardized(flats(seed)), seed)
    return fit(network, data, loss, optimizer, epochs=25, judged=measured, says="train")


@fault(kind="dead_units", where="fc1", repair="biases of 0", **CODE, level=0.729)
def claims_below_zero(seed: int, mended: bool) -> Loop:
    network = Net(6, 24, 3)
    if not mended:
        nn.init.constant_(network.fc1.bias, -12.0)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    return fit(network, parts(claims(seed), seed), F.cross_entropy, optimizer, epochs=15, says="nothing")


@fault(kind="zero_weights", where="all", repair="random weights", also=("symmetric_weights",), **CODE, level=0.733)
def letters_from_nothing(seed: int, mended: bool) -> Loop:
    network = Net(80, 24, 4)
    if not mended:
        weights(network, nn.init.zeros_)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    return fit(network, parts(letters(seed), seed), F.cross_entropy, optimizer, epochs=12, says="train")


@fault(kind="symmetric_weights", where="all", repair="random weights", **CODE, level=0.776)
def stripes_from_one_number(seed: int, mended: bool) -> Loop:
    network = ConvNet(1, 3, norm="none")
    if not mended:
        weights(network, lambda w: nn.init.constant_(w, 0.1))
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    return fit(network, parts(stripes(seed), seed, scale=False), F.cross_entropy, optimizer, epochs=10)


@fault(kind="weights_too_large", also=("saturated_units", "exploding"), repair="the usual weights", **CODE, level=0.937)
def dialects_from_heavy_tanh(seed: int, mended: bool) -> Loop:
    network = Net(12, 64, 15, act=torch.tanh)
    if not mended:
        weights(network, lambda w: nn.init.normal_(w, std=4.0))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.02, momentum=0.9)
    return fit(network, parts(dialects(seed), seed), F.cross_entropy, optimizer, epochs=12, says="train")


@fault(kind="weights_too_small", also=("vanishing",), repair="the usual weights", **CODE, level=0.667)
def claims_from_a_whisper(seed: int, mended: bool) -> Loop:
    network = dense(6, 24, 24, 24, 3)
    if not mended:
        weights(network, lambda w: nn.init.normal_(w, std=1e-3))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    return fit(network, parts(claims(seed), seed), F.cross_entropy, optimizer, epochs=20, says="nothing")


@fault(kind="vanishing", also=("weights_too_small",), repair="ReLU, or fewer layers", **CODE, level=0.747)
def letters_through_twelve_sigmoids(seed: int, mended: bool) -> Loop:
    network = dense(80, *[32] * (2 if mended else 12), 4, act=nn.Sigmoid)
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    return fit(network, parts(letters(seed), seed), F.cross_entropy, optimizer, epochs=12, says="train")


@fault(kind="exploding", also=("weights_too_large",), repair="the usual weights", **NUMBER, level=0.926)
def tides_that_swell(seed: int, mended: bool) -> Loop:
    network = dense(16, *[48] * 8, 1)
    weights(network, lambda w: nn.init.normal_(w, std=(2 / w.shape[1]) ** 0.5 * (1 if mended else 2.6)))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
    loss = lambda o, y: F.mse_loss(o[:, 0], y)  # noqa: E731
    return fit(network, parts(tides(seed), seed), loss, optimizer, epochs=15, judged=measured, says="train")


@fault(kind="dropout_too_strong", where="drop", repair="p=0.2", **CODE, level=0.913)
def dialects_with_hardly_a_unit(seed: int, mended: bool) -> Loop:
    network = Net(12, 32, 15, dropout=0.2 if mended else 0.95)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    return fit(network, parts(dialects(seed), seed), F.cross_entropy, optimizer, epochs=15)


@fault(kind="dropout_on_output", where="last", repair="dropout before the last layer", **NUMBER, level=0.98)
def tides_with_dropped_answers(seed: int, mended: bool) -> Loop:
    network = nn.Sequential(dense(16, 24, 1), nn.Dropout(0.0 if mended else 0.5))
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    loss = lambda o, y: F.mse_loss(o[:, 0], y)  # noqa: E731
    return fit(network, parts(tides(seed), seed), loss, optimizer, epochs=20, judged=measured)


@fault(
    kind="batch_norm_tiny_batch",
    where="batch_size",
    also=("batch_too_small", "mode_gap"),
    repair="batches of 32",
    **CODE,
    level=0.796,
)
def claims_in_pairs(seed: int, mended: bool) -> Loop:
    network = dense(6, 32, 32, 3, norm=nn.BatchNorm1d)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    data = parts(claims(seed), seed)
    return fit(network, data, F.cross_entropy, optimizer, epochs=20 if mended else 4, size=32 if mended else 2)


@fault(kind="underfitting", where="network", repair="a hidden layer", **CODE, level=0.971)
def rings_by_a_plane(seed: int, mended: bool) -> Loop:
    network = Net(2, 24, 3) if mended else nn.Linear(2, 3)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    return fit(network, parts(rings(seed), seed), F.cross_entropy, optimizer, epochs=25)


@fault(kind="unfinished", where="epochs", also=("rate_too_low",), repair="40 epochs", **CODE, level=1)
def sentences_left_early(seed: int, mended: bool) -> Loop:
    network = Words(40, 24, 1)
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    loss = lambda o, y: F.binary_cross_entropy_with_logits(o[:, 0], y.float())  # noqa: E731
    data = parts(sentences(seed), seed, scale=False)
    return fit(network, data, loss, optimizer, epochs=50 if mended else 7)


@fault(
    kind="overfitting",
    where="network",
    repair="fewer units, decay and fewer epochs",
    **{**CODE, "metric": "loss"},
    level=1.16,
)
def claims_by_heart(seed: int, mended: bool) -> Loop:
    network = Net(6, 16 if mended else 256, 3)
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=0.3 if mended else 0.0)
    return fit(network, parts(claims(seed, rows=260), seed), F.cross_entropy, optimizer, epochs=15 if mended else 60)


@fault(
    kind="unused_parameters",
    where="hidden",
    repair="call it",
    hidden="the shorter network is as good",
    **CODE,
    level=0.917,
)
def a_layer_that_forward_forgot(seed: int, mended: bool) -> Loop:
    network = Net(12, 32, 15)
    if not mended:
        network.forward = lambda x: network.fc3(F.relu(network.fc1(x)))
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    return fit(network, parts(dialects(seed), seed), F.cross_entropy, optimizer, epochs=12, says="train")


@fault(kind="batch_too_small", where="batch_size", also=("rate_too_high",), repair="batches of 32", **CODE, level=0.99)
def rings_one_by_one(seed: int, mended: bool) -> Loop:
    network = Net(2, 24, 3)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.15, momentum=0.9)
    data = parts(rings(seed, rows=400), seed)
    return fit(network, data, F.cross_entropy, optimizer, epochs=30 if mended else 4, size=32 if mended else 1)
