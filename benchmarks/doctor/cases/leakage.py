"""Leakage and splits: parts that share examples or are unlike each other, and columns that say too much."""

import numpy as np
from case import Training, fault, train
from material import arrays, clouds, convnet, known, mlp, parted, raw, shapes, table

TOO_GOOD = "the validation score is too good, not too bad"


def _places(rows: int, first: float, seed: int) -> np.ndarray:
    """Indices of a fair fifth."""
    return np.random.default_rng(seed).permutation(rows)[: int(first * rows)]


@fault(
    kind="leakage_duplicates",
    by="data",
    where="every row occurs three times",
    repair="remove duplicates before splitting",
    metric="accuracy",
    level=0.81,
    hidden=TOO_GOOD,
)
def moons_three_times(seed: int, mended: bool) -> Training:
    source = known("moons", seed, options={"points": 300, "noise_std": 0.4}).source
    x, y = np.asarray(source.fields["x"].values), np.asarray(source.fields["class"].values)
    copies = 1 if mended else 3
    data = arrays(np.tile(x, (copies, 1)), np.tile(y, copies), seed)
    return train(mlp(64, 64), data, epochs=30, learning_rate=3e-3)


@fault(
    kind="leakage_duplicates",
    by="data",
    where="half of the validation pictures were trained on",
    repair="remove duplicates before splitting",
    metric="accuracy",
    level=0.77,
    hidden=TOO_GOOD,
)
def shapes_validated_on_training(seed: int, mended: bool) -> Training:
    x, y = shapes(seed, 500)
    if not mended:
        x[:50], y[:50] = x[100:150], y[100:150]
    return train(mlp(128, 64), parted(x, y, seed, np.arange(100)), epochs=30)


@fault(
    kind="leakage_duplicates",
    by="data",
    where="each row has a neighbour that differs in the fourth digit",
    repair="keep both measurements of an example in one split (group)",
    metric="accuracy",
    level=0.66,
    hidden=TOO_GOOD,
)
def clouds_measured_twice(seed: int, mended: bool) -> Training:
    x, y = clouds(seed, 300, spread=1.2)
    if not mended:
        again = x + 1e-4 * np.random.default_rng(seed).standard_normal(x.shape)
        x, y = np.concatenate([x, again.astype(np.float32)]), np.tile(y, 2)
    return train(mlp(64, 64), arrays(x, y, seed), epochs=30, learning_rate=3e-3)


@fault(
    kind="leakage_target",
    by="data",
    where="column x8",
    repair="leave the column out",
    metric="r2",
    level=0.52,
    hidden=TOO_GOOD,
)
def price_with_tax(seed: int, mended: bool) -> Training:
    x, y = table(seed, noise_std=2.0)
    taxed = 1.19 * y + 0.05 * np.random.default_rng(seed).standard_normal(len(y))
    x = x if mended else np.column_stack([x, taxed]).astype(np.float32)
    return train(mlp(32), arrays(x, y, seed), epochs=25, learning_rate=3e-3)


@fault(
    kind="leakage_target",
    by="data",
    where="column x30, which is filled in once the diagnosis is known",
    repair="leave the column out",
    metric="accuracy",
    level=0.94,
    hidden=TOO_GOOD,
)
def treatment_before_diagnosis(seed: int, mended: bool) -> Training:
    x, y = raw("breast-cancer")
    treated = y + 0.02 * np.random.default_rng(seed).standard_normal(len(y))
    return train(mlp(16), arrays(x if mended else np.column_stack([x, treated]), y, seed), epochs=20)


@fault(
    kind="identifier",
    also=("leakage_target",),
    by="data",
    where="column x8 numbers the rows, which were sorted by class",
    repair="leave the column out",
    metric="accuracy",
    level=0.65,
    hidden=TOO_GOOD,
)
def numbered_by_class(seed: int, mended: bool) -> Training:
    x, y = clouds(seed, spread=1.5, classes=3)
    order = np.argsort(y, kind="stable")
    x, y = x[order], y[order]
    x = x if mended else np.column_stack([x, np.arange(len(y))]).astype(np.float32)
    return train(mlp(32), arrays(x, y, seed), epochs=20, learning_rate=3e-3)


