"""Material of the real cases: data like those that people had, Keras' ways (starting weights, losses, fit), and scores."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from case import Loop
from sklearn import datasets
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from deepglass.probes import Evidence

Made = tuple[np.ndarray, np.ndarray]
Parts = tuple[Tensor, Tensor, Tensor, Tensor]  # inputs and targets of training, then of validation


def keras(net: nn.Module, start: str = "glorot") -> nn.Module:
    """Start a network as Keras does: biases 0, weights "glorot" (uniform), "uniform" (to 0.05) or "normal" (deviation 0.05)."""
    for part in net.modules():
        if isinstance(part, nn.Linear | nn.Conv1d | nn.Conv2d):
            if start == "glorot":
                nn.init.xavier_uniform_(part.weight)
            elif start == "uniform":
                nn.init.uniform_(part.weight, -0.05, 0.05)
            else:
                nn.init.normal_(part.weight, std=0.05)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
    return net


def binary_crossentropy(p: Tensor, y: Tensor) -> Tensor:
    """Keras' loss of probabilities (batch, 1), clipped as Keras clips them."""
    p = p.reshape(len(y)).clamp(1e-7, 1 - 1e-7)
    return -(y * p.log() + (1 - y) * (1 - p).log()).mean()


def categorical_crossentropy(p: Tensor, y: Tensor) -> Tensor:
    """Keras' loss of probabilities (batch, classes), made to sum to 1 and clipped; y are class numbers."""
    p = (p / p.sum(1, keepdim=True)).clamp(1e-7, 1 - 1e-7)
    return F.nll_loss(p.log(), y)


def mean_squared_error(output: Tensor, y: Tensor) -> Tensor:
    """Keras' loss of numbers; targets (batch,) stand in a column, as Keras puts them."""
    return F.mse_loss(output, y.float().reshape(output.shape))


def mean_absolute_error(output: Tensor, y: Tensor) -> Tensor:
    """Keras' other loss of numbers."""
    return F.l1_loss(output, y.float().reshape(output.shape))


def cut(made: tuple[Any, Any], seed: int, *, scale: bool = False, share: float = 0.25) -> Parts:
    """Mix, and cut off a share for validation; `scale` brings columns to mean 0 and deviation 1 in training."""
    x, y = (torch.as_tensor(np.asarray(part)) for part in made)
    x, y = x.float() if x.is_floating_point() else x, y.float() if y.is_floating_point() else y
    order = torch.from_numpy(np.random.default_rng(seed + 5).permutation(len(y)))
    rest, first = order[: int(share * len(y))], order[int(share * len(y)) :]
    if scale:
        spread, centre = torch.std_mean(x[first], dim=0)
        x = (x - centre) / spread.clamp_min(1e-6)
    return x[first], y[first], x[rest], y[rest]


def fitted(
    net: nn.Module,
    opt: torch.optim.Optimizer,
    criterion: Callable[[Tensor, Tensor], Tensor],
    data: Parts,
    *,
    epochs: int,
    batch: int = 32,
    score: str = "accuracy",
    says: str = "validation",
) -> Loop:
    """What `model.fit` does, as a loop. `says`: whether "validation" too, "training" alone or "nothing" is printed."""
    x, y, xv, yv = data

    def loop(watch):
        batches = DataLoader(TensorDataset(x, y), batch_size=batch, shuffle=True)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(epochs):
                net.train()
                total = 0.0
                for xb, yb in batches:
                    opt.zero_grad()
                    loss = criterion(net(xb), yb)
                    loss.backward()
                    opt.step()
                    total += loss.item() * len(yb) / len(y)
                net.eval()
                with torch.no_grad():
                    output = net(xv)
                    seen = {"validation_loss": criterion(output, yv).item()}
                if says == "validation":
                    evidence.log(loss=total, **seen)
                elif says == "training":
                    evidence.log(loss=total)
        return told(evidence, loss=seen["validation_loss"], **{score: SCORES[score](output, yv)})

    return Loop(loop, data)


def accuracy(output: Tensor, y: Tensor) -> float:
    """The share that is right, of numbers per class (rows, classes), or of one probability a row."""
    one = output.ndim == 1 or output.shape[1] == 1
    named = (output.reshape(len(y)) > 0.5).long() if one else output.argmax(1)
    return float((named == y.long()).float().mean())


def right(output: Tensor, y: Tensor) -> float:
    """The share that is right, of one logit a row."""
    return float(((output.reshape(len(y)) > 0) == (y > 0.5)).float().mean())


def bits(output: Tensor, y: Tensor) -> float:
    """The mean over rows and tags of what is right, of probabilities (rows, tags)."""
    return float(((output > 0.5) == (y > 0.5)).float().mean())


def balanced(output: Tensor, y: Tensor) -> float:
    """The mean over two classes of the share that is right, of one probability a row."""
    return sum(accuracy(output[y == c], y[y == c]) for c in (0, 1)) / 2


def r2(output: Tensor, y: Tensor) -> float:
    """The share of the variance that is explained, over all targets."""
    output, y = output.detach(), y.float()
    output = output if output.shape == y.shape or output.numel() != y.numel() else output.reshape(y.shape)
    if output.shape != y.shape:
        output = output.mean(1)
    return float(1 - (output - y).square().sum() / (y - y.mean(0)).square().sum())


