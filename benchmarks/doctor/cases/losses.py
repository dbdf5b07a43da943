"""Losses: one that is made for another task, spreads shapes, or takes the logarithm of 0; and labels written for another one."""

import torch
from case import Loop, Training, fault, train
from material import arrays, clouds, convnet, known, mlp, shapes, table, tensors
from torch import Tensor, nn
from torch.nn import functional


def share_right(prediction, target) -> float:
    """Share of the classes that are hit, also where a network gives them as numbers."""
    answer, truth = torch.as_tensor(prediction).flatten(), torch.as_tensor(target).flatten()
    return (answer.round() == truth.round()).double().mean().item()


def within_two(prediction, target) -> float:
    """Share of the counts that are missed by two at most."""
    answer, truth = torch.as_tensor(prediction).flatten(), torch.as_tensor(target).flatten()
    return ((answer - truth).abs() <= 2).double().mean().item()


@fault(
    kind="labels_encoded_wrongly",
    also=("wrong_loss",),
    where="target",
    repair="data.label_encoding=index",
    metric="share_right",
    level=0.94,
)
def digits_as_quantities(seed: int, mended: bool) -> Training:
    data = known("digits", seed, label_encoding="index" if mended else "number")
    return train(mlp(32), data, metrics={"share_right": share_right}, epochs=15)


@fault(
    kind="labels_encoded_wrongly",
    also=("wrong_loss",),
    where="target",
    repair="data.label_encoding=index",
    metric="share_right",
    level=0.97,
)
def shapes_as_quantities(seed: int, mended: bool) -> Training:
    data = arrays(*shapes(seed), seed, label_encoding="index" if mended else "number")
    return train(convnet(8, 16), data, metrics={"share_right": share_right}, epochs=15, learning_rate=3e-3)


@fault(
    kind="labels_encoded_wrongly",
    by="code",
    where="target",
    repair="labels 0 and 1 for binary cross-entropy",
    metric="accuracy",
    level=0.98,
)
def labels_one_and_two(seed: int, mended: bool) -> Loop:
    return _binary(seed, (0.0, 1.0) if mended else (1.0, 2.0))


@fault(
    kind="labels_encoded_wrongly",
    also=("wrong_loss",),
    by="code",
    where="target",
    repair="labels 0 and 1 for binary cross-entropy",
    metric="accuracy",
    level=0.98,
)
def labels_minus_one_and_one(seed: int, mended: bool) -> Loop:
    return _binary(seed, (0.0, 1.0) if mended else (-1.0, 1.0))


def _binary(seed: int, codes: tuple[float, float]) -> Loop:
    x, y, x_validation, y_validation = tensors(*clouds(seed, classes=2), seed)
    network = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    written, written_validation = torch.tensor(codes)[y], torch.tensor(codes)[y_validation]

    def loop(watch):
        with watch(network, optimizer=optimizer) as evidence:
            for _ in range(20):
                for batch in torch.randperm(len(x)).split(32):
                    optimizer.zero_grad()
                    output = network(x[batch])[:, 0]
                    functional.binary_cross_entropy_with_logits(output, written[batch]).backward()
                    optimizer.step()
                with torch.no_grad():
                    output = network(x_validation)[:, 0]
                    right = (output > 0) == (y_validation == 1)
                    loss = functional.binary_cross_entropy_with_logits(output, written_validation)
                evidence.log(validation_loss=loss.item(), validation_accuracy=right.float().mean().item())
        return evidence

    return Loop(loop)


@fault(
    kind="wrong_loss",
    also=("labels_encoded_wrongly",),
    by="data",
    where="target",
    repair="give the counts as numbers: regression",
    metric="within_two",
    level=0.51,
)
def counts_as_classes(seed: int, mended: bool) -> Training:
    x, y = table(seed, rows=700)
    counts = (1.5 * y).round().clip(4, 40)
    data = arrays(x, counts if mended else counts.astype(int), seed)
    return train(mlp(32, 32), data, metrics={"within_two": within_two}, epochs=20)


@fault(
    kind="wrong_loss",
    where="loss",
    repair="task.loss=auto",
    metric="accuracy",
    level=0.94,
)
def digits_by_absolute_error(seed: int, mended: bool) -> Training:
    network = mlp(32, output_activation="softmax")
    return train(network, known("digits", seed), loss="auto" if mended else "mae", epochs=15)


def spread_loss(output: Tensor, target: Tensor) -> Tensor:
    return ((output.squeeze(1) - target) ** 2).mean()  # (batch,) - (batch, 1) is (batch, batch)


