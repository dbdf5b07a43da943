"""Loops: a step is missing, turned round or in the wrong place, or examples come sorted."""

import numpy as np
import torch
from case import Loop, Training, fault, train
from material import arrays, clouds, convnet, mlp, raw, shapes, table, tensors
from torch import Tensor, nn
from torch.nn import functional


def _digits(seed: int):
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    return network, tensors(*raw("digits"), seed)


def _shapes(seed: int):
    network = nn.Sequential(
        *(
            nn.Conv2d(1, 8, 3),
            nn.ReLU(),
            nn.Conv2d(8, 16, 3),
            nn.ReLU(),
            nn.MaxPool2d(4),
            nn.Flatten(),
            nn.Linear(64, 4),
        )
    )
    return network, tensors(*shapes(seed), seed)


def _judged(network: nn.Module, x: Tensor, y: Tensor) -> dict[str, float]:
    """What a script prints after an epoch."""
    was = network.training
    network.eval()
    with torch.no_grad():
        output = network(x)
    network.train(was)
    right = (output.argmax(1) == y).float().mean().item()
    return {"validation_loss": functional.cross_entropy(output, y).item(), "validation_accuracy": right}


def _trained(
    network: nn.Module, parts, optimizer, *, clear: bool = True, sign: float = 1.0, step: bool = True, epochs: int = 12
) -> Loop:
    x, y, x_validation, y_validation = parts

    def loop(watch):
        with watch(network, optimizer=optimizer) as evidence:
            for _ in range(epochs):
                for batch in torch.randperm(len(x)).split(32):
                    if clear:
                        optimizer.zero_grad()
                    (sign * functional.cross_entropy(network(x[batch]), y[batch])).backward()
                    if step:
                        optimizer.step()
                evidence.log(**_judged(network, x_validation, y_validation))
        return evidence

    return Loop(loop)


NOT_CLEARED = {
    "kind": "gradients_not_cleared",
    "by": "code",
    "where": "the loop",
    "repair": "optimizer.zero_grad() before each backward()",
    "metric": "loss",
}


@fault(**NOT_CLEARED, level=0.445)
def digits_that_pile_up(seed: int, mended: bool) -> Loop:
    network, parts = _digits(seed)
    return _trained(network, parts, torch.optim.SGD(network.parameters(), lr=0.05), clear=mended)


@fault(**NOT_CLEARED, level=0.499)
def digits_that_pile_up_in_adam(seed: int, mended: bool) -> Loop:
    network, parts = _digits(seed)
    return _trained(network, parts, torch.optim.Adam(network.parameters(), lr=3e-3), clear=mended)


@fault(**NOT_CLEARED, level=0.033)
def shapes_that_pile_up(seed: int, mended: bool) -> Loop:
    network, parts = _shapes(seed)
    return _trained(network, parts, torch.optim.Adam(network.parameters(), lr=3e-3), clear=mended)


@fault(kind="ascends", by="code", where="the loop", repair="leave the minus out", metric="accuracy", level=0.91)
def digits_uphill(seed: int, mended: bool) -> Loop:
    network, parts = _digits(seed)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.02)
    return _trained(network, parts, optimizer, sign=1.0 if mended else -1.0)


def gain(output: Tensor, target: Tensor) -> Tensor:
    return -functional.cross_entropy(output, target)


def cost(output: Tensor, target: Tensor) -> Tensor:
    return functional.cross_entropy(output, target)


@fault(
    kind="ascends",
    also=("output_range", "wrong_loss"),
    by="code",
    where="loss",
    repair="the loss without the minus",
    metric="accuracy",
    level=0.94,
)
def shapes_uphill(seed: int, mended: bool) -> Training:
    settings = {"epochs": 12, "learning_rate": 3e-3, "early_stopping": False}
    return train(convnet(8, 16), arrays(*shapes(seed), seed), loss=cost if mended else gain, **settings)


@fault(
    kind="no_steps",
    also=("frozen",),
    by="code",
    where="the loop",
    repair="optimizer.step() after each backward()",
    metric="accuracy",
    level=0.96,
)
def digits_without_a_step(seed: int, mended: bool) -> Loop:
    network, parts = _digits(seed)
    return _trained(network, parts, torch.optim.Adam(network.parameters(), lr=1e-3), step=mended)


@fault(
    kind="no_steps",
    also=("frozen",),
    by="code",
    where="the loop",
    repair="optimizer.step() after each backward()",
    metric="accuracy",
    level=0.93,
)
def clouds_without_a_step(seed: int, mended: bool) -> Loop:
    network = nn.Sequential(nn.Linear(8, 32), nn.Tanh(), nn.Linear(32, 4))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    return _trained(network, tensors(*clouds(seed), seed), optimizer, step=mended, epochs=15)


