"""Fresh healthy trainings in loops of people's own, many of which look odd from one side."""

import torch
from case import Loop, healthy
from torch import nn
from torch.nn import functional as F

from cases.fresh.loop import fit, measured, step
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
from cases.fresh.networks import ConvNet, Net, Recurrent, Residual, Split, Tied, TwoHeads, Words, dense

NEAR = "the clouds are nearly separable by planes"


def logit(o, y):
    return F.binary_cross_entropy_with_logits(o[:, 0], y.float())


def squared(o, y):
    return F.mse_loss(o[:, 0], y)


@healthy(metric="accuracy")
def rings_in_silence(seed: int) -> Loop:
    network = Net(2, 24, 3)
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    return fit(network, parts(rings(seed), seed), F.cross_entropy, optimizer, epochs=40, says="nothing")


@healthy(metric="accuracy")
def claims_with_heavy_tails(seed: int) -> Loop:
    network = Residual(6, 24, 2, 3)
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0.05)
    return fit(network, parts(claims(seed), seed), nn.CrossEntropyLoss(), optimizer, epochs=20)


@healthy(metric="accuracy", ceiling=NEAR)
def dialects_in_three_epochs(seed: int) -> Loop:
    network = Net(12, 64, 15)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.03, momentum=0.9)
    return fit(network, parts(dialects(seed), seed), F.cross_entropy, optimizer, epochs=4, size=16, says="train")


@healthy(metric="accuracy", ceiling="words speak for themselves, one by one")
def letters_with_smooth_labels(seed: int) -> Loop:
    network = dense(80, 32, 4, act=nn.GELU, norm=nn.LayerNorm)
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3)
    loss = nn.CrossEntropyLoss(label_smoothing=0.1)
    return fit(network, parts(letters(seed), seed), loss, optimizer, epochs=8, says="nothing")


@healthy(metric="accuracy")
def stripes_by_group_norm(seed: int) -> Loop:
    network = ConvNet(1, 3, norm="group", dropout=0.2)
    optimizer = torch.optim.RMSprop(network.parameters(), lr=2e-3)
    return fit(network, parts(stripes(seed), seed, scale=False), F.cross_entropy, optimizer, epochs=15)


@healthy(metric="accuracy")
def stripes_by_batch_norm_quietly(seed: int) -> Loop:
    network = ConvNet(1, 3)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    return fit(network, parts(stripes(seed), seed, scale=False), F.cross_entropy, optimizer, epochs=15, says="nothing")


@healthy(metric="accuracy")
def pulses_by_lstm(seed: int) -> Loop:
    network = Recurrent(1, 24, 3)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    return fit(network, parts(pulses(seed), seed), F.cross_entropy, optimizer, epochs=35, says="train")


@healthy(metric="accuracy")
def pulses_by_gru_clipped(seed: int) -> Loop:
    network = Recurrent(1, 24, 3, nn.GRU)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)

    def one(network, optimizer, loss_of, x, y):
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(network(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        return loss

    return fit(network, parts(pulses(seed), seed), F.cross_entropy, optimizer, epochs=30, one=one, says="nothing")


@healthy(metric="accuracy", ceiling="counts of words decide")
def sentences_by_embedding(seed: int) -> Loop:
    network = Words(40, 16, 1)
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    return fit(network, parts(sentences(seed), seed, scale=False), logit, optimizer, epochs=25, says="train")


@healthy(metric="r2")
def flats_by_huber_loss(seed: int) -> Loop:
    network = Net(7, 32, 1)
    optimizer = torch.optim.AdamW(network.parameters(), lr=5e-3)
    data = parts(standardized(flats(seed)), seed)
    return fit(network, data, lambda o, y: F.huber_loss(o[:, 0], y), optimizer, epochs=30, judged=measured)


@healthy(metric="r2")
def flats_cosine_after_warmup(seed: int) -> Loop:
    network = dense(7, 32, 32, 1, act=nn.SiLU)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9, nesterov=True)
    schedule = torch.optim.lr_scheduler.SequentialLR(
        optimizer,
        [
            torch.optim.lr_scheduler.LinearLR(optimizer, 0.05, total_iters=5),
            torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 35),
        ],
        [5],
    )
    data = parts(standardized(flats(seed)), seed)
    return fit(
        network,
        data,
        squared,
        optimizer,
        epochs=40,
        judged=measured,
        says="nothing",
        after_epoch=lambda epoch: schedule.step(),
    )


@healthy(metric="r2", ceiling="a tide is nearly a sum of its past")
def tides_by_a_small_net(seed: int) -> Loop:
    network = dense(16, 32, 1, act=nn.Tanh)
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    return fit(network, parts(tides(seed), seed), squared, optimizer, epochs=60, judged=measured)


@healthy(metric="r2", ceiling="a tide is nearly a sum of its past")
def tides_step_by_step(seed: int) -> Loop:
    x, y, x_validation, y_validation = parts(tides(seed), seed)
    network = Recurrent(1, 24, 1, nn.GRU)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    data = (x[:, :, None], y, x_validation[:, :, None], y_validation)
    return fit(network, data, squared, optimizer, epochs=20, judged=measured, says="train")


