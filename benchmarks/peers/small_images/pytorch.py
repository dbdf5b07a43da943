"""PyTorch: the ordinary loop."""

import torch
from clock import Clock, Size

from peers.pytorch import fit
from peers.small_images import NETWORKS, images


def convnet(size: Size, clock: Clock) -> None:
    run("convnet", size, clock)


def resnet20(size: Size, clock: Clock) -> None:
    run("resnet20", size, clock)


def vgg11(size: Size, clock: Clock) -> None:
    run("vgg11", size, clock)


def run(name: str, size: Size, clock: Clock) -> None:
    data = images(size)
    torch.manual_seed(size.seed)
    clock.start()
    fit(NETWORKS[name](), data, size, clock)
    clock.end()