@fault(
    kind="no_steps",
    also=("unfinished", "rate_too_low"),
    by="code",
    where="the loop: one step an epoch, with the gradient of its last batch",
    repair="move optimizer.step() into the inner loop",
    metric="accuracy",
    level=0.99,
)
def shapes_with_a_step_an_epoch(seed: int, mended: bool) -> Loop:
    network, (x, y, x_validation, y_validation) = _shapes(seed)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)

    def loop(watch):
        with watch(network, optimizer=optimizer) as evidence:
            for _ in range(15):
                for batch in torch.randperm(len(x)).split(32):
                    optimizer.zero_grad()
                    functional.cross_entropy(network(x[batch]), y[batch]).backward()
                    if mended:
                        optimizer.step()
                optimizer.step()
                evidence.log(**_judged(network, x_validation, y_validation))
        return evidence

    return Loop(loop)


@fault(
    kind="mode_gap",
    by="code",
    where="dropout, which is left on while measuring",
    repair="network.eval() before measuring",
    metric="accuracy",
    level=0.95,
)
def digits_measured_in_training_mode(seed: int, mended: bool) -> Loop:
    _, (x, y, x_validation, y_validation) = _digits(seed)
    hidden = [layer for size in (64, 48) for layer in (nn.Linear(size, 48), nn.ReLU(), nn.Dropout(0.5))]
    network = nn.Sequential(nn.Flatten(), *hidden, nn.Linear(48, 10))
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)

    def loop(watch):
        with watch(network, optimizer=optimizer) as evidence:
            for _ in range(15):
                network.train()
                for batch in torch.randperm(len(x)).split(32):
                    optimizer.zero_grad()
                    functional.cross_entropy(network(x[batch]), y[batch]).backward()
                    optimizer.step()
                if mended:
                    network.eval()
                with torch.no_grad():
                    output = network(x_validation)
                right = (output.argmax(1) == y_validation).float().mean().item()
                loss = functional.cross_entropy(output, y_validation).item()
                evidence.log(validation_loss=loss, validation_accuracy=right)
        return evidence

    return Loop(loop)


SORTED = {"kind": "sorted_batches", "metric": "accuracy", "where": "the order of the examples"}


@fault(**SORTED, repair="recipe.shuffle=true", level=0.95)
def digits_in_order_of_class(seed: int, mended: bool) -> Training:
    x, y = raw("digits")
    order = np.argsort(y, kind="stable")
    settings = {"optimizer": "sgd", "learning_rate": 0.1, "epochs": 10, "shuffle": mended}
    return train(mlp(32), arrays(x[order], y[order], seed), **settings)


@fault(**SORTED, repair="recipe.shuffle=true", level=0.96)
def shapes_in_order_of_class(seed: int, mended: bool) -> Training:
    x, y = shapes(seed)
    order = np.argsort(y, kind="stable")
    settings = {"epochs": 12, "learning_rate": 3e-3, "shuffle": mended}
    return train(convnet(8, 16), arrays(x[order], y[order], seed), **settings)


@fault(
    kind="sorted_batches",
    by="code",
    where="the order of the examples",
    repair="mix the examples in each epoch",
    metric="accuracy",
    level=0.94,
)
def clouds_in_order_of_class(seed: int, mended: bool) -> Loop:
    x, y, x_validation, y_validation = tensors(*clouds(seed), seed)
    order = y.argsort(stable=True)
    x, y = x[order], y[order]
    network = nn.Sequential(nn.Linear(8, 48), nn.ReLU(), nn.Linear(48, 4))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)

    def loop(watch):
        with watch(network, optimizer=optimizer) as evidence:
            for _ in range(15):
                mixed = torch.randperm(len(x)) if mended else torch.arange(len(x))
                for batch in mixed.split(16):
                    optimizer.zero_grad()
                    functional.cross_entropy(network(x[batch]), y[batch]).backward()
                    optimizer.step()
                evidence.log(**_judged(network, x_validation, y_validation))
        return evidence

    return Loop(loop)


@fault(**(SORTED | {"metric": "r2"}), repair="recipe.shuffle=true", level=0.77)
def table_in_order_of_target(seed: int, mended: bool) -> Training:
    x, y = table(seed)
    order = np.argsort(y)
    settings = {"optimizer": "momentum", "learning_rate": 0.05, "epochs": 20, "shuffle": mended, "batch_size": 8}
    return train(mlp(32), arrays(x[order], y[order], seed), **settings)


@fault(
    kind="rate_too_high",
    by="code",
    where="optimizer",
    repair="a rate of 0.1",
    metric="accuracy",
    level=0.97,
)
def loop_with_long_steps(seed: int, mended: bool) -> Loop:
    network, parts = _digits(seed)
    return _trained(network, parts, torch.optim.SGD(network.parameters(), lr=0.1 if mended else 10.0), epochs=15)


@fault(
    kind="rate_too_low",
    by="code",
    where="optimizer",
    repair="a rate of 0.1",
    metric="accuracy",
    level=0.97,
)
def loop_with_short_steps(seed: int, mended: bool) -> Loop:
    network, parts = _digits(seed)
    return _trained(network, parts, torch.optim.SGD(network.parameters(), lr=0.1 if mended else 3e-4), epochs=15)
