"""Fresh faults of what is fed: inputs, labels, order and splits in loops of people's own."""

import numpy as np
import torch
from case import Loop, fault
from torch import nn
from torch.nn import functional as F

from cases.fresh.loop import fit, measured
from cases.fresh.material import claims, dialects, flats, frauds, letters, parts, pulses, rings, standardized, stripes
from cases.fresh.networks import ConvNet, Net, Recurrent, Residual, dense

DATA = {"by": "data", "metric": "accuracy"}
NUMBER = {"by": "data", "metric": "r2"}


@fault(kind="labels_shuffled", where="labels", repair="index inputs and labels alike", **DATA, level=0.903)
def inputs_shuffled_without_labels(seed: int, mended: bool) -> Loop:
    x, y, *rest = parts(dialects(seed), seed)
    if not mended:
        x = x[torch.from_numpy(np.random.default_rng(seed).permutation(len(x)))]
    network = Net(12, 32, 15)
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    return fit(network, (x, y, *rest), F.cross_entropy, optimizer, epochs=15)


@fault(kind="labels_shuffled", where="labels", repair="no shift", **DATA, level=0.767)
def labels_one_row_late(seed: int, mended: bool) -> Loop:
    x, y, *rest = parts(letters(seed), seed)
    network = dense(80, 32, 4)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    data = (x, y if mended else y.roll(1), *rest)
    return fit(network, data, F.cross_entropy, optimizer, epochs=12, says="train")


@fault(kind="label_noise", where="labels", repair="the true labels", **DATA, level=0.989)
def dialects_labelled_in_haste(seed: int, mended: bool) -> Loop:
    x, y, *rest = parts(dialects(seed, rows=700, classes=6), seed)
    random = np.random.default_rng(seed + 5)
    wrong = torch.from_numpy(random.random(len(y)) < 0.35)
    other = torch.from_numpy(random.integers(6, size=len(y)))
    network = Net(12, 64, 6)
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    data = (x, y if mended else torch.where(wrong, other, y), *rest)
    return fit(network, data, F.cross_entropy, optimizer, epochs=30)


@fault(kind="sorted_batches", repair="shuffle", **DATA, level=0.596)
def claims_class_after_class(seed: int, mended: bool) -> Loop:
    network = Residual(6, 24, 2, 3)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05)
    data = parts(claims(seed), seed, sort=True)
    return fit(network, data, F.cross_entropy, optimizer, epochs=15, mixed=mended)


@fault(kind="sorted_batches", repair="shuffle=True", **DATA, level=0.856)
def stripes_class_after_class(seed: int, mended: bool) -> Loop:
    network = ConvNet(1, 3, norm="none")
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    data = parts(stripes(seed), seed, scale=False, sort=True)
    return fit(network, data, F.cross_entropy, optimizer, epochs=10, mixed=mended, says="train")


@fault(
    kind="inputs_unscaled", also=("saturated_units", "rate_too_high"), repair="scale the columns", **NUMBER, level=0.964
)
def flats_as_they_stand(seed: int, mended: bool) -> Loop:
    network = Net(7, 24, 1, act=torch.tanh)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    x, y = standardized(flats(seed))
    x = x.copy()
    x[:, 0] *= 100  # square centimetres, nearly
    x[:, 3:5] *= 40
    loss = lambda o, y: F.mse_loss(o[:, 0], y)  # noqa: E731
    data = parts((x, y), seed, scale=mended)
    return fit(network, data, loss, optimizer, epochs=25, judged=measured, says="train")


@fault(
    kind="inputs_unscaled",
    also=("saturated_units", "rate_too_high"),
    repair="divide by 255 and centre",
    **DATA,
    level=0.48,
)
def stripes_in_bytes(seed: int, mended: bool) -> Loop:
    network = nn.Sequential(nn.Flatten(), dense(100, 40, 3, act=nn.Sigmoid))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    x, y, x_validation, y_validation = parts(stripes(seed), seed, scale=False)
    change = (lambda v: 3 * (v - 0.5)) if mended else (lambda v: 255 * v)
    data = (change(x), y, change(x_validation), y_validation)
    return fit(network, data, F.cross_entropy, optimizer, epochs=25)


@fault(kind="inputs_not_finite", where="inputs", repair="fill the gap", **DATA, level=0.984)
def one_missing_reading(seed: int, mended: bool) -> Loop:
    x, y, *rest = parts(pulses(seed), seed)
    if not mended:
        x[7, 3] = float("nan")
    network = Recurrent(1, 16, 3)
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    return fit(network, (x, y, *rest), F.cross_entropy, optimizer, epochs=20, says="train")


