"""Real faults of the last layer and the loss in classifiers, after Keras programs on Stack Overflow (SO)."""

import numpy as np
import torch
from case import Loop, fault
from torch import nn
from torch.optim import SGD, Adam, NAdam, RMSprop

from cases.real.material import (
    binary_crossentropy,
    blobs,
    categorical_crossentropy,
    cut,
    digits,
    fitted,
    keras,
    mean_squared_error,
    pictures,
)

CODE = {"by": "code", "metric": "accuracy"}
ONE = {"kind": "softmax_on_one_unit", "also": ("output_range",), "where": "last layer", "repair": "sigmoid"}


@fault(**ONE, **CODE, level=1)
def ones_or_zeros(seed: int, mended: bool) -> Loop:  # SO 31880720; DeepLocalize, DeepDiagnosis
    y = torch.arange(400) % 2
    x = y[:, None].float().expand(400, 128)
    layers = (nn.Linear(128, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, 50), nn.ReLU(), nn.Dropout(0.2))
    net = keras(nn.Sequential(*layers, nn.Linear(50, 1), nn.Sigmoid() if mended else nn.Softmax(dim=1)))
    opt = RMSprop(net.parameters(), lr=1e-3, alpha=0.9)
    return fitted(net, opt, binary_crossentropy, cut((x, y), seed), epochs=5, batch=24)


@fault(
    kind="softmax_on_one_unit",
    also=("output_range", "rate_too_low", "unfinished"),
    where="last layer",
    repair="sigmoid, tanh inside, a rate of 0.1 and 1000 epochs",
    by="code",
    metric="loss",
    level=0.000763,
)
def exclusive_or_of_six(seed: int, mended: bool) -> Loop:  # SO 34311586; deepmufl
    x = torch.tensor([[1.0, 1], [0, 0], [1, 0], [0, 1], [1, 1], [0, 0]])
    y = torch.tensor([0.0, 0, 1, 1, 0, 0])
    inner, last = (nn.Tanh, nn.Sigmoid()) if mended else (nn.Sigmoid, nn.Softmax(dim=1))
    layers = nn.Sequential(nn.Linear(2, 2), inner(), nn.Linear(2, 3), inner(), nn.Linear(3, 1), last)
    net = keras(layers, "glorot" if mended else "uniform")
    opt = SGD(net.parameters(), lr=0.1 if mended else 0.001, momentum=0.9, nesterov=True)
    return fitted(net, opt, mean_squared_error, (x, y, x, y), epochs=1000 if mended else 20, says="training")


@fault(**ONE, **CODE, level=0.912)
def signals_of_600_numbers(seed: int, mended: bool) -> Loop:  # SO 51749207
    x, y = blobs(seed, 549, 120, apart=2.0)
    net = nn.Sequential(
        *(nn.Conv1d(1, 20, 4, padding="same"), nn.ReLU(), nn.MaxPool1d(2), nn.Dropout(0.3), nn.Flatten()),
        *(nn.Linear(1200, 50), nn.ReLU(), nn.Linear(50, 1), nn.Sigmoid() if mended else nn.Softmax(dim=1)),
    )
    opt = NAdam(keras(net).parameters(), lr=1e-3)
    return fitted(net, opt, binary_crossentropy, cut((x[:, None], y), seed), epochs=8, batch=8)


