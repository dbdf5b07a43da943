"""Faults of the loop and of what the optimizer holds: functions (context, random) named by their kind."""

import copy
from random import Random

import torch
from torch import nn

from cases.sampled.context import Context
from cases.sampled.networks import linears
from cases.sampled.planted import Planted, own_loop


def _clipped(c, network):
    if c.clip:
        nn.utils.clip_grad_norm_(network.parameters(), c.clip)


def sorted_batches(c: Context, random: Random) -> Planted | None:
    if c.task in ("copy", "binary") and c.batch > 32:
        return None
    key = lambda y: y if y.ndim == 1 else y[:, 0]  # noqa: E731
    mended = c.hook(parts=lambda x, y, xv, yv, rng: (x[o := key(y).argsort(kind="stable")], y[o], xv, yv))
    faulty = mended.hook(order=lambda y: torch.arange(len(y)))
    return Planted(faulty, mended, "order", "shuffle", ("batch_too_small",) if c.batch < 8 else ())


def gradients_not_cleared(c: Context, random: Random) -> Planted | None:
    c, how = own_loop(c), random.choice(["never", "before the loop", "once an epoch", "another's"])
    other = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)

    def step(network, optimizer, loss_of, x, y, number, last):
        if how == "another's":
            other.zero_grad()
        if how == "once an epoch" and number == 0:
            optimizer.zero_grad()
        loss = loss_of(network(x), y)
        loss.backward()
        _clipped(c, network)
        optimizer.step()
        return loss.detach()

    if how == "once an epoch" and c.steps / c.epochs < 6:
        return None
    return Planted(c.hook(step=step), c, "zero_grad", "clear before each step")


def ascends(c: Context, random: Random) -> Planted | None:
    c, how = own_loop(c), random.choice(["-loss", "minus in the gradient", "maximize"])

    def step(network, optimizer, loss_of, x, y, number, last):
        optimizer.zero_grad()
        loss = loss_of(network(x), y)
        (-loss if how == "-loss" else loss).backward()
        if how == "minus in the gradient":
            for p in network.parameters():
                if p.grad is not None:
                    p.grad.neg_()
        if how == "maximize":
            for group in optimizer.param_groups:
                group["maximize"] = True
        _clipped(c, network)
        optimizer.step()
        return loss.detach()

    return Planted(c.hook(step=step), c, "loss", "the loss as it is", ("wrong_loss",))


def no_steps(c: Context, random: Random) -> Planted | None:
    c, how = own_loop(c), random.choice(["forgotten", "cleared before the step", "every hundredth", "once an epoch"])
    if how == "once an epoch" and c.steps / c.epochs < 8:
        return None

    def step(network, optimizer, loss_of, x, y, number, last):
        if how not in ("cleared before the step", "every hundredth"):
            optimizer.zero_grad()
        loss = loss_of(network(x), y)
        loss.backward()
        if how == "cleared before the step":
            optimizer.zero_grad(set_to_none=random_none)
            optimizer.step()
        elif how == "every hundredth" and number % 100 == 99:
            optimizer.step()
            optimizer.zero_grad()
        elif how == "once an epoch" and last:
            optimizer.step()
        return loss.detach()

    random_none = random.random() < 0.5
    also = (
        ("gradients_not_cleared", "frozen")
        if how == "cleared before the step"
        else ("unfinished", "rate_too_low", "frozen")
    )
    return Planted(c.hook(step=step), c, "step", "step after every backward", also)


def wrong_parameters(c: Context, random: Random) -> Planted | None:
    c, how = own_loop(c), random.choice(["a copy", "the last layer", "all but the last", "weights of the first"])

    def held(network):
        if how == "a copy":
            return list(copy.deepcopy(network).parameters())
        if how == "the last layer":
            return list(network[-1].parameters())
        if how == "all but the last":
            return list(network[:-1].parameters())
        return [next(network.parameters())]

    also = ("no_steps", "frozen") if how == "a copy" else ("frozen", "slow_layer")
    return Planted(c.hook(held=held), c, "optimizer", "network.parameters()", also)


def frozen(c: Context, random: Random) -> Planted | None:
    c, how = own_loop(c), random.choice(["body", "head", "all but biases", "first"])

    def network(net):
        chosen = {
            "body": list(net[:-1].parameters()),
            "head": list(net[-1].parameters()),
            "all but biases": [p for name, p in net.named_parameters() if "bias" not in name],
            "first": list(next(m for m in net if list(m.parameters())).parameters()),
        }[how]
        for p in chosen:
            p.requires_grad = False
        return net

    held = lambda net: [p for p in net.parameters() if p.requires_grad]  # noqa: E731
    faulty = c.hook(network=network)
    faulty = faulty.hook(held=held) if random.random() < 0.5 else faulty
    return Planted(faulty, c, how, "requires_grad_(True)", ("slow_layer", "wrong_parameters"))


