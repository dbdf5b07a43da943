"""Faults of first weights and of the network: functions (context, random) named by their kind."""

from random import Random

import torch
from torch import nn

from cases.sampled.context import Context
from cases.sampled.networks import ACTIVATIONS, linears
from cases.sampled.planted import Planted, strength

RECURRENT = ("RNN", "LSTM", "GRU", "bigru")


def _weights(change):
    """Change every weight, of recurrent layers too; biases are left."""

    @torch.no_grad()
    def network(net):
        for name, p in net.named_parameters():
            if p.ndim > 1:
                change(name, p)
        return net

    return network


def zero_weights(c: Context, random: Random) -> Planted | None:
    if c.network == "residual":
        return None
    biases = random.random() < 0.6

    @torch.no_grad()
    def network(net):
        for p in net.parameters():
            if p.ndim > 1 or biases:
                p.zero_()
        return net

    if biases and c.norm:
        network = _weights(lambda name, p: p.zero_())
    return Planted(c.hook(network=network), c, "initialization", "PyTorch's own", ("symmetric_weights",))


def symmetric_weights(c: Context, random: Random) -> Planted | None:
    if c.network == "residual":
        return None
    value, biases = random.choice([0.01, 0.05, 0.1, 0.5, 1.0]), random.random() < 0.5

    @torch.no_grad()
    def network(net):
        for name, p in net.named_parameters():
            if p.ndim > 1:
                p.fill_(value)
            elif biases and "bias" in name:
                p.zero_()
        return net

    return Planted(c.hook(network=network), c, "initialization", "PyTorch's own", ("zero_weights", "underfitting"))


def weights_too_large(c: Context, random: Random) -> Planted | None:
    if c.norm:
        return None
    std, how = strength(random, 1, 10), random.choice(["normal", "uniform", "times"])

    def change(name, p):
        if how == "normal":
            nn.init.normal_(p, 0, std)
        elif how == "uniform":
            nn.init.uniform_(p, -2 * std, 2 * std)
        else:
            p.mul_(20 * std)

    also = ("saturated_units", "exploding", "dead_units")
    return Planted(c.hook(network=_weights(change)), c, "initialization", "PyTorch's own", also)


def weights_too_small(c: Context, random: Random) -> Planted | None:
    if c.norm or len(c.widths) < 2 or c.network in (*RECURRENT, "residual"):
        return None
    std = strength(random, 1e-6, 1e-3)
    change = random.choice([lambda name, p: nn.init.normal_(p, 0, std), lambda name, p: p.mul_(std)])
    return Planted(c.hook(network=_weights(change)), c, "initialization", "PyTorch's own", ("vanishing",))


def vanishing(c: Context, random: Random) -> Planted | None:
    if c.form != "table" or c.network != "mlp" or c.task == "copy":
        return None
    depth, wide = random.randint(6, 10), random.choice([16, 24, 32])
    c = c.but(
        widths=(wide,) * depth,
        norm="",
        dropout=0,
        act={"tuning": "relu", "held": "elu"}.get(c.family, "prelu"),
        rate=min(c.rate, 0.05),
    )
    return Planted(
        c.but(act="sigmoid"),
        c,
        "hidden",
        "ReLU, or fewer layers",
        ("saturated_units", "weights_too_small", "slow_layer"),
    )


