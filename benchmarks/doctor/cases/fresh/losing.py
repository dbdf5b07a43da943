"""Fresh faults of output, loss and target in loops of people's own."""

import torch
from case import Loop, fault
from torch import nn
from torch.nn import functional as F

from cases.fresh.loop import fit, measured
from cases.fresh.material import (
    claims,
    dialects,
    flats,
    frauds,
    letters,
    parts,
    pulses,
    rings,
    sentences,
    standardized,
    stripes,
    tides,
)
from cases.fresh.networks import ConvNet, Net, Recurrent, Words, dense

CODE = {"by": "code", "metric": "accuracy"}
NUMBER = {"by": "code", "metric": "r2"}


@fault(kind="activation_twice", where="last", repair="no softmax in forward", **CODE, level=0.903)
def dialects_end_in_functional_softmax(seed: int, mended: bool) -> Loop:
    network = Net(12, 32, 15, last=None if mended else (lambda x: F.softmax(x, dim=1)))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    return fit(network, parts(dialects(seed), seed), nn.CrossEntropyLoss(), optimizer, epochs=10, says="train")


@fault(
    kind="activation_twice",
    where="loop",
    repair="give the logits to the loss",
    hidden="most are right all the same",
    **CODE,
    level=0.74,
)
def letters_softened_outside_the_network(seed: int, mended: bool) -> Loop:
    network = dense(80, 24, 4)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    loss = F.cross_entropy if mended else (lambda o, y: F.cross_entropy(torch.softmax(o, 1), y))
    return fit(network, parts(letters(seed), seed), loss, optimizer, epochs=5, says="nothing")


@fault(kind="activation_twice", where="last", repair="BCELoss, or no sigmoid", **CODE, level=0.906)
def sentences_end_in_sigmoid_twice(seed: int, mended: bool) -> Loop:
    network = Words(40, 16, 1)
    body = network.forward
    if not mended:
        network.forward = lambda x: torch.sigmoid(body(x))
    loss = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)

    def said(output, y):  # a probability is judged at a half
        right = ((output[:, 0] > (0.0 if mended else 0.5)).long() == y).float().mean()
        return {"accuracy": float(right), "loss": float(loss(output[:, 0], y.float()))}

    data = parts(sentences(seed), seed, scale=False)
    return fit(network, data, lambda o, y: loss(o[:, 0], y.float()), optimizer, epochs=4, judged=said, says="train")


@fault(kind="wrong_loss", also=("output_range",), repair="log_softmax, or cross_entropy", **CODE, level=0.764)
def claims_by_nll_of_logits(seed: int, mended: bool) -> Loop:
    network = Net(6, 24, 3)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    loss = F.cross_entropy if mended else F.nll_loss
    return fit(network, parts(claims(seed), seed), loss, optimizer, epochs=20, says="nothing")


@fault(kind="wrong_loss", also=("output_range",), repair="log_softmax", hidden="it gets there later", **CODE, level=1)
def pulses_by_nll_of_probabilities(seed: int, mended: bool) -> Loop:
    network = Recurrent(1, 16, 3)
    last = (lambda o: F.log_softmax(o, 1)) if mended else (lambda o: F.softmax(o, 1))
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    return fit(
        network, parts(pulses(seed), seed), lambda o, y: F.nll_loss(last(o), y), optimizer, epochs=20, says="train"
    )


@fault(
    kind="wrong_loss",
    also=("output_range", "activation_twice"),
    where="dim",
    repair="dim=1",
    hidden="the right class may still lead",
    **CODE,
    level=0.84,
)
def stripes_normalized_over_the_batch(seed: int, mended: bool) -> Loop:
    network = ConvNet(1, 3, norm="none")
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    dim = 1 if mended else 0
    loss = lambda o, y: F.nll_loss(F.log_softmax(o, dim=dim), y)  # noqa: E731
    data = parts(stripes(seed), seed, scale=False)
    return fit(network, data, loss, optimizer, epochs=10, size=8 if not mended else 16, says="train")


@fault(
    kind="output_range", also=("dead_units",), where="last", repair="no ReLU after the last layer", **CODE, level=0.907
)
def dialects_end_in_relu(seed: int, mended: bool) -> Loop:
    network = Net(12, 32, 15, last=None if mended else F.relu)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    return fit(network, parts(dialects(seed), seed), F.cross_entropy, optimizer, epochs=15)


@fault(
    kind="output_range",
    also=("dead_units",),
    where="last",
    repair="no ReLU after the last layer",
    **NUMBER,
    level=0.981,
)
def tides_end_in_relu(seed: int, mended: bool) -> Loop:
    network = Net(16, 32, 1, last=None if mended else F.relu)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    loss = lambda o, y: F.mse_loss(o[:, 0], y)  # noqa: E731
    return fit(network, parts(tides(seed), seed), loss, optimizer, epochs=20, judged=measured, says="train")


