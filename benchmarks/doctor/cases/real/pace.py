"""Real faults of pace, start and size given to `dg.train`, from Stack Overflow (SO) and AUTOTRAINER's benchmark."""

import numpy as np
from case import Training, fault, train
from sklearn import datasets
from torch import nn

from cases.real.material import blobs, digits, keras, pictures, reviews
from cases.real.numbers import stack
from cases.real.settings import PROBABILITIES, UNTIL_THE_END, loaded

RATE = {"where": "learning_rate", "metric": "accuracy"}
CLASS = {"by": "code", "metric": "accuracy"}


def boxes(seed, rows=400):
    """Two squares of points, as in the question."""
    random = np.random.default_rng(seed)
    y = np.arange(rows) % 2
    return np.where(y[:, None] == 1, random.uniform(0.5, 0.7, (rows, 2)), random.uniform(0.2, 0.4, (rows, 2))), y


@fault(kind="rate_too_low", also=("unfinished",), repair="learning_rate=0.05", **RATE, level=1)
def two_squares_of_points(seed: int, mended: bool) -> Training:  # SO 50306988; DeepLocalize, DeepFD
    net = keras(nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 2), nn.Softmax(dim=1)))
    settings = {"learning_rate": 0.05 if mended else 1e-3, "epochs": 30}
    return train(net, loaded(boxes(seed), seed, scaling="none"), loss=PROBABILITIES, **settings, **UNTIL_THE_END)


@fault(
    kind="batch_too_large",
    also=("unfinished", "rate_too_low"),
    where="batch_size",
    repair="batch_size=16, more epochs",
    metric="accuracy",
    level=0.781,
)
def a_batch_of_two_thousand(seed: int, mended: bool) -> Training:  # SO 44164749
    layers = [nn.Linear(10, 300), nn.ReLU(), nn.Dropout(0.1), nn.Linear(300, 60), nn.ReLU(), nn.Dropout(0.1)]
    net = keras(nn.Sequential(*layers, nn.Linear(60, 3), nn.Softmax(dim=1)))
    settings = {"optimizer": "nesterov", "momentum": 0.9, "learning_rate": 0.01, "batch_size": 16 if mended else 2000}
    data = loaded(blobs(seed, 400, 10, classes=3, informative=5), seed)
    return train(net, data, loss=PROBABILITIES, epochs=15 if mended else 5, **settings, **UNTIL_THE_END)


@fault(
    kind="vanishing",
    also=("saturated_units", "slow_layer", "unfinished", "predicts_mean"),
    where="activations",
    repair="ReLU",
    **CLASS,
    level=0.85,
)
def eight_to_a_hundred_and_twenty_eight(seed: int, mended: bool) -> Training:  # SO 65777704
    act = nn.ReLU if mended else nn.Sigmoid
    net = keras(nn.Sequential(*stack(64, 8, 16, 32, 64, 128, act=act), nn.Linear(128, 10), nn.Softmax(dim=1)))
    data = loaded(digits(seed, 1500), seed, scaling="none")
    return train(net, data, loss=PROBABILITIES, batch_size=50, epochs=15, learning_rate=2e-3, **UNTIL_THE_END)


@fault(kind="rate_too_low", also=("unfinished",), repair="learning_rate=1e-3", **RATE, level=1)
def pictures_at_three_hundred_thousandths(seed: int, mended: bool) -> Training:  # SO 60508218
    layers = [nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 12, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25)]
    layers += [nn.Flatten(), nn.Linear(192, 64), nn.ReLU(), nn.Dropout(0.25), nn.Linear(64, 4)]
    settings = {"learning_rate": 1e-3 if mended else 3e-5, "epochs": 12, "batch_size": 20}
    return train(keras(nn.Sequential(*layers)), loaded(pictures(seed, 400), seed), **settings, **UNTIL_THE_END)


