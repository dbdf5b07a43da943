"""Steps: too long or too short, by the rate or by what acts on it: momentum, clipping, schedule, batches."""

from case import Training, fault, train
from material import arrays, clouds, convnet, known, mlp, shapes, table

LONG = {"kind": "rate_too_high", "where": "recipe.learning_rate"}
SHORT = {"kind": "rate_too_low", "where": "recipe.learning_rate"}


@fault(**LONG, repair="recipe.learning_rate=0.1", metric="accuracy", level=0.95)
def digits_with_long_steps(seed: int, mended: bool) -> Training:
    return train(mlp(32), known("digits", seed), optimizer="sgd", learning_rate=0.1 if mended else 20.0, epochs=12)


@fault(**LONG, also=("dead_units",), repair="recipe.learning_rate=0.003", metric="accuracy", level=0.94)
def shapes_with_long_steps(seed: int, mended: bool) -> Training:
    return train(convnet(8, 16), arrays(*shapes(seed), seed), learning_rate=3e-3 if mended else 0.5, epochs=12)


@fault(**LONG, also=("exploding",), repair="recipe.learning_rate=0.01", metric="r2", level=0.71)
def table_with_long_steps(seed: int, mended: bool) -> Training:
    return train(mlp(32), arrays(*table(seed), seed), optimizer="sgd", learning_rate=0.05 if mended else 2.0, epochs=25)


@fault(**LONG, repair="recipe.learning_rate=0.3", metric="loss", level=0.103)
def moons_that_jump(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "sgd", "learning_rate": 0.3 if mended else 60.0, "epochs": 25, "early_stopping": False}
    return train(mlp(16, activation="tanh"), known("moons", seed), **settings)


@fault(**SHORT, repair="recipe.learning_rate=0.001", metric="accuracy", level=0.94)
def digits_with_short_steps(seed: int, mended: bool) -> Training:
    return train(mlp(32), known("digits", seed), learning_rate=2e-3 if mended else 3e-6, epochs=12)


@fault(**SHORT, repair="recipe.learning_rate=0.03", metric="accuracy", level=1)
def shapes_with_short_steps(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "momentum", "learning_rate": 0.02 if mended else 2e-5, "epochs": 12}
    return train(convnet(8, 16), arrays(*shapes(seed), seed), **settings)


@fault(**SHORT, repair="recipe.learning_rate=0.05", metric="r2", level=0.71)
def table_with_short_steps(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "sgd", "learning_rate": 0.05 if mended else 5e-5, "epochs": 25}
    return train(mlp(32), arrays(*table(seed), seed), **settings)


@fault(
    kind="rate_too_low",
    where="recipe.warmup_steps, as long as a hundred trainings",
    repair="recipe.warmup_steps=0",
    metric="accuracy",
    level=0.94,
)
def a_warm_up_without_end(seed: int, mended: bool) -> Training:
    settings = {"learning_rate": 2e-3, "warmup_steps": 0 if mended else 100_000, "epochs": 12}
    return train(mlp(32), known("digits", seed), **settings)


@fault(
    kind="rate_too_low",
    also=("unfinished",),
    where="recipe.schedule, which leaves a hundredth of the rate after two epochs",
    repair="recipe.schedule=constant or cosine",
    metric="r2",
    level=0.8,
)
def a_rate_that_falls_at_once(seed: int, mended: bool) -> Training:
    falling = {} if mended else {"schedule": "step", "schedule_epochs": 1, "schedule_factor": 0.1}
    return train(mlp(32, 32), arrays(*table(seed), seed), learning_rate=3e-3, epochs=30, **falling)


@fault(
    kind="momentum_too_high",
    also=("rate_too_high",),
    where="recipe.momentum",
    repair="recipe.momentum=0.9",
    metric="accuracy",
    level=0.96,
)
def digits_that_overshoot(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "momentum", "learning_rate": 0.03, "momentum": 0.9 if mended else 0.999, "epochs": 12}
    return train(mlp(32), known("digits", seed), **settings)


