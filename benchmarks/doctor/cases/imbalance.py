"""Imbalance: classes that are rare, or weigh nothing, and are never answered."""

import numpy as np
from case import Training, fault, train
from material import arrays, convnet, known, mlp, rare, shapes

RARE = {"task": {"metrics": ["balanced_accuracy"]}}
EVEN = {"task": {"metrics": ["balanced_accuracy"], "class_weight": "balanced"}}


@fault(
    kind="imbalance",
    also=("class_never_predicted", "metric_disagrees"),
    where="class 1, 6 of 100",
    repair="task.class_weight=balanced, or recipe.sampling=balanced",
    metric="balanced_accuracy",
    level=0.61,
)
def fraud_is_rare(seed: int, mended: bool) -> Training:
    return train(mlp(16), arrays(*rare(seed), seed), **(EVEN if mended else RARE), epochs=12)


@fault(
    kind="imbalance",
    also=("class_never_predicted", "metric_disagrees"),
    where="class 3, 5 of 100",
    repair="task.class_weight=balanced, or recipe.sampling=balanced",
    metric="balanced_accuracy",
    level=0.86,
)
def crosses_are_rare(seed: int, mended: bool) -> Training:
    x, y = shapes(seed, 2400)
    kept = np.flatnonzero((y < 2) | ((y == 2) & (np.arange(len(y)) % 10 == 0)))
    settings = {"optimizer": "momentum", "learning_rate": 0.01, "epochs": 3}
    return train(convnet(8, 8), arrays(x[kept], y[kept], seed), **(EVEN if mended else RARE), **settings)


@fault(
    kind="class_never_predicted",
    also=("imbalance",),
    where="class 8, whose examples weigh nothing",
    repair="task.class_weight=none",
    metric="accuracy",
    level=0.94,
)
def eights_weigh_nothing(seed: int, mended: bool) -> Training:
    task = {} if mended else {"task": {"class_weight": {"8": 0.0}}}
    return train(mlp(32), known("digits", seed), **task, epochs=15)


@fault(
    kind="class_never_predicted",
    also=("imbalance", "underfitting"),
    where="class 2, which lies between the others",
    repair="task.class_weight=balanced; hidden layers",
    metric="balanced_accuracy",
    level=0.71,
)
def the_middle_is_never_said(seed: int, mended: bool) -> Training:
    random = np.random.default_rng(seed)
    y = random.choice(3, 900, p=[0.45, 0.45, 0.1])
    x = random.standard_normal((900, 3)).astype(np.float32)
    x[:, 0] += np.array([-2.0, 2.0, 0.0])[y]
    return train(mlp(16) if mended else mlp(), arrays(x, y, seed), **(EVEN if mended else RARE), epochs=15)