class _Cut(nn.Module):
    """A layer whose gradient ends behind it."""

    def __init__(self, inner: nn.Module, how: str) -> None:
        super().__init__()
        self.inner, self.how = inner, how

    def forward(self, x):
        if self.how == "no_grad":
            with torch.no_grad():
                return self.inner(x)
        out = self.inner(x)
        return (
            torch.from_numpy(out.detach().numpy())
            if self.how == "numpy"
            else out.data
            if self.how == "data"
            else out.detach()
        )


def cut_gradient(c: Context, random: Random) -> Planted | None:
    c, how = own_loop(c), random.choice(["detach", "no_grad", "data", "numpy"])
    at = random.random()

    def network(net):
        places = [
            i
            for i, m in enumerate(net[:-1])
            if list(m.parameters()) and not isinstance(m, nn.modules.batchnorm._BatchNorm)
        ]
        place = places[-1 if at < 0.6 else 0]
        net[place] = _Cut(net[place], how)
        return net

    return Planted(c.hook(network=network), c, "forward", "keep the gradient's way", ("frozen", "slow_layer"))


def unused_parameters(c: Context, random: Random) -> Planted | None:
    c, norm = own_loop(c), random.random() < 0.5

    class Skips(nn.Module):
        def __init__(self, body):
            super().__init__()
            self.body = body
            self.extra = nn.Linear(24, 24)
            self.norm = nn.BatchNorm1d(24) if norm else nn.Linear(24, 8)

        def forward(self, x):
            return self.body(x)

    also = ("wrong_parameters",)
    return Planted(
        c.hook(network=lambda net: Skips(net)),
        c,
        "extra",
        "call it",
        also,
        hidden="what is not called changes no answer",
    )


def mode_gap(c: Context, random: Random) -> Planted | None:
    how = random.choice(["always training", "never again training", "running values"])
    c = own_loop(c)
    if how == "always training":
        if (
            min(c.widths) < 16
            or c.network not in ("mlp", "convnet", "strided", "conv1d", "averaged", "resconv", "dilated")
            or c.task == "copy"
        ):
            return None
        c = c.but(dropout=0.5, evaluates="each")
        return Planted(
            c.hook(modes=lambda net, training: net.train()), c, "eval", "network.eval()", ("dropout_too_strong",)
        )
    if c.network not in ("mlp", "convnet", "conv1d", "averaged", "dilated") or c.batch < 8 or c.task == "copy":
        return None
    c = c.but(norm="batch", evaluates="each")
    if how == "running values":

        def network(net):
            for m in net.modules():
                if isinstance(m, nn.modules.batchnorm._BatchNorm):
                    m.momentum = 1e-5
            return net

        raw = c.hook(parts=lambda x, y, xv, yv, rng: (x * 5 + 10, y, xv * 5 + 10, yv)).but(scale=False)
        return Planted(raw.hook(network=network), raw, "momentum", "momentum=0.1", ())
    raw = c.hook(parts=lambda x, y, xv, yv, rng: (x * 5 + 10, y, xv * 5 + 10, yv)).but(scale=False)
    seen = []

    def modes(net, training):
        if not training:
            seen.append(1)
            net.eval()
        elif not seen:
            net.train()

    return Planted(raw.hook(modes=modes), raw, "train", "network.train() each epoch")


def batch_norm_tiny_batch(c: Context, random: Random) -> Planted | None:
    if (
        c.network not in ("mlp", "convnet", "conv1d", "strided", "averaged", "dilated")
        or c.rows > 700
        or c.task == "copy"
    ):
        return None
    c = own_loop(c).but(norm="batch", batch=32, epochs=max(4, min(12, c.epochs)))
    also = ("batch_too_small", "mode_gap", "rate_too_high")
    return Planted(c.but(batch=random.choice([2, 2, 3])), c, "batch_size", "batches of 32", also, "settings")


def slow_layer(c: Context, random: Random) -> Planted | None:
    c, factor, which = own_loop(c), random.choice([1e-3, 1e-4, 1e-6]), random.choice(["body", "head", "first"])

    def held(network):
        layers = linears(network)
        chosen = {
            "body": list(network[:-1].parameters()),
            "head": list(network[-1].parameters()),
            "first": list(layers[0].parameters()),
        }[which]
        ids = {id(p) for p in chosen}
        rest = [p for p in network.parameters() if id(p) not in ids]
        return [{"params": chosen, "lr": c.rate * factor}, {"params": rest}]

    if c.network in ("RNN", "LSTM", "GRU", "bigru") and which == "first":
        return None
    if len(c.widths) == 1 and which == "first":
        which = "body"
    return Planted(c.hook(held=held), c, which, "one rate for all", ("frozen", "rate_too_low", "wrong_parameters"))