@fault(
    kind="identifier",
    also=("leakage_target",),
    by="data",
    where="column x8 numbers the rows, in the order of their targets",
    repair="leave the column out",
    metric="r2",
    level=0.32,
    hidden=TOO_GOOD,
)
def numbered_by_size(seed: int, mended: bool) -> Training:
    x, y = table(seed, noise_std=4.0)
    order = np.argsort(y + 0.5 * np.random.default_rng(seed).standard_normal(len(y)))
    x, y = x[order], y[order]
    x = x if mended else np.column_stack([x, 100_000 + np.arange(len(y))]).astype(np.float32)
    return train(mlp(32), arrays(x, y, seed), epochs=25, learning_rate=3e-3)


@fault(
    kind="split_sorted",
    also=("validation_shift",),
    by="data",
    where="validation holds the last class alone",
    repair="mix the rows before cutting",
    metric="accuracy",
    level=0.95,
)
def cut_by_class(seed: int, mended: bool) -> Training:
    x, y = clouds(seed, 600, classes=3)
    order = np.argsort(y, kind="stable")
    x, y = x[order], y[order]
    first = int(np.flatnonzero(y == 2)[0])
    validation = _places(len(y), 0.2, seed) if mended else np.arange(first + 10, 600)
    return train(mlp(32), parted(x, y, seed, validation), epochs=20, learning_rate=3e-3)


@fault(
    kind="split_sorted",
    also=("validation_shift",),
    by="data",
    where="validation holds the rows with the largest x3",
    repair="mix the rows before cutting",
    metric="r2",
    level=0.81,
)
def cut_by_column(seed: int, mended: bool) -> Training:
    x, y = table(seed)
    order = np.argsort(x[:, 3])
    x, y = x[order], y[order]
    validation = _places(len(y), 0.2, seed) if mended else np.arange(480, 600)
    return train(mlp(32), parted(x, y, seed, validation), epochs=25, learning_rate=3e-3)


@fault(
    kind="validation_shift",
    by="data",
    where="validation pictures are negatives",
    repair="validate on pictures like those that are trained on, or train on both",
    metric="accuracy",
    level=0.97,
)
def negatives_in_validation(seed: int, mended: bool) -> Training:
    x, y = shapes(seed)
    validation = np.arange(120)
    if not mended:
        x[validation] = 255 - x[validation]
    return train(convnet(8, 16), parted(x, y, seed, validation), epochs=15, learning_rate=3e-3)


@fault(
    kind="validation_shift",
    by="data",
    where="columns x0 to x3 of validation, from another instrument",
    repair="bring both to one unit",
    metric="accuracy",
    level=0.96,
)
def other_instrument_in_validation(seed: int, mended: bool) -> Training:
    x, y = clouds(seed)
    validation = np.arange(160)
    if not mended:
        x[validation, :4] = 2.5 * x[validation, :4] + 3
    return train(mlp(48), parted(x, y, seed, validation), epochs=20, learning_rate=3e-3)


@fault(
    kind="leakage_target",
    by="data",
    where="column x8, the target in steps of 2",
    repair="leave the column out",
    metric="r2",
    level=0.23,
    hidden=TOO_GOOD,
)
def price_in_bands(seed: int, mended: bool) -> Training:
    x, y = table(seed, noise_std=4.0)
    x = x if mended else np.column_stack([x, 2 * (y / 2).round()]).astype(np.float32)
    return train(mlp(32), arrays(x, y, seed), epochs=25, learning_rate=3e-3)


@fault(
    kind="validation_shift",
    by="data",
    where="columns x2 and x3 of validation, which stand still at 0",
    repair="mend the instrument, or train without the columns",
    metric="r2",
    level=0.77,
)
def broken_sensors_later_on(seed: int, mended: bool) -> Training:
    x, y = table(seed)
    validation = np.arange(120)
    if not mended:
        x[validation, 2:4] = 0
    return train(mlp(32), parted(x, y, seed, validation), epochs=25, learning_rate=3e-3)