SCORES = {"accuracy": accuracy, "right": right, "bits": bits, "balanced_accuracy": balanced, "r2": r2}


def told(evidence: Any, **scores: float) -> Any:
    """Hand the evidence back; a bare log, by which cases are verified, is told the scores that nobody printed."""
    if not isinstance(evidence, Evidence):
        evidence.log(**{f"validation_{name}": value for name, value in scores.items()})
    return evidence


def blobs(seed: int, rows: int, columns: int, classes: int = 2, informative: int = 2, apart: float = 1.0) -> Made:
    """Draw scikit-learn's make_classification, which the studies put in place of data that nobody has."""
    x, y = datasets.make_classification(
        *(rows, columns), n_classes=classes, n_informative=informative, class_sep=apart, random_state=seed
    )
    return x.astype(np.float32), y


def regression(seed: int, rows: int, columns: int, targets: int = 1) -> Made:
    """Draw scikit-learn's make_regression: columns of deviation 1, targets of deviation about 100 and more."""
    x, y = datasets.make_regression(rows, columns, n_targets=targets, noise=3.0, random_state=seed)
    return x.astype(np.float32), y.astype(np.float32)


def digits(seed: int, rows: int = 1797, most: float = 1.0) -> Made:
    """Draw some of the digits (rows, 64), 0 to `most`."""
    x, y = datasets.load_digits(return_X_y=True)
    some = np.random.default_rng(seed).permutation(len(y))[:rows]
    return (x[some] * most / 16).astype(np.float32), y[some]


def pictures(seed: int, rows: int = 600, side: int = 12, most: float = 1.0) -> Made:
    """Draw coloured pictures (rows, 3, side, side), 0 to `most`, of four things: stripes across, stripes down, a disc, a frame."""
    random = np.random.default_rng(seed)
    y = random.integers(4, size=rows)
    down, across = np.mgrid[0:side, 0:side]
    x = np.empty((rows, 3, side, side), np.float32)
    for i, kind in enumerate(y):
        shift, middle = random.integers(4), random.uniform(4, side - 4, 2)
        away = np.hypot(down - middle[0], across - middle[1])
        shape = (
            (down + shift) % 4 < 2,
            (across + shift) % 4 < 2,
            away < 3,
            np.maximum(abs(down - middle[0]), abs(across - middle[1])).round() == 3,
        )[kind]
        ground, ink = random.uniform(0, 0.5, 3), random.uniform(0.5, 1, 3)
        x[i] = np.where(shape, ink[:, None, None], ground[:, None, None]) + 0.1 * random.standard_normal(
            (3, side, side)
        )
    return (x.clip(0, 1) * most).astype(np.float32), y


def pima(seed: int, rows: int = 768) -> Made:
    """Draw patients (rows, 8) in their units, as in the Pima table, and whether they are diabetic, a third of them."""
    random = np.random.default_rng(seed)
    births, age = random.poisson(3.8, rows), 21 + random.gamma(1.2, 10, rows)
    sugar, pressure = random.normal(121, 31, rows), random.normal(70, 15, rows)
    skin, insulin = random.gamma(2, 10, rows), random.gamma(1.2, 80, rows)
    weight, family = random.normal(32, 7, rows), random.gamma(2, 0.24, rows)
    odds = 0.04 * (sugar - 121) + 0.1 * (weight - 32) + 1.2 * (family - 0.47) + 0.12 * (births - 3.8) - 0.9
    odds += 1.2 * ((age > 35) & (age < 60)) + 0.8 * random.standard_normal(rows)
    x = np.stack([births, sugar, pressure, skin, insulin, weight, family, age], 1)
    return x.astype(np.float32), (random.random(rows) < 1 / (1 + np.exp(-1.5 * odds))).astype(np.int64)


def houses(seed: int, rows: int = 506) -> Made:
    """Draw places (rows, 13) with columns as unlike as those of the Boston table, and prices in thousands, 5 to 50."""
    random = np.random.default_rng(seed)
    base = random.standard_normal((rows, 13))
    base[:, 1:] += 0.6 * base[:, :1]
    y = 22 - 4 * base[:, 12] + 5 * np.maximum(base[:, 5], 0) - 1.5 * base[:, 4] + 2 * np.tanh(base[:, 7]) * base[:, 5]
    y = (y + 1.5 * random.standard_normal(rows)).clip(5, 50)
    spread = np.array([8, 23, 7, 0.25, 0.11, 0.7, 28, 2.1, 8.7, 168, 2.2, 91, 7.1])
    x = base * spread + np.array([3.6, 11, 11, 0.07, 0.55, 6.3, 68, 3.8, 9.5, 408, 18, 356, 12.6])
    return x.astype(np.float32), y.astype(np.float32)


def reviews(seed: int, rows: int = 800, words: int = 200, length: int = 16) -> Made:
    """Draw reviews (rows, length) as numbers of words, the commoner the smaller; some words praise, some blame."""
    random = np.random.default_rng(seed)
    worth = random.choice([-1, 0, 0, 0, 1], words) * (np.arange(words) > 20)
    often = 1 / np.arange(2, words + 2) ** 0.6
    x = random.choice(words, (rows, length), p=often / often.sum())
    y = worth[x].sum(1) + 0.3 * random.standard_normal(rows)
    return x, (y > np.median(y)).astype(np.int64)
