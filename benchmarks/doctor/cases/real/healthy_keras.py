"""Real programs that nothing is wrong with: examples of Keras and scikit-learn, books and answers on Stack Overflow, as loops."""

import numpy as np
from case import Loop, healthy
from sklearn import datasets
from torch import nn
from torch.optim import SGD, Adagrad, Adam, AdamW, RMSprop

from cases.real.material import (
    binary_crossentropy,
    blobs,
    categorical_crossentropy,
    cut,
    digits,
    fitted,
    houses,
    keras,
    mean_squared_error,
    pictures,
    pima,
    reviews,
)
from cases.real.numbers import stack


@healthy(metric="accuracy", ceiling="planes part most digits")
def mnist_mlp(seed: int) -> Loop:  # keras/examples/mnist_mlp.py, smaller: two wide layers, dropout 0.2, RMSprop
    layers = (nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, 128), nn.ReLU(), nn.Dropout(0.2))
    net = keras(nn.Sequential(*layers, nn.Linear(128, 10), nn.Softmax(dim=1)))
    opt = RMSprop(net.parameters(), lr=1e-3, alpha=0.9)
    return fitted(net, opt, categorical_crossentropy, cut(digits(seed), seed), epochs=12, batch=64)


@healthy(metric="accuracy", ceiling="planes part most digits")
def mnist_cnn(seed: int) -> Loop:  # keras/examples/mnist_cnn.py, smaller, with Adam
    x, y = digits(seed)
    net = nn.Sequential(
        *(nn.Conv2d(1, 12, 3), nn.ReLU(), nn.Conv2d(12, 24, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25)),
        *(nn.Flatten(), nn.Linear(96, 48), nn.ReLU(), nn.Dropout(0.5), nn.Linear(48, 10), nn.Softmax(dim=1)),
    )
    opt = Adam(keras(net).parameters(), lr=2e-3)
    return fitted(net, opt, categorical_crossentropy, cut((x.reshape(-1, 1, 8, 8), y), seed), epochs=14, batch=64)


@healthy(metric="accuracy", ceiling="flowers are parted by planes but for a few")
def iris_in_keras(seed: int) -> Loop:  # machinelearningmastery: 8 units, ReLU, softmax, batch 5, 200 epochs (here 60)
    net = keras(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3), nn.Softmax(dim=1)))
    data = cut(datasets.load_iris(return_X_y=True), seed)
    return fitted(net, Adam(net.parameters(), lr=3e-3), categorical_crossentropy, data, epochs=60, batch=5)


@healthy(metric="accuracy", ceiling="illness is a matter of chance here, and its odds are nearly a sum")
def pima_in_keras(seed: int) -> Loop:  # machinelearningmastery: 12-8-1, here with the columns scaled
    net = keras(nn.Sequential(*stack(8, 12, 8), nn.Linear(8, 1), nn.Sigmoid()))
    data = cut(pima(seed, 1000), seed, scale=True)
    return fitted(net, Adam(net.parameters()), binary_crossentropy, data, epochs=30, batch=10)


@healthy(metric="r2")
def boston_in_keras(
    seed: int,
) -> Loop:  # machinelearningmastery, Chollet's book: 64-64-1, RMSprop, scaled columns, prices in thousands
    net = keras(nn.Sequential(*stack(13, 64, 64), nn.Linear(64, 1)))
    opt = RMSprop(net.parameters(), lr=1e-3, alpha=0.9)
    data = cut(houses(seed), seed, scale=True)
    return fitted(net, opt, mean_squared_error, data, epochs=60, batch=8, score="r2")


@healthy(metric="accuracy", ceiling="a bag of words is a sum of words")
def imdb_bag_of_words(
    seed: int,
) -> Loop:  # Chollet's book, chapter 3: 16-16-1 on words that are there or not, 4 epochs (here 6)
    x, y = reviews(seed, 2000)
    bag = np.zeros((2000, 200), np.float32)
    np.put_along_axis(bag, x, 1, 1)
    net = keras(nn.Sequential(*stack(200, 16, 16), nn.Linear(16, 1), nn.Sigmoid()))
    opt = RMSprop(net.parameters(), lr=1e-3, alpha=0.9)
    return fitted(net, opt, binary_crossentropy, cut((bag, y), seed), epochs=6, batch=16)


@healthy(metric="accuracy")
def exclusive_or_at_last(seed: int) -> Loop:  # SO 31556268's answer: tanh, sigmoid, SGD at 0.1, here on noisy points
    random = np.random.default_rng(seed)
    corners = random.integers(2, size=(400, 2))
    x = corners + 0.15 * random.standard_normal((400, 2))
    net = keras(nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1), nn.Sigmoid()))
    opt = SGD(net.parameters(), lr=0.1, momentum=0.9)
    return fitted(
        net, opt, binary_crossentropy, cut((x, corners.sum(1) % 2), seed), epochs=60, batch=8, says="training"
    )