@fault(kind="rate_too_low", also=("unfinished",), repair="learning_rate=0.05, 20 epochs", **RATE, level=0.938)
def five_epochs_of_sgd(seed: int, mended: bool) -> Training:  # SO 57943425
    layers = [nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(8), nn.MaxPool2d(2), nn.Dropout(0.25)]
    layers += [nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(16), nn.Flatten(), nn.Linear(256, 32)]
    net = keras(nn.Sequential(*layers, nn.ReLU(), nn.BatchNorm1d(32), nn.Dropout(0.5), nn.Linear(32, 10)))
    x, y = digits(seed, 1000)
    settings = {"optimizer": "sgd", "learning_rate": 0.05 if mended else 0.001, "epochs": 15 if mended else 5}
    return train(net, loaded((x.reshape(-1, 1, 8, 8), y), seed), **settings, **UNTIL_THE_END)


@fault(
    kind="rate_too_low",
    also=("unfinished", "decay_too_strong", "predicts_mean"),
    repair="learning_rate=0.05",
    **RATE,
    level=0.969,
)
def a_millionth(seed: int, mended: bool) -> Training:  # SO 63212385: SGD at 0.000001
    layers = [nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.BatchNorm2d(8), nn.Flatten()]
    net = keras(nn.Sequential(*layers, nn.Linear(288, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 4)))
    settings = {"optimizer": "sgd", "learning_rate": 0.05 if mended else 1e-6, "batch_size": 32, "epochs": 12}
    data = loaded(pictures(seed, 400), seed)
    return train(net, data, weight_decay=0.001, **settings, **UNTIL_THE_END)


@fault(
    kind="unfinished",
    also=("rate_too_low",),
    where="epochs",
    repair="epochs=30",
    metric="accuracy",
    level=0.91,
)
def one_epoch_by_default(
    seed: int, mended: bool
) -> Training:  # SO 53700537 and others: model.fit(X, y) alone is one epoch
    net = keras(nn.Sequential(*stack(64, 32), nn.Linear(32, 10)))
    data = loaded(digits(seed, 900), seed, scaling="none")
    return train(net, data, epochs=30 if mended else 1, learning_rate=1e-3, **UNTIL_THE_END)


@fault(
    kind="dead_units",
    also=("predicts_mean", "vanishing", "weights_too_large"),
    where="start",
    repair="He's start, biases 0",
    **CLASS,
    level=0.992,
)
def circles_whose_units_died(seed: int, mended: bool) -> Training:  # AUTOTRAINER, Circle: dying ReLU
    made = datasets.make_circles(800, noise=0.08, factor=0.5, random_state=seed)
    net = nn.Sequential(*stack(2, 16, 16, 16), nn.Linear(16, 1))
    for part in net:
        if isinstance(part, nn.Linear):
            nn.init.kaiming_normal_(part.weight)
            nn.init.constant_(part.bias, 0.0 if mended or part.out_features == 1 else -2.5)
    return train(net, loaded(made, seed), epochs=25, learning_rate=5e-3, **UNTIL_THE_END)


@fault(
    kind="exploding",
    also=("weights_too_large", "rate_too_high"),
    where="start",
    repair="He's start",
    by="code",
    metric="loss",
    level=0.758,
)
def clouds_that_explode(seed: int, mended: bool) -> Training:  # AUTOTRAINER, Blob: gradients explode
    x, y = datasets.make_blobs(700, centers=3, n_features=2, cluster_std=2.0, random_state=seed)
    net = nn.Sequential(*stack(2, 50, 50, 50, 50, 50), nn.Linear(50, 3))
    for part in net:
        if isinstance(part, nn.Linear):
            nn.init.kaiming_normal_(part.weight) if mended else nn.init.normal_(part.weight)
    settings = {"optimizer": "sgd", "learning_rate": 0.01, "epochs": 15}
    return train(net, loaded((x, y), seed, scaling="none"), **settings, **UNTIL_THE_END)


