"""Pace and penalty: trainings that end too early, or whose penalty on weights outweighs the data."""

from case import Training, fault, train
from material import arrays, convnet, known, mlp, shapes, table

EARLY = {"kind": "unfinished", "where": "recipe.epochs"}
HEAVY = {"kind": "decay_too_strong", "also": ("underfitting", "predicts_mean")}


@fault(**EARLY, also=("rate_too_low",), repair="recipe.epochs=60", metric="accuracy", level=1)
def spirals_broken_off(seed: int, mended: bool) -> Training:
    data = known("spirals", seed, options={"points": 800})
    return train(mlp(96, 96), data, learning_rate=3e-3, epochs=100 if mended else 8)


@fault(**EARLY, also=("rate_too_low",), repair="recipe.epochs=25", metric="r2", level=0.68)
def table_broken_off(seed: int, mended: bool) -> Training:
    return train(mlp(32), arrays(*table(seed), seed), epochs=60 if mended else 4)


@fault(**EARLY, also=("rate_too_low",), repair="recipe.epochs=15", metric="accuracy", level=0.93)
def shapes_broken_off(seed: int, mended: bool) -> Training:
    return train(convnet(8, 16), arrays(*shapes(seed), seed), epochs=25 if mended else 3)


@fault(**HEAVY, where="recipe.weight_decay", repair="recipe.weight_decay=0", metric="accuracy", level=0.95)
def digits_weighed_down(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "sgd", "learning_rate": 0.1, "weight_decay": 0.0 if mended else 0.5}
    return train(mlp(32), known("digits", seed), **settings, epochs=12)


@fault(**HEAVY, where="recipe.weight_decay", repair="recipe.weight_decay=0", metric="r2", level=0.69)
def table_weighed_down(seed: int, mended: bool) -> Training:
    return train(
        mlp(32), arrays(*table(seed), seed), learning_rate=3e-3, weight_decay=0.0 if mended else 0.5, epochs=25
    )


@fault(**HEAVY, where="recipe.l1", repair="recipe.l1=0", metric="accuracy", level=0.94)
def shapes_weighed_down(seed: int, mended: bool) -> Training:
    settings = {"learning_rate": 3e-3, "l1": 0.0 if mended else 0.05, "epochs": 12}
    return train(convnet(8, 16), arrays(*shapes(seed), seed), **settings)


@fault(
    kind="decay_too_strong",
    also=("underfitting", "predicts_mean"),
    where="recipe.weight_decay",
    repair="recipe.weight_decay=0.01",
    metric="accuracy",
    level=0.94,
)
def tumours_weighed_down(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "adamw", "learning_rate": 3e-3, "weight_decay": 0.01 if mended else 60.0, "epochs": 20}
    return train(mlp(16), known("breast-cancer", seed), **settings)