@fault(**ONE, **CODE, level=0.98)
def two_kinds_of_pictures(seed: int, mended: bool) -> Loop:  # SO 58844149
    x, y = pictures(seed, 400)
    net = nn.Sequential(
        *(nn.Conv2d(3, 12, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(12, 16, 3, padding=1), nn.ReLU()),
        *(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(144, 60), nn.ReLU(), nn.Dropout(0.2), nn.Linear(60, 1)),
        nn.Sigmoid() if mended else nn.Softmax(dim=1),
    )
    opt = Adam(keras(net).parameters(), lr=1e-3)
    return fitted(net, opt, binary_crossentropy, cut((x, (y < 2).astype(int)), seed), epochs=8, says="training")


@fault(**ONE, **CODE, level=0.927)
def ten_steps_of_four(seed: int, mended: bool) -> Loop:  # SO 45378493
    x, y = blobs(seed, 600, 40, apart=1.5)
    wide = [nn.Conv1d(4, 16, 4, padding="same"), nn.BatchNorm1d(16), nn.LeakyReLU(0.3), nn.Dropout(0.2)]
    more = [nn.Conv1d(16, 8, 4, padding="same"), nn.BatchNorm1d(8), nn.LeakyReLU(0.3), nn.Dropout(0.2), nn.Flatten()]
    top = [nn.Linear(80, 64), nn.BatchNorm1d(64), nn.LeakyReLU(0.3), nn.Linear(64, 1)]
    net = keras(nn.Sequential(*wide, *more, *top, nn.Sigmoid() if mended else nn.Softmax(dim=-1)))
    data = cut((x.reshape(-1, 4, 10), y), seed)
    return fitted(net, Adam(net.parameters()), binary_crossentropy, data, epochs=25, batch=128)


@fault(
    kind="output_range",
    also=("wrong_loss", "dead_units", "log_of_zero", "predicts_mean"),
    where="last layer",
    repair="sigmoid",
    **CODE,
    level=0.893,
)
def network_packets(seed: int, mended: bool) -> Loop:  # SO 44066044; DeepLocalize
    layers = (nn.Linear(11, 12), nn.ReLU(), nn.Linear(12, 12), nn.ReLU(), nn.Linear(12, 1))
    net = keras(nn.Sequential(*layers, nn.Sigmoid() if mended else nn.ReLU()), "normal")
    data = cut(blobs(seed, 600, 11, informative=4, apart=1.5), seed)
    return fitted(net, Adam(net.parameters()), binary_crossentropy, data, epochs=12, batch=5, says="training")


@fault(
    kind="labels_encoded_wrongly",
    also=("output_range", "wrong_loss"),
    where="last layer",
    repair="four units with softmax, and the rate of Adam",
    **CODE,
    level=0.967,
)
def four_moods(seed: int, mended: bool) -> Loop:  # SO 41596619
    random = np.random.default_rng(seed)
    y = random.integers(4, size=240)
    x = np.stack([random.random(240), y % 2 + 0.1 * random.random(240), np.array([0.5, 1.5, 2.5, 5])[y]], 1)
    x[:, 2] += 0.6 * random.standard_normal(240)
    if mended:
        net = keras(nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 4), nn.Softmax(dim=1)))
        data = cut((x, y), seed)
        return fitted(net, Adam(net.parameters(), lr=0.01), categorical_crossentropy, data, epochs=150)
    net = keras(nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1), nn.Sigmoid()), "uniform")
    data = cut((x, y.astype(float)), seed)
    return fitted(net, SGD(net.parameters(), lr=1e-3), binary_crossentropy, data, epochs=150)


@fault(
    kind="dropout_on_output",
    where="after the last layer",
    repair="no dropout there",
    by="code",
    metric="loss",
    level=0.33,
)
def digits_under_the_rain(seed: int, mended: bool) -> Loop:  # SO 44755431
    x, y = digits(seed, 1200)
    net = nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(72, 50), nn.ReLU(), nn.Dropout(0.5), nn.Linear(50, 10)),
        *(() if mended else (nn.Dropout(0.5),)),
        nn.Softmax(dim=1),
    )
    opt = Adam(keras(net).parameters(), lr=1e-3)
    return fitted(net, opt, categorical_crossentropy, cut((x.reshape(-1, 1, 8, 8), y), seed), epochs=10, batch=20)


@fault(
    kind="output_range",
    also=("dead_units", "class_never_predicted"),
    where="last convolution",
    repair="no ReLU before softmax",
    **CODE,
    level=0.916,
)
def network_in_network(seed: int, mended: bool) -> Loop:  # SO 47735201
    x, y = digits(seed, 1000)

    def block(come, go, size):
        return (
            *(nn.Conv2d(come, go, size), nn.ReLU(), nn.Conv2d(go, go, 1), nn.ReLU(), nn.Conv2d(go, go, 1), nn.ReLU()),
            *(nn.MaxPool2d(2), nn.Dropout(0.25)),
        )

    top = [nn.Conv2d(16, 24, 3), nn.ReLU(), nn.Conv2d(24, 16, 1), nn.ReLU(), nn.Conv2d(16, 10, 1)]
    top += [] if mended else [nn.ReLU()]
    net = nn.Sequential(*block(1, 16, 3), *top, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Softmax(dim=1))
    opt = Adam(keras(net).parameters(), lr=2e-3)
    return fitted(net, opt, categorical_crossentropy, cut((x.reshape(-1, 1, 8, 8), y), seed), epochs=20)