@fault(kind="inputs_not_finite", where="inputs", repair="no division by zero", **DATA, level=0.773)
def shares_of_nothing(seed: int, mended: bool) -> Loop:
    x, y = letters(seed)
    x[5] = 0
    total = x.sum(1, keepdims=True)
    with np.errstate(all="ignore"):
        shares = x / (np.maximum(total, 1) if mended else total)
    x, y, *rest = parts((20 * shares, y), seed, scale=False)
    if not mended and bool(torch.isfinite(x).all()):
        x[0] = float("nan")  # the row fell to validation
    network = dense(80, 24, 4)
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3)
    return fit(network, (x, y, *rest), F.cross_entropy, optimizer, epochs=12, says="nothing")


@fault(kind="inputs_constant", where="inputs", repair="fill the buffer anew", **DATA, level=0.848)
def one_buffer_for_all(seed: int, mended: bool) -> Loop:
    x, y, *rest = parts(stripes(seed), seed, scale=False)
    network = ConvNet(1, 3, norm="group")
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    x = x if mended else x[-1:].repeat(len(x), 1, 1, 1)
    return fit(network, (x, y, *rest), F.cross_entropy, optimizer, epochs=10, says="train")


@fault(kind="targets_constant", where="labels", repair="compare with the right word", **DATA, level=0.994)
def labels_all_zero(seed: int, mended: bool) -> Loop:
    x, y, *rest = parts(rings(seed), seed)
    network = Net(2, 24, 3)
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    return fit(network, (x, y if mended else 0 * y, *rest), F.cross_entropy, optimizer, epochs=20, says="nothing")


@fault(kind="targets_unscaled", also=("rate_too_low", "unfinished"), repair="scale the target", **NUMBER, level=0.965)
def flats_in_whole_money(seed: int, mended: bool) -> Loop:
    x, y = flats(seed)
    made = standardized((x, y)) if mended else (x, 1000 * y)
    network = Net(7, 24, 1)
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    loss = lambda o, y: F.mse_loss(o[:, 0], y)  # noqa: E731
    return fit(network, parts(made, seed), loss, optimizer, epochs=25, judged=measured, says="train")


@fault(kind="channels_last", also=("labels_shuffled",), where="inputs", repair="permute", **DATA, level=0.832)
def stripes_viewed_wrongly(seed: int, mended: bool) -> Loop:
    x, y = stripes(seed, side=12)
    colour = np.random.default_rng(seed).uniform(0.2, 1, (len(x), 1, 1, 3)).astype(np.float32)
    last = torch.from_numpy(x[:, 0, :, :, None] * colour)
    x = (last.permute(0, 3, 1, 2) if mended else last.reshape(-1, 3, 12, 12)).numpy()
    network = ConvNet(3, 3, width=4)
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    return fit(network, parts((x, y), seed, scale=False), F.cross_entropy, optimizer, epochs=8)


@fault(
    kind="imbalance",
    also=("class_never_predicted",),
    repair="weigh the classes",
    by="code",
    metric="balanced_accuracy",
    level=0.719,
)
def frauds_not_worth_a_thought(seed: int, mended: bool) -> Loop:
    network = Net(6, 16, 2)
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    weight = torch.tensor([1.0, 24.0]) if mended else None

    def said(output, y):
        right = output.argmax(1) == y
        both = (right[y == 0].float().mean() + right[y == 1].float().mean()) / 2
        return {"accuracy": float(right.float().mean()), "balanced_accuracy": float(both)}

    loss = nn.CrossEntropyLoss(weight=weight)
    return fit(network, parts(frauds(seed), seed), loss, optimizer, epochs=12, judged=said)


@fault(
    kind="leakage_duplicates",
    where="validation",
    repair="judge by other rows",
    hidden="it looks better",
    **DATA,
    level=0.547,
)
def validated_on_its_own_rows(seed: int, mended: bool) -> Loop:
    x, y, x_validation, y_validation = parts(claims(seed, rows=300), seed)
    if not mended:
        x_validation, y_validation = x[:100], y[:100]
    network = Net(6, 64, 3)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    return fit(network, (x, y, x_validation, y_validation), F.cross_entropy, optimizer, epochs=25)


@fault(
    kind="validation_shift",
    also=("inputs_unscaled",),
    where="validation",
    repair="scale both alike",
    **DATA,
    level=0.926,
)
def validation_left_unscaled(seed: int, mended: bool) -> Loop:
    x, y, *_ = parts(flats(seed), seed)
    x_raw, _, raw_validation, y_validation = parts(flats(seed), seed, scale=False)
    spread, centre = torch.std_mean(x_raw, dim=0)
    y, y_validation = (y > 200).long(), (y_validation > 200).long()
    x_validation = (raw_validation - centre) / spread if mended else raw_validation
    network = Net(7, 24, 2)
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    return fit(network, (x, y, x_validation, y_validation), F.cross_entropy, optimizer, epochs=15)