@fault(
    kind="output_range",
    where="last",
    also=("targets_unscaled", "saturated_units"),
    repair="no sigmoid",
    **NUMBER,
    level=0.963,
)
def prices_through_a_sigmoid(seed: int, mended: bool) -> Loop:
    network = Net(7, 32, 1, last=None if mended else torch.sigmoid)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    data = parts(standardized(flats(seed)), seed)
    loss = nn.MSELoss()
    return fit(network, data, lambda o, y: loss(o, y[:, None]), optimizer, epochs=20, judged=measured, says="nothing")


@fault(kind="broadcast", repair="squeeze the output", **NUMBER, level=0.964)
def flats_against_all_prices(seed: int, mended: bool) -> Loop:
    network = Net(7, 24, 1)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    loss = (lambda o, y: F.mse_loss(o.squeeze(1), y)) if mended else F.mse_loss
    data = parts(standardized(flats(seed)), seed)
    return fit(network, data, loss, optimizer, epochs=20, judged=measured, says="train")


@fault(kind="broadcast", repair="one shape for both", **NUMBER, level=0.982)
def tides_subtracted_by_hand(seed: int, mended: bool) -> Loop:
    network = dense(16, 24, 24, 1, act=nn.Tanh)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    loss = (lambda o, y: ((o[:, 0] - y) ** 2).mean()) if mended else (lambda o, y: ((o - y) ** 2).mean())
    return fit(network, parts(tides(seed), seed), loss, optimizer, epochs=20, judged=measured, says="nothing")


@fault(kind="softmax_on_one_unit", also=("wrong_loss", "output_range"), repair="a sigmoid", **CODE, level=0.758)
def frauds_by_softmax_of_one(seed: int, mended: bool) -> Loop:
    x, y = frauds(seed, share=0.4)
    last = torch.sigmoid if mended else (lambda o: torch.softmax(o, dim=1))
    network = Net(6, 16, 1, last=last)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)

    def said(output, y):
        return {"accuracy": float(((output[:, 0] > 0.5).long() == y).float().mean())}

    loss = lambda o, y: F.binary_cross_entropy(o[:, 0], y.float())  # noqa: E731
    return fit(network, parts((x, y), seed), loss, optimizer, epochs=8, judged=said, says="train")


@fault(kind="log_of_zero", also=("wrong_loss",), repair="binary_cross_entropy_with_logits", **CODE, level=0.799)
def sentences_by_a_bare_logarithm(seed: int, mended: bool) -> Loop:
    network = Words(40, 16, 1)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.6)

    def bare(o, y):
        p = torch.sigmoid(o[:, 0])
        return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()

    safe = lambda o, y: F.binary_cross_entropy_with_logits(o[:, 0], y.float())  # noqa: E731
    data = parts(sentences(seed), seed, scale=False)
    return fit(network, data, safe if mended else bare, optimizer, epochs=30, says="train")


@fault(
    kind="wrong_loss",
    also=("labels_encoded_wrongly",),
    repair="cross-entropy with one output a class",
    **CODE,
    level=0.733,
)
def letters_as_a_quantity(seed: int, mended: bool) -> Loop:
    network = dense(80, 24, 4 if mended else 1)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)

    def said(output, y):
        named = output.argmax(1) if mended else output[:, 0].round().clamp(0, 3).long()
        return {"accuracy": float((named == y).float().mean())}

    loss = F.cross_entropy if mended else (lambda o, y: F.mse_loss(o[:, 0], y.float()))
    return fit(network, parts(letters(seed), seed), loss, optimizer, epochs=15, judged=said, says="train")


@fault(kind="labels_encoded_wrongly", also=("ascends",), repair="labels 0 and 1", **CODE, level=0.743)
def rings_marked_by_bytes(seed: int, mended: bool) -> Loop:
    x, y = rings(seed)
    network = Net(2, 24, 1)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    factor = 1.0 if mended else 255.0
    loss = lambda o, y: F.binary_cross_entropy_with_logits(o[:, 0], y.float() * factor)  # noqa: E731
    data = parts((x, (y == 1).astype("int64")), seed)
    return fit(network, data, loss, optimizer, epochs=40, says="train")


@fault(
    kind="rate_too_low",
    also=("wrong_loss", "unfinished"),
    where="loss",
    repair="divide by the batch once",
    **CODE,
    level=0.724,
)
def claims_with_a_loss_divided_twice(seed: int, mended: bool) -> Loop:
    network = Net(6, 32, 3)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    by = 1.0 if mended else 3000.0
    data = parts(claims(seed), seed)
    return fit(network, data, lambda o, y: F.cross_entropy(o, y) / by, optimizer, epochs=20, says="nothing")


@fault(
    kind="rate_too_high",
    also=("wrong_loss", "exploding"),
    where="loss",
    repair="mean over the batch",
    **NUMBER,
    level=0.962,
)
def flats_with_a_summed_loss(seed: int, mended: bool) -> Loop:
    network = Net(7, 32, 1)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.02, momentum=0.9)
    loss = nn.MSELoss(reduction="mean" if mended else "sum")
    data = parts(standardized(flats(seed)), seed)
    return fit(
        network, data, lambda o, y: loss(o[:, 0], y), optimizer, epochs=15, size=64, judged=measured, says="train"
    )
