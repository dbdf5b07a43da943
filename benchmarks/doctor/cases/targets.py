"""Targets: labels that do not belong to their examples, are wrong in part, are all alike, or on another scale."""

import numpy as np
import torch
from case import Loop, Training, fault, train
from material import arrays, clouds, convnet, known, mlp, raw, shapes, table, tensors
from torch import nn
from torch.nn import functional


def _mixed(y: np.ndarray, seed: int) -> np.ndarray:
    return np.random.default_rng(seed + 7).permutation(y)


@fault(
    kind="labels_shuffled", by="data", where="y", repair="mix inputs and labels together", metric="accuracy", level=0.94
)
def digits_with_mixed_labels(seed: int, mended: bool) -> Training:
    x, y = raw("digits")
    return train(mlp(32), arrays(x, y if mended else _mixed(y, seed), seed), epochs=12)


@fault(
    kind="labels_shuffled",
    by="data",
    where="y: each label is that of the row before",
    repair="move the labels by a row",
    metric="accuracy",
    level=0.97,
)
def shapes_off_by_one(seed: int, mended: bool) -> Training:
    x, y = shapes(seed)
    return train(convnet(8, 16), arrays(x, y if mended else np.roll(y, 1), seed), epochs=15, learning_rate=3e-3)


@fault(kind="labels_shuffled", by="data", where="y", repair="sort targets as the inputs are", metric="r2", level=0.79)
def table_with_mixed_targets(seed: int, mended: bool) -> Training:
    x, y = table(seed)
    return train(mlp(32, 32), arrays(x, y if mended else _mixed(y, seed), seed), epochs=25, learning_rate=3e-3)


def _wrong(y: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Replace a share of the labels by others, drawn evenly."""
    random, classes = np.random.default_rng(seed + 11), int(y.max()) + 1
    return np.where(random.random(len(y)) < share, (y + random.integers(1, classes, len(y))) % classes, y)


@fault(
    kind="label_noise",
    also=("overfitting",),
    by="data",
    where="y: 35 of 100 labels",
    repair="correct the labels; stop earlier",
    metric="accuracy",
    level=0.96,
)
def digits_with_wrong_labels(seed: int, mended: bool) -> Training:
    x, y = raw("digits")
    data = arrays(x, y if mended else _wrong(y, 0.35, seed), seed)
    return train(mlp(64), data, epochs=30, learning_rate=3e-3, early_stopping=False)


@fault(
    kind="label_noise",
    also=("overfitting",),
    by="data",
    where="y: 30 of 100 labels",
    repair="correct the labels; stop earlier",
    metric="accuracy",
    level=0.99,
)
def shapes_with_wrong_labels(seed: int, mended: bool) -> Training:
    x, y = shapes(seed)
    data = arrays(x, y if mended else _wrong(y, 0.3, seed), seed)
    return train(convnet(8, 16), data, epochs=20, learning_rate=3e-3, early_stopping=False)


@fault(
    kind="label_noise",
    also=("overfitting",),
    by="data",
    where="y: 25 of 100 labels",
    repair="correct the labels; stop earlier",
    metric="accuracy",
    level=1,
)
def circles_with_wrong_labels(seed: int, mended: bool) -> Training:
    x, y = _points(seed)
    data = arrays(x, y if mended else _wrong(y, 0.25, seed), seed)
    return train(mlp(64, 64), data, epochs=40, learning_rate=0.01, early_stopping=False)


def _points(seed: int) -> tuple[np.ndarray, np.ndarray]:
    source = known("circles", seed, options={"points": 500}).source
    return np.asarray(source.fields["x"].values), np.asarray(source.fields["class"].values)


@fault(
    kind="targets_constant",
    by="data",
    where="y: the same number in every row",
    repair="read the column that was meant",
    metric="r2",
    level=0.68,
)
def one_target_for_all(seed: int, mended: bool) -> Training:
    x, y = table(seed)
    return train(mlp(32), arrays(x, y if mended else np.full_like(y, 12.5), seed), epochs=20, learning_rate=3e-3)


@fault(
    kind="targets_constant",
    also=("imbalance",),
    by="data",
    where="y: class 0 in every row of training",
    repair="compare labels with the right name, so that class 1 occurs",
    metric="accuracy",
    level=0.98,
)
def one_class_for_all(seed: int, mended: bool) -> Loop:
    x, y, x_validation, y_validation = tensors(*clouds(seed, classes=2), seed)
    given = y if mended else torch.zeros_like(y)
    network = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)

    def loop(watch):
        with watch(network, optimizer=optimizer) as evidence:
            for _ in range(15):
                for batch in torch.randperm(len(x)).split(32):
                    optimizer.zero_grad()
                    functional.cross_entropy(network(x[batch]), given[batch]).backward()
                    optimizer.step()
                with torch.no_grad():
                    output = network(x_validation)
                right = (output.argmax(1) == y_validation).float().mean().item()
                loss = functional.cross_entropy(output, y_validation).item()
                evidence.log(validation_loss=loss, validation_accuracy=right)
        return evidence

    return Loop(loop)


@fault(kind="targets_unscaled", where="y", repair="data.target_scaling=standard", metric="r2", level=0.8)
def prices_as_they_are(seed: int, mended: bool) -> Training:
    x, y = table(seed)
    data = arrays(x, 10_000 * y, seed, target_scaling="standard" if mended else "none")
    return train(mlp(32, 32), data, epochs=30, learning_rate=3e-3)


@fault(kind="targets_unscaled", where="y", repair="data.target_scaling=standard", metric="r2", level=0.33)
def diabetes_as_it_is(seed: int, mended: bool) -> Training:
    data = known("diabetes", seed, target_scaling="standard" if mended else "none")
    return train(mlp(16, activation="tanh"), data, epochs=30, learning_rate=3e-3)


@fault(kind="targets_unscaled", where="y", repair="data.target_scaling=standard", metric="r2", level=0.8)
def micrometres_as_metres(seed: int, mended: bool) -> Training:
    x, y = table(seed)
    data = arrays(x, 1e-6 * y, seed, target_scaling="standard" if mended else "none")
    return train(mlp(32, 32), data, epochs=30, learning_rate=3e-3)


@fault(
    kind="label_noise",
    also=("overfitting",),
    by="data",
    where="y: 30 of 100 labels",
    repair="correct the labels; stop earlier",
    metric="accuracy",
    level=0.95,
)
def clouds_labelled_by_guess(seed: int, mended: bool) -> Training:
    x, y = clouds(seed)
    data = arrays(x, y if mended else _wrong(y, 0.3, seed), seed)
    return train(mlp(64), data, epochs=40, learning_rate=3e-3, early_stopping=False)