@fault(
    kind="output_range",
    also=("wrong_loss", "dead_units", "class_never_predicted", "log_of_zero", "predicts_mean"),
    where="last layer",
    repair="softmax",
    **CODE,
    level=1,
)
def three_kinds_of_waves(seed: int, mended: bool) -> Loop:  # SO 53700537
    random = np.random.default_rng(seed)
    y = random.integers(3, size=500)
    time, late = np.arange(120)[None], random.random((500, 1)) * 6
    x = np.sin(time / np.array([3.0, 5.0, 8.0])[y][:, None] + late) + 0.4 * random.standard_normal((500, 120))
    layers = [nn.Conv1d(1, 20, 20), nn.ReLU(), nn.MaxPool1d(3), nn.Conv1d(20, 20, 10), nn.ReLU(), nn.MaxPool1d(3)]
    layers += [nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(20, 3, bias=False)]
    net = keras(nn.Sequential(*layers, nn.Softmax(dim=1) if mended else nn.ReLU()))
    opt = Adam(net.parameters(), lr=1e-3)
    return fitted(net, opt, categorical_crossentropy, cut((x[:, None], y), seed), epochs=15)


@fault(
    kind="output_range",
    also=("wrong_loss", "vanishing", "predicts_mean", "log_of_zero"),
    where="last layer",
    repair="sigmoid at the end, ReLU inside",
    **CODE,
    level=0.855,
)
def twenty_eight_columns(seed: int, mended: bool) -> Loop:  # SO 57407973
    act = nn.ReLU if mended else nn.Sigmoid
    sizes, drops = (28, 28, 100, 150, 150, 75), (0, 0.5, 0.5, 0.5, 0.4)
    layers = [p for a, b, d in zip(sizes, sizes[1:], drops) for p in (nn.Linear(a, b), act(), nn.Dropout(d))]
    net = keras(nn.Sequential(*layers, nn.Linear(75, 1), *((nn.Sigmoid(),) if mended else ())), "normal")
    data = cut(blobs(seed, 800, 28, informative=5), seed)
    return fitted(net, Adam(net.parameters()), binary_crossentropy, data, epochs=20)


@fault(
    kind="output_range",
    also=("wrong_loss",),
    where="last layer",
    repair="sigmoid, and binary cross-entropy",
    by="code",
    metric="bits",
    level=0.932,
)
def several_tags_at_once(seed: int, mended: bool) -> Loop:  # SO 38648195
    random = np.random.default_rng(seed)
    x = random.standard_normal((1500, 20))
    y = (x[:, :6] @ random.standard_normal((6, 3)) + 0.3 * random.standard_normal((1500, 3)) + 1 > 0).astype(float)
    layers = [nn.Linear(20, 20), nn.ReLU(), nn.Dropout(0.2), nn.Linear(20, 20), nn.ReLU(), nn.Dropout(0.2)]
    net = keras(nn.Sequential(*layers, nn.Linear(20, 3), nn.Sigmoid() if mended else nn.Softmax(dim=1)))
    criterion = nn.BCELoss() if mended else nn.MSELoss()
    opt = SGD(net.parameters(), lr=0.1)
    return fitted(net, opt, criterion, cut((x, y), seed), epochs=20, batch=20, score="bits")


@fault(
    kind="wrong_loss",
    also=("output_range",),
    where="loss",
    repair="mean squared error and a linear output",
    by="code",
    metric="r2",
    level=0.824,
)
def streams_and_stages(seed: int, mended: bool) -> Loop:  # SO 46869312: numbers from -1 to 1 under binary cross-entropy
    random = np.random.default_rng(seed)
    x = random.standard_normal((1200, 32))
    y = x @ random.standard_normal(32)
    y = 2 * (y - y.min()) / (y.max() - y.min()) - 1
    last = () if mended else (nn.Sigmoid(),)
    net = keras(nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), *last))
    criterion = mean_squared_error if mended else binary_crossentropy
    return fitted(net, Adam(net.parameters()), criterion, cut((x, y), seed), epochs=30, batch=25, score="r2")