@healthy(metric="accuracy", ceiling="few rows are few")
def few_rows_and_dropout(seed: int) -> Loop:
    network = Net(12, 32, 4, dropout=0.5)
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3, weight_decay=1e-3)
    data = parts(dialects(seed, rows=200, classes=4), seed)
    return fit(network, data, F.cross_entropy, optimizer, epochs=30, size=16)


@healthy(metric="accuracy", ceiling="two clouds that overlap")
def frauds_in_equal_parts(seed: int) -> Loop:
    network = Net(6, 16, 1)
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    return fit(network, parts(frauds(seed, share=0.5), seed), logit, optimizer, epochs=10, says="nothing")


@healthy(metric="accuracy")
def rings_with_summed_gradients(seed: int) -> Loop:
    network = Net(2, 32, 3)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    count = [0]

    def one(network, optimizer, loss_of, x, y):
        loss = loss_of(network(x), y)
        (loss / 4).backward()
        count[0] += 1
        if count[0] % 4 == 0:
            optimizer.step()
            optimizer.zero_grad()
        return loss

    return fit(network, parts(rings(seed), seed), F.cross_entropy, optimizer, epochs=40, size=8, one=one)


@healthy(metric="accuracy", ceiling=NEAR)
def only_a_head_on_good_features(seed: int) -> Loop:
    network = Split(12, 64, 15)
    data = parts(dialects(seed), seed)
    early = torch.optim.Adam(network.parameters(), lr=3e-3)
    for _ in range(8):  # learned before, elsewhere
        for batch in torch.randperm(len(data[0])).split(32):
            step(network, early, F.cross_entropy, data[0][batch], data[1][batch])
    network.backbone.requires_grad_(False)
    network.head.reset_parameters()
    optimizer = torch.optim.Adam(network.head.parameters(), lr=5e-3)
    return fit(network, data, F.cross_entropy, optimizer, epochs=10)


@healthy(metric="accuracy")
def two_heads_and_two_losses(seed: int) -> Loop:
    network = TwoHeads(2, 32, 3)
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    x, y, x_validation, y_validation = parts(rings(seed), seed)

    def one(network, optimizer, loss_of, x, y):
        optimizer.zero_grad()
        name, value = network(x)
        loss = F.cross_entropy(name, y) + 0.3 * F.mse_loss(value, x.square().sum(1))
        loss.backward()
        optimizer.step()
        return loss

    data = (x, y, x_validation, y_validation)
    return fit(network, data, F.cross_entropy, optimizer, epochs=40, one=one, says="train")


@healthy(metric="r2", ceiling="a code of five numbers for tides of two waves")
def tides_squeezed_by_tied_weights(seed: int) -> Loop:
    x, _, x_validation, _ = parts(tides(seed), seed)
    network = Tied(16, 6)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    data = (x, x, x_validation, x_validation)
    return fit(network, data, F.mse_loss, optimizer, epochs=30, judged=measured, says="nothing")


@healthy(metric="accuracy", ceiling=NEAR)
def dialects_by_nll(seed: int) -> Loop:
    network = Net(12, 48, 15, last=lambda o: F.log_softmax(o, dim=1))
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    return fit(network, parts(dialects(seed), seed), nn.NLLLoss(), optimizer, epochs=20, says="train")


@healthy(metric="accuracy")
def rings_by_bce_of_a_sigmoid(seed: int) -> Loop:
    x, y = rings(seed)
    network = dense(2, 24, 24, 1)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.3, momentum=0.9)
    loss = lambda o, y: F.binary_cross_entropy(torch.sigmoid(o[:, 0]), y.float())  # noqa: E731
    return fit(network, parts((x, (y == 1).astype("int64")), seed), loss, optimizer, epochs=30, says="nothing")


@healthy(metric="accuracy", ceiling="words speak for themselves, one by one")
def raw_counts_of_words(seed: int) -> Loop:
    network = dense(80, 48, 4)
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    return fit(network, parts(letters(seed), seed, scale=False), F.cross_entropy, optimizer, epochs=12)


@healthy(metric="accuracy")
def deep_narrow_and_residual(seed: int) -> Loop:
    network = Residual(2, 12, 8, 3)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    return fit(network, parts(rings(seed), seed), F.cross_entropy, optimizer, epochs=30)


@healthy(metric="accuracy")
def wide_and_shallow_by_plain_sgd(seed: int) -> Loop:
    network = dense(2, 512, 3)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.3)
    return fit(network, parts(rings(seed), seed), F.cross_entropy, optimizer, epochs=60, says="train")


@healthy(metric="r2")
def squared_error_of_a_sigmoid(seed: int) -> Loop:
    x, y = flats(seed)
    y = (y - y.min()) / (y.max() - y.min())
    network = Net(7, 32, 1, last=torch.sigmoid)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    return fit(network, parts((x, y), seed), squared, optimizer, epochs=40, judged=measured, says="nothing")
