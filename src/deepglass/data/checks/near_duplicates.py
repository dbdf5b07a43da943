"""Near duplicates: validation or test examples that are almost those of another split, such as a picture saved again."""

from collections.abc import Iterator

import numpy as np
import torch

from deepglass.data.checks.duplicates import across
from deepglass.data.checks.near import near_pairs
from deepglass.data.checks.outliers import robust_distance
from deepglass.data.checks.problem import Problem
from deepglass.data.checks.view import View

# Root mean square difference, in deviations of a pixel over all training images. Saving pictures of CIFAR-10 as JPEG once
# more makes 0.02 to 0.07 (quality 95); the nearest different images are 0.11 apart in digits, 0.13 in MNIST, 0.23 in CIFAR-10.
NEAR_IMAGES = 0.08
# The same of a row, in robust deviations of each column: a number written with fewer digits. Larger would meet by chance.
NEAR_NUMBERS = 1e-3
FEWEST_COLUMNS = 4  # in fewer dimensions points lie close by chance: two points of the plane say nothing
THUMBNAIL = 8  # pixels a side, for the search; what is found is compared at full size
SLACK = 1.25  # thumbnails are never farther apart than images where cells are of one size; about so where they are not
CHUNK = 2048  # pairs compared at a time
FARTHEST = 1e6  # deviations; a missing value stands at twice that, apart from all others
CATEGORY = 1.0  # a category that differs is at least this far, in deviations: never near


def near_duplicates(view: View) -> Iterator[Problem]:
    """Search the nearest of the splits before for every held-out example, over inputs alone."""
    if len(view.images) == 1 and len(view.dataset.inputs) == 1:
        parts = next(iter(view.images.values()))
        full = {s: p.reshape(len(p), -1).float().numpy() for s, p in parts.items() if len(p)}
        if "train" not in full:
            return
        contrast = float(full["train"].std()) or 1.0
        short = {s: _thumbnails(parts[s]) / contrast for s in full}
        yield from _search(view, full, short, contrast, NEAR_IMAGES)
    elif not view.images and len(view.columns) >= FEWEST_COLUMNS:
        full = {s: np.stack(p, axis=1) for s, p in _scaled(view).items()}
        yield from _search(view, full, full, 1.0, NEAR_NUMBERS)


def _search(
    view: View, full: dict[str, np.ndarray], short: dict[str, np.ndarray], unit: float, near: float
) -> Iterator[Problem]:
    """Search by the short vectors, compare by the full ones; equal examples are left to the check for duplicates."""
    for split, earlier in (("validation", ("train",)), ("test", ("train", "validation"))):
        before = [s for s in earlier if s in full and len(full[s])]
        if split not in full or not len(full[split]) or not before:
            continue
        known = np.concatenate([full[s] for s in before])
        ids = np.concatenate([view.ids[s] for s in before])
        radius = near * np.sqrt(short[split].shape[1]) * SLACK
        held, other = near_pairs(short[split], np.concatenate([short[s] for s in before]), radius)
        found: dict[int, int] = {}
        for start in range(0, len(held), CHUNK):
            h, o = held[start : start + CHUNK], other[start : start + CHUNK]
            difference = np.sqrt(((full[split][h] - known[o]) ** 2).mean(axis=1)) / unit
            for i in np.flatnonzero((difference <= near) & (difference > 0)):
                found.setdefault(int(h[i]), int(o[i]))
        if found:
            pairs = [(int(ids[o]), int(view.ids[split][h])) for h, o in sorted(found.items())]
            yield across("near_duplicates", "nearly the same inputs as", split, pairs, len(full[split]))


def _thumbnails(images: torch.Tensor) -> np.ndarray:
    """Grey pictures of 8 x 8 pixels, as vectors. Shapes: images (n, channels, height, width); returns (n, 64 or fewer)."""
    height, width = (min(THUMBNAIL, side) for side in images.shape[2:])
    grey = images.float().mean(dim=1, keepdim=True)
    return torch.nn.functional.adaptive_avg_pool2d(grey, (height, width)).flatten(1).double().numpy()


def _scaled(view: View) -> dict[str, list[np.ndarray]]:
    """The columns of each split in robust deviations, with categories so far apart that they are never near."""
    parts: dict[str, list[np.ndarray]] = {s: [] for s in view.ids}
    apart = CATEGORY * np.sqrt(len(view.columns))
    for column in view.columns:
        unit = 1 / apart if column.kind == "category" else _deviation(column.present)
        for split, values in column.values.items():
            parts[split].append(np.nan_to_num(values / unit, nan=2 * FARTHEST).clip(-FARTHEST, 2 * FARTHEST))
    return parts


def _deviation(values: np.ndarray) -> float:
    """One robust deviation of a column, or its standard deviation, or 1, whichever there is first."""
    if not len(values):
        return 1.0
    distance = robust_distance(values)
    far = int(np.argmax(distance))
    if distance[far] > 0:
        return float(abs(values[far] - np.median(values)) / distance[far])
    return float(values.std()) or 1.0
