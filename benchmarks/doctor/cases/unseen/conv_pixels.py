"""Unseen faults of convolutional networks that answer with numbers or pictures, in loops of people's own."""

import numpy as np
import torch
from case import Loop, fault
from torch import Tensor, nn
from torch.nn import functional as F

from cases.fresh.loop import measured
from cases.unseen.conv_material import cells, digits, overlap, parts, say, scans

PIXELS = {"by": "code", "metric": "f1"}


class TinyUNet(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.down1 = nn.Conv2d(1, width, 3, padding=1)
        self.down2 = nn.Conv2d(width, 2 * width, 3, padding=1)
        self.up1 = nn.Conv2d(3 * width, width, 3, padding=1)
        self.last = nn.Conv2d(width, 1, 1)

    def forward(self, x):
        fine = F.relu(self.down1(x))
        coarse = F.relu(self.down2(F.max_pool2d(fine, 2)))
        wide = F.interpolate(coarse, scale_factor=2, mode="nearest")
        return self.last(F.relu(self.up1(torch.cat([fine, wide], dim=1))))


def train_pixels(net, data, optimizer, criterion, *, epochs, size=16, judged=overlap, says="all"):
    """Train for pixels. The criterion takes outputs and targets as they come."""
    x, y, x_val, y_val = data

    def run(watch):
        with watch(net, optimizer=optimizer) as evidence:
            for _ in range(epochs):
                net.train()
                running = 0.0
                for idx in torch.randperm(len(x)).split(size):
                    optimizer.zero_grad()
                    loss = criterion(net(x[idx]), y[idx])
                    loss.backward()
                    optimizer.step()
                    running += loss.item() * len(idx)
                net.eval()
                with torch.no_grad():
                    output = net(x_val)
                say(evidence, says, running / len(x), judged(output, y_val))
        return evidence

    return Loop(run, data)


def dice(output: Tensor, mask: Tensor) -> Tensor:
    p = output.squeeze(1).sigmoid()
    return (2 * (p * mask).sum() + 1) / (p.sum() + mask.sum() + 1)


@fault(kind="ascends", also=("wrong_loss",), repair="1 - dice", **PIXELS, level=0.905)
def cells_by_dice(seed: int, mended: bool) -> Loop:
    net = TinyUNet()
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    criterion = (lambda o, y: 1 - dice(o, y)) if mended else dice
    return train_pixels(net, parts(cells(seed), seed, scale=False), optimizer, criterion, epochs=12)


@fault(kind="broadcast", where="loss", repair="output.squeeze(1)", **PIXELS, level=0.934)
def cells_by_squares(seed: int, mended: bool) -> Loop:
    net = TinyUNet()
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3)

    def squares(output, mask):
        output = output.squeeze(1) if mended else output
        return ((output - (2 * mask - 1)) ** 2).mean()

    data = parts(cells(seed, most=4), seed, scale=False)
    return train_pixels(net, data, optimizer, squares, epochs=12, size=12, says="train")


@fault(kind="imbalance", also=("class_never_predicted",), repair="pos_weight", where="pixels", **PIXELS, level=0.606)
def cells_in_a_large_field(seed: int, mended: bool) -> Loop:
    net = nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 1)),
    )
    x, y = cells(seed, count=160, side=28, most=1)
    x = x + torch.randn(x.shape, generator=torch.Generator().manual_seed(seed)).mul(0.5).numpy()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    weight = torch.tensor(8.0 if mended else 1.0)

    def criterion(output, mask):
        return F.binary_cross_entropy_with_logits(output.squeeze(1), mask, pos_weight=weight)

    return train_pixels(net, parts((x, y), seed, scale=False), optimizer, criterion, epochs=16, size=16)


@fault(kind="log_of_zero", where="loss", repair="log1p", by="code", metric="r2", level=0.909)
def areas_by_logarithms(seed: int, mended: bool) -> Loop:
    net = nn.Sequential(
        *(nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3), nn.Conv2d(12, 12, 3, padding=1), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(192, 1), nn.Flatten(0)),
    )
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    logarithm = torch.log1p if mended else torch.log

    def rmsle(output, area):
        return ((output - logarithm(area)) ** 2).mean().sqrt()

    def judged(output, area):
        return measured(output, torch.log1p(area))

    x, y = scans(seed, 400)
    empty = np.random.default_rng(seed).random(400) < 0.06  # nothing was under the lens
    x[empty] = np.random.default_rng(seed).normal(0, 0.15, x[empty].shape)
    y = np.where(empty, 0, y / 100).astype(np.float32)
    return train_pixels(net, parts((x, y), seed, scale=False), optimizer, rmsle, epochs=20, judged=judged)


def denoiser(last=None):
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.LeakyReLU(0.1), nn.Conv2d(16, 16, 3, padding=1), nn.LeakyReLU(0.1)),
        *(nn.Conv2d(16, 1, 3, padding=1), *([last] if last else [])),
    )


def noisy_digits(seed, count=600):
    """Digits brought to mean 0 and deviation 1, (count, 1, 8, 8), with noise and without."""
    x, _ = digits(seed, count)
    clean = torch.from_numpy((x - x.mean()) / x.std())
    noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(seed))
    return parts(((clean + 0.7 * noise).numpy(), clean.numpy()), seed, scale=False)


@fault(kind="output_range", where="the last layer", repair="no ReLU", by="code", metric="r2", level=0.847)
def digits_cleaned_of_noise(seed: int, mended: bool) -> Loop:
    net = denoiser(None if mended else nn.ReLU())
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    return train_pixels(net, noisy_digits(seed), optimizer, nn.MSELoss(), epochs=12, judged=measured)


@fault(kind="dropout_on_output", where="the last layer", repair="none there", by="code", metric="r2", level=0.844)
def digits_cleaned_with_dropout(seed: int, mended: bool) -> Loop:
    net = denoiser(None if mended else nn.Dropout(0.4))
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    data = noisy_digits(seed, 500)
    return train_pixels(net, data, optimizer, nn.SmoothL1Loss(), epochs=12, size=20, judged=measured, says="train")
