"""Small images: 32x32 photographs, and the networks that all contestants train on them, written in plain PyTorch."""

import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
from arrays import Arrays, mnist_folder
from clock import Size
from torch import Tensor, nn
from torch.nn import functional

CLASSES, SIDE = 10, 32
MEAN, DEVIATION = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)  # of CIFAR-10's training pixels from 0 to 1


def images(size: Size) -> Arrays:
    """Standardized photographs as float32, (examples, 3, 32, 32)."""
    data = image_bytes(size.rows, size.tests)
    mean, deviation = (np.array(v, np.float32)[:, None, None] for v in (MEAN, DEVIATION))
    x, test_x = ((pixels.astype(np.float32) / 255 - mean) / deviation for pixels in (data.x, data.test_x))
    return Arrays(x, data.y, test_x, data.test_y)


def image_bytes(rows: int, tests: int) -> Arrays:
    """Pixels 0 to 255: the first of CIFAR-10 in a fixed random order, or generated pictures of the same size."""
    pixels = kept_pixels()
    if pixels is None:
        return generated(rows, tests)
    train, test = places(rows, tests)
    return Arrays(pixels[train], label(train), pixels[test], label(test))


def places(rows: int, tests: int) -> tuple[np.ndarray, np.ndarray]:
    """Where those examples stand in the set: 50,000 for training, 5,000 of each class in turn, then 10,000 for the test."""
    random = np.random.default_rng(0)
    return random.permutation(50_000)[:rows], 50_000 + random.permutation(10_000)[:tests]


def label(place: np.ndarray) -> np.ndarray:
    return np.where(place < 50_000, place // 5_000, (place - 50_000) // 1_000).astype(np.int64)


def kept_pixels() -> np.ndarray | None:
    """The pixels that Deepglass keeps once it has decoded the JPEG copy; None where there is no copy.

    Raises: ImportError, where the copy has to be decoded first and Deepglass is not installed.
    """
    found = mnist_folder()
    if found is None or not (found.parent / "cifar10" / "cifar10-jpeg.tar.gz").exists():
        return None
    cache = Path(
        os.environ.get("DEEPGLASS_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "deepglass"
    )
    kept = sorted((cache.expanduser() / "datasets" / "cifar10").glob("jpeg-*.npy"))
    if not kept:
        import deepglass as dg

        dg.load("cifar10")
        return kept_pixels()
    return np.load(kept[0], mmap_mode="r")


def generated(rows: int, tests: int) -> Arrays:
    """Ten coloured waves with noise, to be told apart."""
    random = np.random.default_rng(0)
    y = random.integers(0, CLASSES, rows + tests)
    across, down = np.mgrid[:SIDE, :SIDE] / SIDE
    waves = np.stack([np.sin(2 * np.pi * ((k % 5 + 1) * across + (k // 5 * 2 + 1) * down)) for k in range(CLASSES)])
    noise = random.standard_normal((rows + tests, 3, SIDE, SIDE), dtype=np.float32)
    x = (128 + 40 * waves[y][:, None] + 60 * noise).clip(0, 255).astype(np.uint8)
    return Arrays(x[:rows], y[:rows], x[rows:], y[rows:])


def convnet_network() -> nn.Module:
    """The convnet of the Keras examples, with the 3x3 kernels and widths of its MNIST form, on colour images."""
    return nn.Sequential(
        *(nn.Conv2d(3, 32, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Dropout(0.5), nn.Linear(64 * 6 * 6, CLASSES)),
    )


class Block(nn.Module):
    """Two convolutions, and a shortcut without parameters (option A of the paper)."""

    def __init__(self, arriving: int, width: int) -> None:
        super().__init__()
        self.stride, self.extra = (1 if arriving == width else 2), width - arriving
        self.conv1 = nn.Conv2d(arriving, width, 3, self.stride, padding=1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(width), nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x)))))
        if self.extra:
            x = functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.extra))
        return functional.relu(x + y)


def resnet20_network() -> nn.Module:
    """He et al., arXiv:1512.03385, section 4.2."""
    widths = (16, 16, 16, 16, 32, 32, 32, 64, 64, 64)
    blocks = [Block(i, o) for i, o in pairwise(widths)]
    stem = (nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
    network = nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, CLASSES))
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    return network


def vgg11_network() -> nn.Module:
    """Configuration A of Simonyan and Zisserman, arXiv:1409.1556, with batch norm and one last layer, as is usual on 32x32."""
    layers: list[nn.Module] = []
    arriving = 3
    for width in (64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0):
        if not width:
            layers.append(nn.MaxPool2d(2))
            continue
        layers += [nn.Conv2d(arriving, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
        arriving = width
    return nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.5), nn.Linear(512, CLASSES))


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "convnet": convnet_network,
    "resnet20": resnet20_network,
    "vgg11": vgg11_network,
}