@fault(
    kind="momentum_too_high",
    also=("rate_too_high",),
    where="recipe.momentum",
    repair="recipe.momentum=0.9",
    metric="r2",
    level=0.73,
)
def table_that_overshoots(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "momentum", "learning_rate": 0.01, "momentum": 0.9 if mended else 0.998, "epochs": 25}
    return train(mlp(32), arrays(*table(seed), seed), **settings)


@fault(
    kind="clipping_too_strict",
    also=("rate_too_low",),
    where="recipe.clip_norm",
    repair="recipe.clip_norm=1 or none",
    metric="accuracy",
    level=0.96,
)
def digits_clipped_short(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "sgd", "learning_rate": 0.1, "clip_norm": 1.0 if mended else 1e-3, "epochs": 12}
    return train(mlp(32), known("digits", seed), **settings)


@fault(
    kind="clipping_too_strict",
    also=("rate_too_low",),
    where="recipe.clip_value",
    repair="recipe.clip_value=none",
    metric="accuracy",
    level=1,
)
def shapes_clipped_short(seed: int, mended: bool) -> Training:
    clip = {} if mended else {"clip_value": 1e-5}
    settings = {"optimizer": "momentum", "learning_rate": 0.02, "epochs": 12}
    return train(convnet(8, 16), arrays(*shapes(seed), seed), **settings, **clip)


@fault(
    kind="batch_too_small",
    also=("rate_too_high",),
    where="recipe.batch_size=1",
    repair="recipe.batch_size=32, or a lower rate",
    metric="accuracy",
    level=0.95,
)
def clouds_one_at_a_time(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "momentum", "learning_rate": 0.1, "batch_size": 32 if mended else 1}
    return train(mlp(32), arrays(*clouds(seed, 500), seed), **settings, epochs=10)


@fault(
    kind="batch_too_small",
    also=("rate_too_high",),
    where="recipe.batch_size=1",
    repair="recipe.batch_size=32, or a lower rate",
    metric="r2",
    level=0.72,
)
def rows_one_at_a_time(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "momentum", "learning_rate": 0.02, "batch_size": 32 if mended else 1}
    return train(mlp(32), arrays(*table(seed, 400), seed), **settings, epochs=20)


@fault(
    kind="batch_too_large",
    also=("unfinished", "rate_too_low"),
    where="recipe.batch_size=all: 15 steps",
    repair="recipe.batch_size=32",
    metric="accuracy",
    level=0.94,
)
def all_digits_at_once(seed: int, mended: bool) -> Training:
    return train(mlp(32), known("digits", seed), batch_size=32 if mended else "all", epochs=15)


@fault(
    kind="batch_too_large",
    also=("unfinished", "rate_too_low"),
    where="recipe.batch_size=all: 20 steps",
    repair="recipe.batch_size=32",
    metric="r2",
    level=0.76,
)
def all_rows_at_once(seed: int, mended: bool) -> Training:
    settings = {"batch_size": 32 if mended else "all", "epochs": 20, "learning_rate": 3e-3}
    return train(mlp(32, 32), arrays(*table(seed), seed), **settings)


@fault(
    kind="batch_too_large",
    also=("unfinished", "rate_too_low"),
    where="recipe.batch_size=all: 10 steps",
    repair="recipe.batch_size=32",
    metric="accuracy",
    level=0.93,
)
def all_shapes_at_once(seed: int, mended: bool) -> Training:
    settings = {"batch_size": 32 if mended else "all", "epochs": 10, "learning_rate": 3e-3}
    return train(convnet(8, 16), arrays(*shapes(seed), seed), **settings)


@fault(
    kind="batch_too_small",
    also=("rate_too_high",),
    where="recipe.batch_size=1",
    repair="recipe.batch_size=32, or a lower rate",
    metric="accuracy",
    level=0.93,
)
def shapes_one_at_a_time(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "momentum", "learning_rate": 0.03, "batch_size": 32 if mended else 1, "epochs": 7}
    return train(convnet(8, 16), arrays(*shapes(seed, 400), seed), **settings)
