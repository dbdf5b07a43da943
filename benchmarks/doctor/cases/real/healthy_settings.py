"""Real programs that nothing is wrong with, given to `dg.train`: starters, course homework, scikit-learn's examples."""

import numpy as np
from case import Training, healthy, train
from sklearn import datasets
from torch import nn

from cases.real.material import blobs, digits, houses, keras, pictures, pima, regression
from cases.real.numbers import stack
from cases.real.settings import PROBABILITIES, PROBABILITY, UNTIL_THE_END, loaded


def mlp(*hidden: int, **options) -> dict:
    return {"name": "mlp", "hidden": list(hidden), **options}


@healthy(metric="accuracy", ceiling="planes part most digits")
def digits_in_three_lines(seed: int) -> Training:  # the first example of nearly every course
    return train(mlp(64), loaded(digits(seed), seed), epochs=15)


@healthy(metric="accuracy", ceiling="planes part most digits")
def digits_after_the_sklearn_example(
    seed: int,
) -> Training:  # plot_mnist_filters: one layer of 50, SGD at 0.2, 8 epochs (here 12)
    settings = {"optimizer": "sgd", "learning_rate": 0.2, "weight_decay": 1e-4, "epochs": 12}
    return train(mlp(50), loaded(digits(seed), seed, scaling="none"), **settings)


@healthy(metric="accuracy", ceiling="planes part most digits")
def a_lenet_of_small_digits(seed: int) -> Training:  # course homework: tanh, average pooling
    x, y = digits(seed)
    layers = [nn.Conv2d(1, 6, 3, padding=1), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 3), nn.Tanh(), nn.Flatten()]
    net = nn.Sequential(*layers, nn.Linear(64, 48), nn.Tanh(), nn.Linear(48, 10))
    return train(net, loaded((x.reshape(-1, 1, 8, 8), y), seed), epochs=15, learning_rate=3e-3, batch_size=64)


@healthy(metric="accuracy")
def moons_after_the_sklearn_example(seed: int) -> Training:  # plot_mlp_alpha: two layers of 10, L-BFGS
    made = datasets.make_moons(700, noise=0.15, random_state=seed)
    return train(mlp(10, 10), loaded(made, seed), optimizer="lbfgs", batch_size="all", epochs=25, weight_decay=1e-2)


@healthy(metric="accuracy", ceiling="flowers are parted by planes but for a few")
def irises_in_full(seed: int) -> Training:  # Keras' ways written out: softmax and its loss of probabilities
    net = keras(nn.Sequential(*stack(4, 16), nn.Linear(16, 3), nn.Softmax(dim=1)))
    data = loaded(datasets.load_iris(return_X_y=True), seed)
    return train(net, data, loss=PROBABILITIES, epochs=60, batch_size=8, learning_rate=5e-3)


@healthy(metric="accuracy", ceiling="illness is a matter of chance here, and its odds are nearly a sum")
def pima_with_a_sigmoid(seed: int) -> Training:  # Kaggle starters: 12-8-1 and dropout
    net = keras(nn.Sequential(*stack(8, 12), nn.Dropout(0.2), *stack(12, 8), nn.Linear(8, 1), nn.Sigmoid()))
    return train(net, loaded(pima(seed, 1200), seed), loss=PROBABILITY, epochs=40, batch_size=16)


@healthy(metric="r2")
def boston_with_huber(seed: int) -> Training:  # course homework
    return train(mlp(48, 24), loaded(houses(seed, 600), seed), loss="huber", epochs=60, learning_rate=3e-3)


@healthy(metric="r2", ceiling="the numbers are a sum of columns")
def a_regression_of_sklearn(seed: int) -> Training:  # make_regression, as in many answers, scaled
    return train(mlp(64), loaded(regression(seed, 800, 10), seed), epochs=40, learning_rate=3e-3)


@healthy(metric="r2")
def friedman_in_the_forest_example(seed: int) -> Training:  # scikit-learn: make_friedman1, noise 1
    made = datasets.make_friedman1(900, noise=1.0, random_state=seed)
    return train(mlp(32, 32, dropout=0.05), loaded(made, seed), epochs=60, learning_rate=3e-3)


@healthy(metric="accuracy")
def pictures_after_vgg(seed: int) -> Training:  # Keras' CIFAR example: two convolutions a block, dropout, step schedule
    layers = []
    for come, go in ((3, 12), (12, 24)):
        layers += [nn.Conv2d(come, go, 3, padding=1), nn.ReLU(), nn.Conv2d(go, go, 3, padding=1), nn.ReLU()]
        layers += [nn.MaxPool2d(2), nn.Dropout(0.25)]
    net = nn.Sequential(*layers, nn.Flatten(), nn.Linear(216, 48), nn.ReLU(), nn.Dropout(0.5), nn.Linear(48, 4))
    return train(net, loaded(pictures(seed, 500), seed), epochs=8, learning_rate=2e-3, schedule="cosine")


@healthy(metric="accuracy", ceiling="tumours are parted by a plane")
def tumours_in_three_lines(seed: int) -> Training:  # Kaggle starters
    return train(mlp(16, 8), loaded(datasets.load_breast_cancer(return_X_y=True), seed), epochs=40, learning_rate=2e-3)


@healthy(metric="accuracy")
def classes_that_overlap(
    seed: int,
) -> Training:  # scikit-learn's make_classification as it comes, several clusters a class
    made = blobs(seed, 1200, 12, classes=3, informative=6, apart=0.8)
    settings = {"optimizer": "nesterov", "momentum": 0.9, "learning_rate": 0.02, "epochs": 20}
    return train(mlp(64, 32, dropout=0.1), loaded(made, seed), **settings)


@healthy(metric="r2")
def california_like_places(seed: int) -> Training:  # Géron's book: 30-30-30-1, SGD at 0.001 (here 0.03), no early end
    random = np.random.default_rng(seed)
    x = random.standard_normal((1500, 8))
    y = np.exp(0.4 * x[:, 0]) + 0.5 * np.hypot(x[:, 6] - 1, x[:, 7]) + 0.2 * x[:, 1] * x[:, 0]
    net = keras(nn.Sequential(*stack(8, 30, 30, 30), nn.Linear(30, 1)))
    settings = {"optimizer": "sgd", "learning_rate": 0.03, "epochs": 30}
    return train(net, loaded((x, y + 0.2 * random.standard_normal(1500)), seed), **settings, **UNTIL_THE_END)
