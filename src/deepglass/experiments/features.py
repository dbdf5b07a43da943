"""Features: edges counted by hand with a linear model on top, against layers that find their own features."""

import numpy as np

from deepglass.data import Dataset
from deepglass.experiments.arms import arms, pictures, spread
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.experiments.pictures import scores

DIRECTIONS = 8  # of edges that are told apart
CELLS = 4  # a side: the picture is divided into 4x4 parts, and edges are counted in each


def learned_features(form: Form) -> Outcome:
    """Tell digits from pixels, from edges counted by hand, and with layers that learn what to look for.

    Source: the features made by hand are a plain form of Dalal and Triggs, "Histograms of Oriented Gradients for Human
        Detection", CVPR 2005: no normalization of blocks.
    """
    data = pictures(form, scaling="unit")
    options = {"network": {"name": "convnet", "padding": "same"}, "optimizer": "adam", "learning_rate": 0.002}
    learned = arms(form, {"learned": options}, data=data)["learned"].last("accuracy")
    by_hand = {name: np.array([_linear(data, name == "edges")]) for name in ("pixels", "edges")}
    values = {
        "pixels, linear": by_hand["pixels"],
        "edges by hand, linear": by_hand["edges"],
        "learned by a convnet": learned,
    }
    pixels, edges = (float(one.mean()) for one in by_hand.values())
    return Outcome(
        [{"features": name, "validation accuracy": spread(found)} for name, found in values.items()],
        scores(values, "validation accuracy"),
        [
            Expectation(
                "edges counted by hand help a linear model", edges > pixels, f"{edges:.3f} against {pixels:.3f}"
            ),
            Expectation(
                "layers that find their own features beat pixels with a linear model",
                float(learned.mean()) > pixels,
                f"{learned.mean():.3f} against {pixels:.3f}",
            ),
            Expectation(
                "and edges counted by hand",
                float(learned.mean()) > edges,
                f"{learned.mean():.3f} against {edges:.3f}",
            ),
        ],
    )


def edges(images: np.ndarray) -> np.ndarray:
    """How strong the edges of each direction are in each part of a picture.

    Shapes: images (examples, height, width); returns (examples, CELLS * CELLS * DIRECTIONS).
    """
    down, right = np.gradient(images, axis=(1, 2))
    strength = np.hypot(down, right)
    direction = np.floor(np.arctan2(down, right) / (2 * np.pi) * DIRECTIONS).astype(int) % DIRECTIONS
    rows, columns = (np.arange(side) * CELLS // side for side in images.shape[1:])
    cell = rows[:, None] * CELLS + columns  # which part each pixel is in
    place = (np.arange(len(images))[:, None, None] * CELLS**2 + cell) * DIRECTIONS + direction
    counts = np.bincount(place.ravel(), strength.ravel(), minlength=len(images) * CELLS**2 * DIRECTIONS)
    return counts.reshape(len(images), -1)


def _linear(data: Dataset, by_hand: bool) -> float:
    """The validation accuracy of softmax regression on pixels, or on edges."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    sides = []
    for split in ("train", "validation"):
        batch = data.examples(split)
        images = batch[next(iter(data.inputs))].squeeze(1).double().numpy()
        sides.append((edges(images) if by_hand else images.reshape(len(images), -1), batch[data.target.name].numpy()))
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(*sides[0])
    return float(model.score(*sides[1]))