@healthy(metric="accuracy")
def pictures_after_the_cats_and_dogs(
    seed: int,
) -> Loop:  # Keras' blog: three convolutions, 64 units, dropout 0.5, one sigmoid
    x, y = pictures(seed, 700)
    net = nn.Sequential(
        *(nn.Conv2d(3, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(12, 16, 3, padding=1), nn.ReLU()),
        *(
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(144, 48),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(48, 1),
            nn.Sigmoid(),
        ),
    )
    opt = RMSprop(keras(net).parameters(), lr=1e-3, alpha=0.9)
    return fitted(net, opt, binary_crossentropy, cut((x, y % 2), seed), epochs=20, batch=16)


@healthy(metric="r2")
def sine_of_keras(seed: int) -> Loop:  # the answer of Data Science Stack Exchange 19365: 40-12-1, x in small units
    x = np.random.default_rng(seed).uniform(0, 4, (400, 1))
    y = np.sin(2 * x) + 0.05 * np.random.default_rng(seed + 1).standard_normal((400, 1))
    net = nn.Sequential(nn.Linear(1, 40), nn.Tanh(), nn.Linear(40, 12), nn.Tanh(), nn.Linear(12, 1))
    opt = Adam(keras(net).parameters(), lr=5e-3)
    return fitted(net, opt, nn.MSELoss(), cut((x, y), seed), epochs=80, batch=20, score="r2")


@healthy(metric="r2")
def a_polynomial_in_keras(seed: int) -> Loop:  # the answer of SO 48486598: activations and more units
    x = np.random.default_rng(seed).uniform(0, 10, (300, 1))
    y = 0.05 * (15.72807 * x - 7.273893 * x**2 + 1.4912 * x**3 - 0.1384615 * x**4 + 0.00474359 * x**5)
    y = y + 0.005 * np.random.default_rng(seed + 1).standard_normal((300, 1))
    net = keras(nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1)))
    data = cut((x, y), seed)
    return fitted(net, Adam(net.parameters(), lr=5e-3), nn.L1Loss(), data, epochs=90, batch=20, score="r2")


@healthy(metric="accuracy")
def bags_of_wine(
    seed: int,
) -> Loop:  # scikit-learn's MLPClassifier on scaled wine, after its own defaults, written out: Adam, L2, batch 200
    made = blobs(seed, 1200, 8, classes=3, informative=5, apart=0.9)
    net = nn.Sequential(*stack(8, 100), nn.Linear(100, 3), nn.Softmax(dim=1))
    opt = Adam(keras(net).parameters(), lr=5e-3, weight_decay=1e-4)
    return fitted(net, opt, categorical_crossentropy, cut(made, seed, scale=True), epochs=60, batch=200)


@healthy(metric="r2", ceiling="the sum of columns is nearly all there is")
def diabetes_in_keras(
    seed: int,
) -> Loop:  # SO answers: the ten columns of the diabetes set, progress scaled, one hidden layer
    x, y = datasets.load_diabetes(return_X_y=True)
    net = keras(nn.Sequential(*stack(10, 16), nn.Dropout(0.2), nn.Linear(16, 1)))
    data = cut((x, (y - y.mean()) / y.std()), seed, scale=True)
    return fitted(net, AdamW(net.parameters(), lr=1e-3), mean_squared_error, data, epochs=25, batch=16, score="r2")


@healthy(metric="accuracy", ceiling="tumours are parted by a plane")
def tumours_in_keras(
    seed: int,
) -> Loop:  # Kaggle starters: 16-16-1, "uniform" start, dropout 0.1, Adam, batch 100 (here 16)
    layers = (nn.Linear(30, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 16), nn.ReLU(), nn.Dropout(0.1))
    net = keras(nn.Sequential(*layers, nn.Linear(16, 1), nn.Sigmoid()), "uniform")
    data = cut(datasets.load_breast_cancer(return_X_y=True), seed, scale=True)
    return fitted(net, Adam(net.parameters(), lr=2e-3), binary_crossentropy, data, epochs=30, batch=16)


@healthy(metric="accuracy")
def spirals_by_adagrad(seed: int) -> Loop:  # CS231n: three spirals, 100 units
    random = np.random.default_rng(seed)
    y = np.arange(900) % 3
    away = random.random(900)
    turn = 4 * away + 2.1 * y + 0.15 * random.standard_normal(900)
    x = np.stack([away * np.sin(turn), away * np.cos(turn)], 1)
    net = keras(nn.Sequential(*stack(2, 100), nn.Linear(100, 3), nn.Softmax(dim=1)))
    opt = Adagrad(net.parameters(), lr=0.1)
    return fitted(net, opt, categorical_crossentropy, cut((x, y), seed), epochs=60, batch=32, says="training")
