"""Program: a context carried out, in a loop of somebody's own or by `dg.train`.

A fault puts its hooks in the place of ordinary parts: `made` (the data before the split), `parts` (after it), `given` (after
scaling), `network`, `held` (what the optimizer is given), `loss`, `dealt` (a batch), `order`, `step`, `modes`, `answers` (of
an output).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from case import Loop, Training
from material import parted
from torch import Tensor, nn

from cases.fresh.loop import say
from cases.fresh.material import Parts
from cases.sampled import loops
from cases.sampled.context import SOURCES, Context
from cases.sampled.lion import Lion
from cases.sampled.losses import criterion, scores
from cases.sampled.networks import build
from cases.unseen.dense_material import told

OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": lambda held, c: torch.optim.SGD(held, lr=c.rate, weight_decay=c.decay),
    "momentum": lambda held, c: torch.optim.SGD(held, lr=c.rate, momentum=c.momentum, weight_decay=c.decay),
    "nesterov": lambda held, c: torch.optim.SGD(
        held, lr=c.rate, momentum=c.momentum, weight_decay=c.decay, nesterov=True
    ),
    "adam": lambda held, c: torch.optim.Adam(held, lr=c.rate, weight_decay=c.decay),
    "adamw": lambda held, c: torch.optim.AdamW(held, lr=c.rate, weight_decay=c.decay),
    "rmsprop": lambda held, c: torch.optim.RMSprop(held, lr=c.rate, weight_decay=c.decay),
    "adagrad": lambda held, c: torch.optim.Adagrad(held, lr=c.rate, weight_decay=c.decay),
    "nadam": lambda held, c: torch.optim.NAdam(held, lr=c.rate, weight_decay=c.decay),
    "adamax": lambda held, c: torch.optim.Adamax(held, lr=c.rate, weight_decay=c.decay),
    "radam": lambda held, c: torch.optim.RAdam(held, lr=c.rate, weight_decay=c.decay),
    "adadelta": lambda held, c: torch.optim.Adadelta(held, lr=c.rate, weight_decay=c.decay),
    "lion": lambda held, c: Lion(held, lr=c.rate, decay=c.decay),
    "heavy": lambda held, c: torch.optim.SGD(held, lr=c.rate, momentum=c.momentum, weight_decay=c.decay),
}


def program(c: Context, seed: int) -> Loop | Training:
    """Make the program of a context; data, split and first weights follow the seed."""
    return _by_recipe(c, seed) if c.style == "train" else _own_loop(c, seed)


def data(c: Context, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Draw inputs and targets of training and of validation, a fourth, as yet unscaled."""
    random = np.random.default_rng([seed, 11])
    x, y = SOURCES[c.source].make(seed, c.rows, c.level)
    x, y = x.astype(np.float32), y.astype(np.int64 if c.is_classes else np.float32)
    order = random.permutation(len(y))
    x, y = x[order], (x[order] if c.task == "copy" else y[order])
    if "made" in c.hooks:
        x, y = c.hooks["made"](x, y, random)
    cut = 3 * len(y) // 4
    parts = x[:cut], y[:cut], x[cut:], y[cut:]
    return c.hooks["parts"](*parts, random) if "parts" in c.hooks else parts


def _scaled(c: Context, seed: int) -> Parts:
    x, y, xv, yv = (torch.from_numpy(np.ascontiguousarray(part)) for part in data(c, seed))
    if c.scale:
        dims = (0,) if c.form == "table" else (0, 2, 3) if c.form == "picture" else (0, 1)
        spread, centre = torch.std_mean(x, dim=dims, keepdim=True)
        x, xv = ((part - centre) / torch.where(spread > 0, spread, 1.0) for part in (x, xv))
    if not c.is_classes and c.scale_targets:
        spread, centre = torch.std_mean(y, dim=0)
        y, yv = ((part - centre) / torch.where(spread > 0, spread, 1.0) for part in (y, yv))
    parts = x, y, xv, yv
    return c.hooks["given"](*parts) if "given" in c.hooks else parts


def _network(c: Context, shape: tuple[int, ...], outputs: int) -> nn.Module:
    network = build(c, shape, outputs)
    return c.hooks["network"](network) if "network" in c.hooks else network


def _outputs(c: Context, y: Tensor | np.ndarray) -> int:
    if c.task == "binary" and c.one_logit and c.style != "train":
        return 1
    if c.is_classes:
        return max(2, int(y.max()) + 1)
    return 1 if y.ndim == 1 else y.shape[1]


def _own_loop(c: Context, seed: int) -> Loop:
    parts = _scaled(c, seed)
    x, y, xv, yv = parts
    honest = Context(**{**vars(c), "hooks": {}})
    classes = torch.from_numpy(SOURCES[c.source].make(seed, c.rows, c.level)[1]) if c.is_classes else y
    network = _network(c, tuple(x.shape[1:]), _outputs(honest, classes))
    held = c.hooks["held"](network) if "held" in c.hooks else list(network.parameters())
    optimizer = OPTIMIZERS[c.optimizer](held, c)
    loss_of = criterion(c)

    def loop(watch: Any) -> Any:
        with watch(network, optimizer=optimizer) as evidence:
            train = loops.STYLES[c.style](c, network, optimizer, loss_of, x, y)
            for epoch in range(c.epochs):
                mean = train(epoch)
                last = epoch == c.epochs - 1
                if (
                    c.evaluates == "each"
                    or (last and c.evaluates == "end")
                    or (c.evaluates == "fifth" and epoch % 5 == 4)
                ):
                    loops.mode(c, network, training=False)
                    with torch.no_grad():
                        output = loops.judged(c, network, xv)
                        say(evidence, c.says, mean, {"loss": float(loss_of(output, yv)), **scores(c, output, yv)})
                elif c.says != "nothing":
                    evidence.log(loss=mean)
        loops.mode(c, network, training=False)
        with torch.no_grad():
            output = network(xv)
            return told(evidence, loss=float(loss_of(output, yv)), **scores(c, output, yv))

    return Loop(loop, parts)


def _by_recipe(c: Context, seed: int) -> Training:
    x, y, xv, yv = data(c, seed)
    network = _network(c, x.shape[1:], _outputs(c, SOURCES[c.source].make(seed, c.rows, c.level)[1]))
    settings: dict[str, Any] = {
        "optimizer": "momentum" if c.optimizer == "heavy" else c.optimizer,
        "learning_rate": c.rate,
        "batch_size": c.batch,
        "epochs": c.epochs,
        "weight_decay": c.decay,
        "early_stopping": c.early_stopping,
    }
    if c.optimizer in ("momentum", "nesterov", "heavy"):
        settings["momentum"] = c.momentum
    if c.clip:
        settings["clip_norm"] = c.clip
    if c.schedule in ("step", "cosine", "exponential"):
        settings["schedule"] = c.schedule
    if "order" in c.hooks:
        order = c.hooks["order"](torch.from_numpy(y)).numpy()
        x, y, settings["shuffle"] = x[order], y[order], False
    all_x, all_y = np.concatenate([x, xv]), np.concatenate([y, yv])
    given = parted(
        *(all_x, all_y, seed, np.arange(len(y), len(all_y))),
        scaling="standard" if c.scale else "none",
        **({} if c.is_classes else {"target_scaling": "standard" if c.scale_targets else "none"}),
    )
    return Training(network, given, settings)
