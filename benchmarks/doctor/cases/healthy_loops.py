"""Healthy loops: plain PyTorch as its tutorials show it, watched from outside."""

import torch
from case import Loop, healthy
from material import clouds, raw, shapes, table, tensors
from torch import nn
from torch.nn import functional


def _loop(network: nn.Module, parts, optimizer, epochs: int, schedule=None, clip: float | None = None) -> Loop:
    x, y, x_validation, y_validation = parts
    regression = y.is_floating_point()
    y, y_validation = (v[:, None] if regression else v for v in (y, y_validation))
    loss_of = functional.mse_loss if regression else functional.cross_entropy

    def loop(watch):
        with watch(network, optimizer=optimizer) as evidence:
            for _ in range(epochs):
                network.train()
                for batch in torch.randperm(len(x)).split(32):
                    optimizer.zero_grad()
                    loss_of(network(x[batch]), y[batch]).backward()
                    if clip:
                        nn.utils.clip_grad_norm_(network.parameters(), clip)
                    optimizer.step()
                if schedule:
                    schedule.step()
                network.eval()
                with torch.no_grad():
                    output = network(x_validation)
                loss = loss_of(output, y_validation).item()
                if regression:
                    evidence.log(validation_loss=loss, validation_r2=1 - loss / y_validation.var().item())
                else:
                    right = (output.argmax(1) == y_validation).float().mean().item()
                    evidence.log(validation_loss=loss, validation_accuracy=right)
        return evidence

    return Loop(loop, parts)


@healthy(metric="accuracy", ceiling="digits are nearly separable by planes")
def digits_in_a_loop(seed: int) -> Loop:
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    return _loop(network, tensors(*raw("digits"), seed), torch.optim.Adam(network.parameters(), lr=1e-3), 20)


@healthy(metric="accuracy")
def clouds_in_a_loop(seed: int) -> Loop:
    network = nn.Sequential(
        nn.Linear(8, 64), nn.Tanh(), nn.Dropout(0.2), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 4)
    )
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    return _loop(network, tensors(*clouds(seed), seed), optimizer, 25)


@healthy(metric="r2")
def table_in_a_loop(seed: int) -> Loop:
    x, y = table(seed)
    network = nn.Sequential(nn.Linear(8, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1))
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3)
    return _loop(network, tensors(x, (y - y.mean()) / y.std(), seed), optimizer, 30, clip=5.0)


@healthy(metric="accuracy")
def shapes_in_a_loop(seed: int) -> Loop:
    network = nn.Sequential(
        *(nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(inplace=True), nn.Conv2d(8, 16, 3), nn.BatchNorm2d(16)),
        *(nn.ReLU(inplace=True), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(64, 4)),
    )
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 14)
    return _loop(network, tensors(*shapes(seed), seed), optimizer, 14, schedule)