def even_loss(output: Tensor, target: Tensor) -> Tensor:
    return ((output - target) ** 2).mean()


@fault(
    kind="broadcast",
    also=("predicts_mean",),
    by="code",
    where="loss",
    repair="give prediction and target one shape",
    metric="r2",
    level=0.8,
)
def table_with_spread_loss(seed: int, mended: bool) -> Training:
    data = arrays(*table(seed), seed)
    return train(mlp(32, 32), data, loss=even_loss if mended else spread_loss, epochs=30, learning_rate=3e-3)


@fault(
    kind="broadcast",
    also=("predicts_mean",),
    by="code",
    where="loss",
    repair="give prediction and target one shape",
    metric="r2",
    level=0.2,
)
def diabetes_with_spread_loss(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "momentum", "learning_rate": 0.005, "epochs": 25}
    return train(mlp(16), known("diabetes", seed), loss=even_loss if mended else spread_loss, **settings)


@fault(
    kind="broadcast",
    also=("predicts_mean",),
    by="code",
    where="loss",
    repair="squeeze the prediction, or give the target an axis",
    metric="r2",
    level=0.84,
)
def loop_with_spread_loss(seed: int, mended: bool) -> Loop:
    x, y, x_validation, y_validation = tensors(*table(seed), seed)
    y, y_validation = (y - y.mean()) / y.std(), (y_validation - y.mean()) / y.std()
    network = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)

    def shaped(target: Tensor) -> Tensor:
        return target[:, None] if mended else target

    def loop(watch):
        with watch(network, optimizer=optimizer) as evidence:
            for _ in range(30):
                for batch in torch.randperm(len(x)).split(32):
                    optimizer.zero_grad()
                    ((network(x[batch]) - shaped(y[batch])) ** 2).mean().backward()
                    optimizer.step()
                with torch.no_grad():
                    output = network(x_validation)
                    loss = ((output - shaped(y_validation)) ** 2).mean()
                    r2 = 1 - ((output[:, 0] - y_validation) ** 2).mean() / y_validation.var()
                evidence.log(validation_loss=loss.item(), validation_r2=r2.item())
        return evidence

    return Loop(loop)


def bare_log_loss(output: Tensor, target: Tensor) -> Tensor:
    probability = output.softmax(dim=1)
    hit = functional.one_hot(target, output.shape[1])
    return -(hit * probability.log()).sum(dim=1)  # 0 * log(0) is nan


def safe_log_loss(output: Tensor, target: Tensor) -> Tensor:
    hit = functional.one_hot(target, output.shape[1])
    return -(hit * output.log_softmax(dim=1)).sum(dim=1)


@fault(
    kind="log_of_zero",
    by="code",
    where="loss",
    repair="log_softmax instead of the logarithm of softmax, or cross_entropy",
    metric="accuracy",
    level=0.99,
)
def clouds_with_bare_log(seed: int, mended: bool) -> Training:
    x, y = clouds(seed, spread=0.3)
    data = arrays(300 * x, y, seed, scaling="none")
    settings = {"epochs": 20, "learning_rate": 0.01}
    return train(mlp(64, 64), data, loss=safe_log_loss if mended else bare_log_loss, **settings)


def bare_binary_loss(output: Tensor, target: Tensor) -> Tensor:
    probability, truth = output[:, 0].sigmoid(), target.float()
    return -(truth * probability.log() + (1 - truth) * (1 - probability).log())


def safe_binary_loss(output: Tensor, target: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(output[:, 0], target.float(), reduction="none")


@fault(
    kind="log_of_zero",
    by="code",
    where="loss",
    repair="binary_cross_entropy_with_logits instead of logarithms of sigmoid",
    metric="accuracy",
    level=1,
)
def gaussians_with_bare_log(seed: int, mended: bool) -> Training:
    data = known("gaussians", seed, options={"noise_std": 0.05})
    settings = {"learning_rate": 0.1, "epochs": 60, "early_stopping": False}
    return train(mlp(16), data, loss=safe_binary_loss if mended else bare_binary_loss, **settings)


@fault(
    kind="log_of_zero",
    also=("inputs_unscaled",),
    by="code",
    where="loss",
    repair="log_softmax instead of the logarithm of softmax, or cross_entropy",
    metric="accuracy",
    level=0.89,
)
def wine_with_bare_log(seed: int, mended: bool) -> Training:
    settings = {"epochs": 40, "learning_rate": 0.01, "loss": safe_log_loss if mended else bare_log_loss}
    return train(mlp(64, 64), known("wine", seed, scaling="none"), **settings)