@fault(
    kind="vanishing",
    also=("weights_too_small", "predicts_mean", "slow_layer", "rate_too_low", "unfinished"),
    where="start",
    repair="Glorot's start",
    **CLASS,
    level=0.917,
)
def digits_through_seven_tanh(seed: int, mended: bool) -> Training:  # AUTOTRAINER, MNIST: gradients vanish
    net = nn.Sequential(*stack(64, 24, 24, 24, 24, 24, 24, act=nn.Tanh), nn.Linear(24, 10))
    keras(net, "glorot" if mended else "normal")
    data = loaded(digits(seed, 1200), seed, scaling="none")
    return train(net, data, optimizer="sgd", learning_rate=0.1, epochs=20, **UNTIL_THE_END)


@fault(kind="rate_too_high", also=("dead_units", "saturated_units"), repair="learning_rate=2e-3", **RATE, level=0.944)
def digits_that_oscillate(seed: int, mended: bool) -> Training:  # AUTOTRAINER: oscillating loss
    net = keras(nn.Sequential(*stack(64, 64, 32, act=nn.Tanh), nn.Linear(32, 10)))
    settings = {"learning_rate": 2e-3 if mended else 0.2, "epochs": 12, "batch_size": 16}
    return train(net, loaded(digits(seed, 1000), seed, scaling="none"), **settings, **UNTIL_THE_END)


@fault(
    kind="rate_too_high",
    also=("exploding", "weights_too_large", "underfitting", "wrong_loss", "inputs_unscaled"),
    where="learning_rate",
    repair="sigmoids, as in Nielsen's book, and cross-entropy at 0.5",
    **CLASS,
    level=0.912,
)
def digits_after_nielsen(
    seed: int, mended: bool
) -> Training:  # SO 48385830: no activations, weights of deviation 1, SGD at 3.0
    acts = (nn.Sigmoid(),) if mended else ()
    net = nn.Sequential(nn.Linear(64, 30), *acts, nn.Linear(30, 10))
    for part in net:
        if isinstance(part, nn.Linear):
            nn.init.normal_(part.weight, std=0.3 if mended else 1.0)
            nn.init.normal_(part.bias, std=0.3 if mended else 1.0)
    settings = {"optimizer": "sgd", "learning_rate": 0.5 if mended else 3.0, "batch_size": 10, "epochs": 10}
    data = loaded(digits(seed, 1000), seed, scaling="none")
    return train(net, data, loss="cross_entropy" if mended else squared, **settings, **UNTIL_THE_END)


def squared(output, target):
    """The squared distance to ones and zeros."""
    return (output - nn.functional.one_hot(target.long(), 10)).square().mean()


@fault(
    kind="overfitting",
    where="early_stopping",
    repair="recipe.early_stopping=true",
    by="settings",
    metric="loss",
    level=0.637,
)
def a_wide_network_on_few_rows(
    seed: int, mended: bool
) -> Training:  # SO 53242770: validation loss goes up from epoch 5 on
    data = loaded(blobs(seed, 260, 20, informative=4, apart=0.6), seed)
    net = keras(nn.Sequential(*stack(20, 128, 64), nn.Linear(64, 1)))
    return train(net, data, epochs=60, learning_rate=2e-3, early_stopping=mended)


@fault(
    kind="overfitting",
    where="epochs",
    repair="recipe.early_stopping=true",
    by="settings",
    metric="loss",
    level=0.7,
)
def an_embedding_for_each_word(
    seed: int, mended: bool
) -> Training:  # SO 61274792, Keras' IMDB example: 20 epochs too many
    x, y = reviews(seed, 500)
    net = nn.Sequential(nn.Embedding(200, 32), nn.Flatten(), nn.Linear(512, 32), nn.ReLU(), nn.Linear(32, 1))
    data = loaded((x, y), seed, scaling="none")
    return train(Words(net), data, epochs=30, learning_rate=3e-3, early_stopping=mended)


class Words(nn.Module):
    """Take numbers of words that come as decimals."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x.long())
