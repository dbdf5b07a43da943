"""Embedding: the examples as a layer sees them, laid out on a plane."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.errors import SettingError
from deepglass.inside.activations import HANDS_ON, Activation, activations
from deepglass.inside.listening import find_layer
from deepglass.inside.of_data import INPUT, evenly, of_layer, opened
from deepglass.inside.undisturbed import plain
from deepglass.names import find

LIMIT = 1000  # examples: what t-SNE lays out in seconds, and an eye can take in
NUMBERS = 20_000_000  # of all examples together, 80 MB; of a wider layer fewer examples are taken
FEWEST = 3  # examples that make a plane
PERPLEXITY = 30.0  # van der Maaten and Hinton: "typical values are between 5 and 50"


@dataclass(frozen=True)
class Embedding:
    """Examples on a plane.

    Shapes: points (examples, 2), ids (examples,). Args: explained: of PCA, the share of the variance along each axis.
    """

    layer: str
    method: str
    split: str
    points: Tensor
    ids: Tensor
    explained: tuple[float, float] | None
    features: int
    examples: int  # of the split; `ids` are some of them, evenly spread, where there are too many


def embedding(
    network: nn.Module,
    data: Any,
    layer: str | None = None,
    method: str = "pca",
    *,
    split: str = "validation",
    limit: int = LIMIT,
    seed: int = 0,
) -> Embedding:
    """Lay out what a layer gives for the examples of a split on a plane: close together what the layer sees as alike.

    Args:
        data: a Dataset, or what `load` takes. split: "validation" or "train"; the test split is behind glass.
        layer: as in `activations`, or "input" for what the network is given (default: the layer before the output layer).
        method: "pca" (straight; distances can be compared), "tsne" or "umap" (neighbours stay neighbours; distances between groups
            mean little). UMAP needs `pip install "deepglass[explain]"`.
        limit: examples at most, evenly spread.
    Raises: UnknownName; SettingError, when there are too few examples or umap-learn is not installed; DataError.
    Source: Pearson, "On Lines and Planes of Closest Fit", 1901; van der Maaten and Hinton, "Visualizing Data using t-SNE", JMLR
        2008; McInnes, Healy and Melville, "UMAP", arXiv:1802.03426.
    """
    work = find("embedding", method, METHODS)
    network = plain(network)
    made, ids = opened(data, split)
    name = layer or last_hidden(network, made)
    some = evenly(ids, limit)
    first = next(of_layer(network, made, some[:1], name)).values
    some = evenly(some, max(FEWEST, NUMBERS // max(1, first.numel())))
    if len(some) < FEWEST:
        raise SettingError(
            f"A plane needs {FEWEST} examples or more; the {split} split of {made.name} has {len(some)}."
        )
    uneven = any(one.is_sequence for one in made.inputs.values())
    rows = torch.cat([as_row(heard, uneven) for heard in of_layer(network, made, some, name)]).numpy()
    if not np.isfinite(rows).all():
        raise SettingError(
            f"The layer {name!r} gives numbers that are not finite, which cannot be laid out. Name another layer."
        )
    points, explained = work(rows, seed)
    flat = torch.from_numpy(np.ascontiguousarray(points, dtype=np.float32))
    return Embedding(name, method, split, flat, some, explained, rows.shape[1], len(ids))


def as_row(heard: Activation, uneven: bool) -> Tensor:
    """One row of numbers an example; of sequences of uneven length the mean of each unit over its steps."""
    if uneven and heard.values.ndim > 2:
        return heard.by_unit().float().flatten(2).nanmean(dim=2).nan_to_num(nan=0.0)
    return heard.values.flatten(1).float()


def last_hidden(network: nn.Module, data: Any) -> str:
    """The last layer with numbers of its own before the one that makes the output: of a network of a single layer, its input."""
    batch = data.read(data.members("train")[:1])
    heard = [n for n, one in activations(network, batch.pick(list(data.inputs))).items() if one.kind not in HANDS_ON]
    weighted = [i for i, name in enumerate(heard) if next(find_layer(network, name).parameters(), None) is not None]
    return heard[weighted[-1] - 1] if weighted and weighted[-1] > 0 else INPUT


def _pca(rows: np.ndarray, seed: int) -> tuple[np.ndarray, tuple[float, float]]:
    from sklearn.decomposition import PCA

    if rows.shape[1] < 2:  # one number an example: the other axis is empty
        rows = np.concatenate([rows, np.zeros_like(rows)], axis=1)
    fitted = PCA(2, random_state=seed)
    with np.errstate(invalid="ignore"):  # where all examples are alike there is no variance to explain
        points = fitted.fit_transform(rows.astype(np.float64))
    first, second = np.nan_to_num(fitted.explained_variance_ratio_)
    return points, (float(first), float(second))


def _tsne(rows: np.ndarray, seed: int) -> tuple[np.ndarray, None]:
    from sklearn.manifold import TSNE

    perplexity = min(PERPLEXITY, (len(rows) - 1) / 3)
    init = "pca" if rows.shape[1] >= 2 and np.ptp(rows, axis=0).any() else "random"
    return TSNE(2, perplexity=perplexity, init=init, random_state=seed).fit_transform(rows), None


def _umap(rows: np.ndarray, seed: int) -> tuple[np.ndarray, None]:
    try:
        from umap import UMAP
    except ImportError:
        raise SettingError(
            'method="umap" needs umap-learn. Install it: pip install "deepglass[explain]". Or use "pca" or "tsne".'
        ) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that a seed means one thread
        start = "spectral" if len(rows) > FEWEST else "random"  # three have too few eigenvectors to start from
        return UMAP(n_neighbors=min(15, len(rows) - 1), init=start, random_state=seed).fit_transform(rows), None


METHODS: dict[str, Callable[[np.ndarray, int], tuple[np.ndarray, tuple[float, float] | None]]] = {
    "pca": _pca,
    "tsne": _tsne,
    "umap": _umap,
}
