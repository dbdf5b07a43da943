"""Expert: the loop of somebody who knows PyTorch well. Resident tensors, fused Adam, and for images bf16 and channels last."""

from contextlib import nullcontext

import torch
from arrays import Arrays, mnist
from clock import Clock, Size
from torch import nn
from torch.nn.functional import cross_entropy

from peers.pytorch import convnet_network, images, mlp_network

TEST_BATCH = 1000


def mlp(size: Size, clock: Clock) -> None:
    data = mnist(size.rows, size.tests)
    torch.manual_seed(size.seed)
    clock.start()
    fit(mlp_network(), data, size, clock)
    clock.end()


def convnet(size: Size, clock: Clock) -> None:
    data = images(size)
    torch.manual_seed(size.seed)
    clock.start()
    network = convnet_network().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    fit(network, data, size, clock, low_precision=True)
    clock.end()


def bare(size: Size, clock: Clock) -> None:
    """The arithmetic of the MLP's training and nothing else: no measuring, no saving, no word."""
    data = mnist(size.rows, size.tests)
    torch.manual_seed(size.seed)
    clock.start()
    fit(mlp_network(), data, size, clock, measuring=False)
    clock.end()


def fit(
    network: nn.Module, data: Arrays, size: Size, clock: Clock, *, low_precision: bool = False, measuring: bool = True
) -> None:
    x, y, test_x, test_y = map(torch.from_numpy, data)
    if low_precision:
        x, test_x = (v.contiguous(memory_format=torch.channels_last) for v in (x, test_x))
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, fused=True)

    def output(x: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16) if low_precision else nullcontext():
            result: torch.Tensor = network(x)
        return result.float()

    for _ in range(size.epochs):
        network.train()
        for ids in torch.randperm(len(x)).split(size.batch):
            loss = cross_entropy(output(x[ids]), y[ids])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        clock.trained()
        accuracy = None
        if measuring:
            network.eval()
            with torch.inference_mode():
                guesses = torch.cat([output(part).argmax(1) for part in test_x.split(TEST_BATCH)])
            accuracy = (guesses == test_y).float().mean().item()
        clock.epoch(accuracy)
