"""Separation: how well a linear model tells the answer from what each layer gives, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.errors import SettingError
from deepglass.inside.activations import HANDS_ON, activations
from deepglass.inside.embedding import as_row
from deepglass.inside.of_data import INPUT, evenly, of_layer, opened
from deepglass.inside.undisturbed import plain

LIMIT = 1000  # examples to fit on, and to measure on
NUMBERS = 20_000_000  # of all examples of a layer together, 80 MB
MOST_LAYERS = 16  # of a deeper network every few
PENALTIES = (0.1, 1.0, 10.0, 100.0, 1000.0)  # of the ridge, chosen by leaving one out on the training examples
KINDS = ("category", "number")  # of targets


@dataclass(frozen=True)
class Separated:
    """One layer.

    Shapes: points (examples, 2): the measured examples on the plane of the layer's two strongest directions.
    Args: score: accuracy of the linear model on the measured examples, or R2 where the target is a number.
    """

    layer: str
    kind: str
    numbers: int
    score: float
    points: Tensor


@dataclass(frozen=True)
class Separation:
    """Every layer in its order, and what was measured.

    Shapes: targets (examples,): codes or numbers of the measured examples. Args: chance: score of an answer that heeds no input.
    """

    layers: tuple[Separated, ...]
    metric: str
    fitted_on: int
    split: str
    ids: Tensor
    targets: Tensor
    chance: float


def separation(network: nn.Module, data: Any, layers: list[str] | None = None, *, limit: int = LIMIT) -> Separation:
    """Fit a linear model on what each layer gives for training examples, and measure it on validation examples.

    Args: data: a Dataset, or what `load` takes. layers: only these (default: all that change numbers, 16 at most).
    Raises: SettingError, without a single category or number to tell, or without a validation split; UnknownName.
    Source: Alain and Bengio, "Understanding Intermediate Layers Using Linear Classifier Probes", arXiv:1610.01644; here by ridge
        regression, on columns of mean 0 and deviation 1.
    """
    network = plain(network)
    made, measured = opened(data, "validation")
    _, known = opened(made, "train")
    target = next(iter(made.targets.values()), None)
    if target is None or len(made.targets) > 1 or target.kind not in KINDS or target.shape not in ((), (1,)):
        raise SettingError(
            "A linear model on each layer tells one class or one number. This run has learned something else."
        )
    known, measured = evenly(known, limit), evenly(measured, limit)
    y, truth = (made.read(ids)[target.name].flatten() for ids in (known, measured))
    uneven = any(one.is_sequence for one in made.inputs.values())
    found = []
    for name, kind in _layers(network, made, layers):
        first = next(of_layer(network, made, known[:1], name)).values
        most = max(len(y.unique()), NUMBERS // max(1, first.numel()))
        some = evenly(torch.arange(len(known)), most)
        x = _rows(network, made, known[some], name, uneven)
        new = _rows(network, made, measured, name, uneven)
        if not (np.isfinite(x).all() and np.isfinite(new).all()):
            raise SettingError(
                f"The layer {name!r} gives numbers that are not finite. Train it anew with a smaller rate."
            )
        score, points = _told(x, y[some].numpy(), new, truth.numpy(), target.kind)
        found.append(Separated(name, kind, x.shape[1], score, torch.from_numpy(points)))
    chance = float(np.bincount(truth.numpy().astype(int)).max() / len(truth)) if target.kind == "category" else 0.0
    metric = "accuracy" if target.kind == "category" else "R2"
    return Separation(tuple(found), metric, len(known), "validation", measured, truth, chance)


def _layers(network: nn.Module, data: Any, asked: list[str] | None) -> list[tuple[str, str]]:
    """Names and kinds: the input first, unless it is text."""
    names = list(data.inputs)
    heard = activations(network, data.read(data.members("train")[:1]).pick(names), asked)
    found = [(name, one.kind) for name, one in heard.items() if asked or one.kind not in HANDS_ON]
    found = [found[int(k)] for k in evenly(torch.arange(len(found)), MOST_LAYERS)]
    text = any(data.fields[name].kind == "text" for name in names)
    return found if asked or text else [(INPUT, "as given"), *found]


def _rows(network: nn.Module, data: Any, ids: Tensor, layer: str, uneven: bool) -> np.ndarray:
    found: np.ndarray = torch.cat([as_row(heard, uneven) for heard in of_layer(network, data, ids, layer)]).numpy()
    return found


def _told(x: np.ndarray, y: np.ndarray, new: np.ndarray, truth: np.ndarray, kind: str) -> tuple[float, np.ndarray]:
    """The score on new rows, and these on the plane of the known rows' strongest directions."""
    from sklearn.decomposition import PCA
    from sklearn.linear_model import RidgeClassifierCV, RidgeCV
    from sklearn.preprocessing import StandardScaler

    if x.shape[1] == 2:
        points = new
    elif x.shape[1] == 1:  # one number an example: the other axis is empty
        points = np.concatenate([new, np.zeros_like(new)], axis=1)
    else:
        with np.errstate(invalid="ignore"):  # where all examples are alike there is no variance to explain
            points = PCA(2, random_state=0).fit(x).transform(new)
    scaler = StandardScaler().fit(x)
    model = (RidgeClassifierCV if kind == "category" else RidgeCV)(alphas=PENALTIES)
    score = float(model.fit(scaler.transform(x), y).score(scaler.transform(new), truth))
    return score, points.astype(np.float32)
