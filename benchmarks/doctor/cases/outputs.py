"""Outputs: a last layer that does not suit the loss or the target."""

import torch
from case import Loop, Training, fault, train
from material import arrays, clouds, convnet, known, mlp, raw, shapes, table, tensors, wave
from torch import nn
from torch.nn import functional


@fault(
    kind="activation_twice",
    also=("output_range",),
    where="output_activation",
    repair="network.output_activation=none, or a loss of probabilities",
    metric="accuracy",
    level=0.92,
)
def digits_end_in_softmax(seed: int, mended: bool) -> Training:
    network = mlp(32, output_activation=None if mended else "softmax")
    settings = {"optimizer": "sgd", "learning_rate": 0.05, "epochs": 8}
    return train(network, known("digits", seed), loss="cross_entropy", **settings)


@fault(
    kind="activation_twice",
    also=("output_range",),
    where="output_activation",
    repair="network.output_activation=none",
    metric="accuracy",
    level=0.99,
)
def shapes_end_in_softmax(seed: int, mended: bool) -> Training:
    network = convnet(8, 16, output_activation=None if mended else "softmax")
    settings = {"optimizer": "momentum", "learning_rate": 0.01, "epochs": 12}
    return train(network, arrays(*shapes(seed), seed), loss="cross_entropy", **settings)


@fault(
    kind="activation_twice",
    also=("output_range",),
    where="output_activation",
    repair="network.output_activation=none",
    metric="loss",
    level=0.054,
)
def moons_end_in_sigmoid(seed: int, mended: bool) -> Training:
    network = mlp(16, output_activation=None if mended else "sigmoid")
    return train(network, known("moons", seed), loss="binary_cross_entropy", learning_rate=0.01, epochs=20)


@fault(
    kind="softmax_on_one_unit",
    also=("output_range",),
    where="output_activation",
    repair="network.output_activation=sigmoid or none",
    metric="accuracy",
    level=0.94,
)
def tumours_end_in_softmax_of_one(seed: int, mended: bool) -> Training:
    network = mlp(16, output_activation="sigmoid" if mended else "softmax")
    return train(network, known("breast-cancer", seed), epochs=20)


@fault(
    kind="softmax_on_one_unit",
    also=("output_range",),
    where="output_activation",
    repair="network.output_activation=sigmoid or none",
    metric="accuracy",
    level=1,
)
def circles_end_in_softmax_of_one(seed: int, mended: bool) -> Training:
    network = mlp(32, 32, activation="tanh", output_activation="sigmoid" if mended else "softmax")
    return train(network, known("circles", seed), learning_rate=0.01, epochs=20)


@fault(
    kind="softmax_on_one_unit",
    also=("wrong_loss", "output_range"),
    by="code",
    where="loss",
    repair="binary_cross_entropy_with_logits, or two outputs",
    metric="accuracy",
    level=0.96,
)
def one_logit_and_cross_entropy(seed: int, mended: bool) -> Loop:
    x, y, x_validation, y_validation = tensors(*raw("breast-cancer"), seed)
    network = nn.Sequential(nn.Linear(x.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    loss_of = functional.binary_cross_entropy_with_logits if mended else functional.cross_entropy

    def loop(watch):
        with watch(network, optimizer=optimizer) as evidence:
            for _ in range(15):
                for batch in torch.randperm(len(x)).split(32):
                    optimizer.zero_grad()
                    loss_of(network(x[batch]), y[batch, None].float()).backward()
                    optimizer.step()
                with torch.no_grad():
                    output = network(x_validation)
                    right = (output[:, 0] > 0).long() == y_validation
                    loss = loss_of(output, y_validation[:, None].float())
                evidence.log(validation_loss=loss.item(), validation_accuracy=right.float().mean().item())
        return evidence

    return Loop(loop)


@fault(
    kind="output_range",
    where="output_activation",
    repair="network.output_activation=none",
    metric="r2",
    level=0.8,
)
def signed_targets_through_relu(seed: int, mended: bool) -> Training:
    network = mlp(32, 32, output_activation=None if mended else "relu")
    return train(network, arrays(*table(seed), seed), epochs=30, learning_rate=3e-3)


@fault(
    kind="output_range",
    where="output_activation",
    repair="network.output_activation=none",
    metric="r2",
    level=0.79,
)
def wave_through_relu(seed: int, mended: bool) -> Training:
    network = mlp(32, 32, activation="tanh", output_activation=None if mended else "relu")
    return train(network, arrays(*wave(seed), seed), epochs=40, learning_rate=0.01)


@fault(
    kind="output_range",
    also=("targets_unscaled",),
    where="output_activation",
    repair="network.output_activation=none, with scaled targets",
    metric="r2",
    level=0.8,
)
def temperatures_through_tanh(seed: int, mended: bool) -> Training:
    data = arrays(*table(seed), seed, target_scaling="standard" if mended else "none")  # 0 to 30
    network = mlp(32, 32, output_activation=None if mended else "tanh")
    return train(network, data, epochs=30, learning_rate=3e-3)


@fault(
    kind="output_range",
    where="output_activation",
    repair="network.output_activation=none",
    metric="r2",
    level=0.86,
)
def standard_targets_through_sigmoid(seed: int, mended: bool) -> Training:
    network = mlp(32, 32, output_activation=None if mended else "sigmoid")
    return train(network, arrays(*table(seed + 50), seed), epochs=30, learning_rate=3e-3)


@fault(
    kind="output_range",
    where="output_activation",
    repair="network.output_activation=none",
    metric="loss",
    level=0.189,
)
def digits_logits_through_relu(seed: int, mended: bool) -> Training:
    network = mlp(32, output_activation=None if mended else "relu")
    settings = {"optimizer": "momentum", "learning_rate": 0.05, "epochs": 10}
    return train(network, known("digits", seed), loss="cross_entropy", **settings)


@fault(
    kind="output_range",
    where="output_activation",
    repair="network.output_activation=none",
    metric="loss",
    level=0.131,
)
def clouds_logits_through_tanh(seed: int, mended: bool) -> Training:
    network = mlp(64, output_activation=None if mended else "tanh")
    return train(network, arrays(*clouds(seed), seed), loss="cross_entropy", epochs=25, learning_rate=3e-3)


@fault(
    kind="output_range",
    also=("wrong_loss",),
    where="output_activation",
    repair="network.output_activation=softmax, or none with cross_entropy",
    metric="accuracy",
    level=0.96,
)
def digits_end_in_many_sigmoids(seed: int, mended: bool) -> Training:
    network = mlp(32, output_activation="softmax" if mended else "sigmoid")
    return train(network, known("digits", seed), loss="categorical_cross_entropy", epochs=15, learning_rate=3e-3)


@fault(
    kind="softmax_on_one_unit",
    also=("output_range",),
    where="output_activation",
    repair="network.output_activation=sigmoid or none",
    metric="accuracy",
    level=1,
)
def xor_ends_in_softmax_of_one(seed: int, mended: bool) -> Training:
    network = mlp(24, 12, output_activation="sigmoid" if mended else "softmax")
    return train(network, known("xor", seed), learning_rate=0.01, epochs=20)
