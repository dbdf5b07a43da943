"""Expert: resident tensors, fused Adam, bf16 and channels last."""

import torch
from clock import Clock, Size

from peers.expert import fit
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
    network = NETWORKS[name]().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    fit(network, data, size, clock, low_precision=True)
    clock.end()
