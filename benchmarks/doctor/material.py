"""Material: the data and networks that cases are made of; embedded in the package, or generated here."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

import deepglass as dg
from deepglass.data.source import Source, categories, images, numbers

SIDE = 12  # pixels of a generated picture
COLUMNS = 8  # of the generated table; three of them say nothing


def mlp(*hidden: int, **options: Any) -> dict[str, Any]:
    return {"name": "mlp", "hidden": list(hidden), **options}


def convnet(*filters: int, **options: Any) -> dict[str, Any]:
    return {"name": "convnet", "filters": list(filters), "padding": "same", "dropout": 0.0, **options}


def known(name: str, seed: int, **settings: Any) -> dg.Dataset:
    """Load a built-in set; its splits, and its points where they are drawn, follow the seed."""
    drawn = name in ("moons", "spirals", "circles", "xor", "gaussians", "plane", "gaussian")
    options = {"seed": seed, **settings.pop("options", {})} if drawn else settings.pop("options", {})
    return dg.load(name, split_seed=seed, options=options, **settings)


def arrays(x: Any, y: Any, seed: int, **settings: Any) -> dg.Dataset:
    return dg.load((x, y), split_seed=seed, **settings)


def parted(x: np.ndarray, y: np.ndarray, seed: int, validation: np.ndarray, **settings: Any) -> dg.Dataset:
    """Make data whose validation examples are stated (indices); every fifth of the others is for the test."""
    others = np.setdiff1d(np.arange(len(y)), validation)
    splits = {"train": others[others % 5 > 0], "validation": validation, "test": others[others % 5 == 0]}
    raw = images(x) if x.ndim == 4 else numbers(x.astype(np.float32))
    target = categories(y, range(int(y.max()) + 1)) if y.dtype.kind == "i" else numbers(y.astype(np.float32))
    return dg.load(
        Source("arrays", {"x": raw, "y": target}, ("x",), ("y",), splits=splits), split_seed=seed, **settings
    )


def raw(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets of a built-in set as plain arrays."""
    source = dg.load(name).source
    return np.asarray(source.fields[source.inputs[0]].values), np.asarray(source.fields[source.targets[0]].values)


def table(seed: int, rows: int = 600, noise_std: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Draw a table with a number to predict (deviation about 5). Source: Friedman, Annals of Statistics, 1991."""
    random = np.random.default_rng(seed)
    x = random.random((rows, COLUMNS))
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    return x.astype(np.float32), (y + noise_std * random.standard_normal(rows)).astype(np.float32)


def clouds(seed: int, rows: int = 800, classes: int = 4, spread: float = 0.6) -> tuple[np.ndarray, np.ndarray]:
    """Draw a table of classes, each of three round clouds among those of the others."""
    random = np.random.default_rng(seed)
    centres = random.uniform(-2, 2, (3 * classes, COLUMNS))
    cloud = random.integers(3 * classes, size=rows)
    x = centres[cloud] + spread * random.standard_normal((rows, COLUMNS))
    return x.astype(np.float32), (cloud % classes).astype(np.int64)


def rare(seed: int, rows: int = 1500, share: float = 0.06) -> tuple[np.ndarray, np.ndarray]:
    """Draw a table of two classes, of which the second is rare and lies around the rim of the first."""
    random = np.random.default_rng(seed)
    y = (random.random(rows) < share).astype(np.int64)
    x = random.standard_normal((rows, 5))
    x[:, :2] = np.where(y[:, None] == 1, 1.8, 0.8) * x[:, :2]
    x[:, 2] += 1.2 * y
    return x.astype(np.float32), y


def shapes(seed: int, count: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Draw grey pictures (count, 1, SIDE, SIDE) uint8 of a bar, a post, a cross or a frame, anywhere, with noise."""
    random = np.random.default_rng(seed)
    y = random.integers(4, size=count)
    x = random.normal(40, 15, (count, SIDE, SIDE))
    for picture, kind in zip(x, y):
        top, left = random.integers(0, SIDE - 5, 2)
        ink = random.uniform(90, 180)
        if kind in (0, 2):
            picture[top + 2, left : left + 5] += ink
        if kind in (1, 2):
            picture[top : top + 5, left + 2] += ink
        if kind == 3:
            picture[[top, top + 4], left : left + 5] += ink
            picture[top + 1 : top + 4, [left, left + 4]] += ink
    return x.clip(0, 255).astype(np.uint8)[:, None], y.astype(np.int64)


def coloured(seed: int, count: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Draw colour pictures with channels last, (count, SIDE, SIDE, 3) uint8; the shapes above, each in any colour."""
    x, y = shapes(seed, count)
    colour = np.random.default_rng(seed + 1000).uniform(0.3, 1, (count, 1, 1, 3))
    return (x.transpose(0, 2, 3, 1) * colour).astype(np.uint8), y


def wave(seed: int, rows: int = 500, periods: float = 2.0, noise_std: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Draw points (rows, 1) on a sine with noise."""
    random = np.random.default_rng(seed)
    x = random.uniform(-1, 1, (rows, 1))
    y = np.sin(np.pi * periods * x[:, 0]) + noise_std * random.standard_normal(rows)
    return x.astype(np.float32), y.astype(np.float32)


def tensors(x: np.ndarray, y: np.ndarray, seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Split 3 to 1 and scale the inputs, as people do in a script: training inputs and targets, then validation's."""
    mixed = torch.from_numpy(np.random.default_rng(seed).permutation(len(y)))
    inputs = torch.tensor(np.asarray(x, dtype=np.float32))
    targets = torch.tensor(np.asarray(y, dtype=np.int64 if y.dtype.kind in "iu" else np.float32))
    cut = 3 * len(y) // 4
    spread, centre = torch.std_mean(inputs[mixed[:cut]], dim=0)
    inputs = (inputs - centre) / spread.clamp_min(1e-3)
    return inputs[mixed[:cut]], targets[mixed[:cut]], inputs[mixed[cut:]], targets[mixed[cut:]]