def exploding(c: Context, random: Random) -> Planted | None:
    gain = random.uniform(2, 4)
    if c.network in ("RNN",):

        def change(name, p):
            if "hh" in name:
                p.copy_(gain * torch.eye(p.shape[0]) + 0.2 * torch.randn_like(p))

        c = c.but(act="tanh", clip=0)
        return Planted(
            c.hook(network=_weights(change)),
            c,
            "initialization",
            "PyTorch's own",
            ("weights_too_large", "saturated_units"),
        )
    if c.form != "table" or c.task == "copy" or c.network in ("residual", "skips"):
        return None
    depth = random.randint(5, 9)
    act = {"tuning": "relu", "held": "silu"}.get(c.family, "mish")
    c = c.but(widths=(32,) * depth, norm="", dropout=0, act=act, clip=0, rate=c.rate / 2)

    def change(name, p):
        nn.init.normal_(p, 0, gain * (2 / p.shape[1]) ** 0.5)

    good = c.hook(network=_weights(lambda name, p: nn.init.normal_(p, 0, (2 / p.shape[1]) ** 0.5)))
    return Planted(
        c.hook(network=_weights(change)), good, "initialization", "He's", ("weights_too_large", "rate_too_high")
    )


def dead_units(c: Context, random: Random) -> Planted | None:
    if c.network not in ("mlp", "convnet", "strided", "averaged") or c.norm:
        return None
    c, bias = c.but(act="relu"), -strength(random, 3, 30)

    @torch.no_grad()
    def network(net):
        for layer in linears(net)[:-1]:
            layer.bias.fill_(bias)
        return net

    return Planted(c.hook(network=network), c, "bias", "biases near 0", ("vanishing", "frozen"))


def saturated_units(c: Context, random: Random) -> Planted | None:
    if c.network != "mlp" or c.norm:
        return None
    c, factor, how = (
        c.but(act=random.choice(["tanh", "sigmoid"])),
        strength(random, 20, 200),
        random.choice(["first", "bias"]),
    )
    if c.act == "sigmoid":
        c = c.but(widths=c.widths[:1])

    @torch.no_grad()
    def network(net):
        layer = linears(net)[0]
        if how == "first":
            layer.weight.mul_(factor)
        else:
            layer.bias.copy_(torch.where(torch.rand_like(layer.bias) < 0.5, -1.0, 1.0) * factor / 3)
        return net

    also = ("weights_too_large", "inputs_unscaled", "frozen", "slow_layer")
    return Planted(c.hook(network=network), c, "first", "PyTorch's own weights", also)


def dropout_on_output(c: Context, random: Random) -> Planted | None:
    if c.task == "copy":
        return None
    p = random.choice([0.2, 0.3, 0.5])
    put = lambda net: nn.Sequential(*net, nn.Dropout(p))  # noqa: E731
    hidden = "the answers are scaled up again when it is off" if c.is_classes else ""
    return Planted(
        c.hook(network=put),
        c,
        "last",
        "no dropout after the last layer",
        ("dropout_too_strong", "mode_gap"),
        hidden=hidden,
    )


def dropout_too_strong(c: Context, random: Random) -> Planted | None:
    if c.network not in ("mlp", "convnet", "strided", "conv1d", "averaged", "resconv", "dilated"):
        return None
    strong = c.but(dropout=random.choice([0.8, 0.85, 0.9, 0.95]))
    return Planted(strong, c.but(dropout=min(c.dropout, 0.1)), "dropout", "dropout=0.1", ("underfitting", "mode_gap"))


def underfitting(c: Context, random: Random) -> Planted | None:
    how = random.choice(["few units", "no activation", "one layer"])
    if c.network in RECURRENT:
        c = c.but(dropout=0, widths=c.widths[:1])
        return Planted(c.but(widths=(1,)), c, "hidden", "more units")
    if how == "few units" or c.network != "mlp":
        c = c.but(dropout=0, norm="")
        return Planted(
            c.but(widths=(random.choice([1, 1, 2]),) * len(c.widths)), c, "hidden", "more units", ("dead_units",)
        )

    def network(net):
        if how == "one layer":
            first = linears(net)[0]
            return nn.Sequential(nn.Linear(first.in_features, net[-1].out_features))
        kinds = tuple(type(make()) for make in ACTIVATIONS.values())
        return nn.Sequential(*(m for m in net if not isinstance(m, kinds)))

    return Planted(c.hook(network=network), c, "hidden", "layers with an activation")
