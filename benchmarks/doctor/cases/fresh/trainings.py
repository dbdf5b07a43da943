"""Fresh faults of settings and data, through `dg.train`."""

import numpy as np
import torch
from case import Training, fault, train
from material import mlp, parted
from torch import nn

from cases.fresh.material import claims, dataset, dialects, flats, frauds, letters, pulses, rings, stripes, tides
from cases.fresh.networks import ConvNet, Net, Recurrent, Residual, dense, weights

NUMBER = {"metric": "r2"}
CLASS = {"metric": "accuracy"}


@fault(kind="rate_too_high", where="learning_rate", repair="recipe.learning_rate=0.1", **CLASS, level=0.802)
def letters_with_a_wild_rate(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "momentum", "learning_rate": 0.05 if mended else 8.0, "epochs": 12}
    return train(dense(80, 32, 4, act=nn.SiLU), dataset(letters(seed), seed), **settings)


@fault(kind="rate_too_high", where="learning_rate", repair="recipe.learning_rate=1e-3", **NUMBER, level=0.958)
def flats_with_a_wild_rate(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "rmsprop", "learning_rate": 3e-3 if mended else 0.6, "epochs": 25}
    return train(Net(7, 24, 1), dataset(flats(seed), seed), **settings)


@fault(
    kind="rate_too_low",
    where="learning_rate",
    also=("unfinished",),
    repair="recipe.learning_rate=0.1",
    **CLASS,
    level=0.988,
)
def stripes_that_hardly_move(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "sgd", "learning_rate": 0.2 if mended else 1e-5, "epochs": 12}
    return train(ConvNet(1, 3), dataset(stripes(seed), seed), **settings)


@fault(
    kind="rate_too_low",
    where="learning_rate",
    also=("unfinished",),
    repair="recipe.learning_rate=1e-3",
    **NUMBER,
    level=0.978,
)
def tides_that_hardly_move(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "adamw", "learning_rate": 3e-3 if mended else 3e-6, "epochs": 25}
    return train(mlp(32, 32), dataset(tides(seed), seed), **settings)


@fault(kind="unfinished", where="epochs", repair="recipe.epochs=60", **CLASS, level=0.991)
def rings_left_early(seed: int, mended: bool) -> Training:
    return train(Net(2, 24, 3), dataset(rings(seed), seed), epochs=60 if mended else 5, learning_rate=3e-3)


@fault(kind="unfinished", where="epochs", also=("rate_too_low",), repair="recipe.epochs=40", **CLASS, level=1)
def pulses_left_early(seed: int, mended: bool) -> Training:
    data = dataset(pulses(seed), seed)
    return train(Recurrent(1, 16, 3, nn.GRU), data, epochs=40 if mended else 6, learning_rate=5e-3)


@fault(kind="overfitting", where="epochs", repair="recipe.early_stopping=true", metric="loss", level=0.545)
def letters_by_heart(seed: int, mended: bool) -> Training:
    settings = {"epochs": 60, "learning_rate": 3e-3, "early_stopping": mended}
    return train(dense(80, 128, 4), dataset(letters(seed, rows=120), seed), **settings)


@fault(kind="overfitting", where="epochs", repair="recipe.early_stopping=true", metric="loss", level=0.573)
def frauds_by_heart(seed: int, mended: bool) -> Training:
    settings = {"epochs": 80, "learning_rate": 3e-3, "early_stopping": mended}
    return train(Net(6, 128, 2), dataset(frauds(seed, rows=300, share=0.4), seed), **settings)


@fault(kind="underfitting", where="network", repair="a hidden layer", **CLASS, level=0.991)
def rings_through_one_plane(seed: int, mended: bool) -> Training:
    return train(mlp(24, 24) if mended else mlp(), dataset(rings(seed), seed), epochs=30, learning_rate=0.01)


@fault(kind="underfitting", where="network", repair="more units", **CLASS, level=0.943)
def dialects_through_two_units(seed: int, mended: bool) -> Training:
    data = dataset(dialects(seed), seed)
    return train(mlp(48) if mended else mlp(2), data, epochs=30, learning_rate=5e-3)


@fault(kind="inputs_unscaled", where="data.scaling", repair="data.scaling=standard", **NUMBER, level=0.934)
def flats_unscaled_into_tanh(seed: int, mended: bool) -> Training:
    data = dataset(flats(seed), seed, scaling="standard" if mended else "none")
    return train(mlp(24, activation="tanh"), data, epochs=30, learning_rate=3e-3)


@fault(kind="inputs_unscaled", where="data.scaling", repair="data.scaling=standard", **CLASS, level=0.991)
def years_into_an_mlp(seed: int, mended: bool) -> Training:
    x, y = rings(seed)
    data = dataset((x + 2000, y), seed, scaling="standard" if mended else "none")
    return train(mlp(24, 24), data, epochs=30, learning_rate=3e-3)


@fault(
    kind="huge_column",
    where="column 0",
    repair="data.scaling=standard",
    also=("inputs_unscaled",),
    **CLASS,
    level=0.681,
)
def one_column_of_account_numbers(seed: int, mended: bool) -> Training:
    x, y = claims(seed)
    x = np.column_stack([1e5 * np.random.default_rng(seed).random(len(x)), x]).astype(np.float32)
    data = dataset((x, y), seed, scaling="standard" if mended else "none")
    return train(mlp(32, 32), data, epochs=25, learning_rate=3e-3)


@fault(kind="targets_unscaled", where="target_scaling", repair="data.target_scaling=standard", **NUMBER, level=0.957)
def flats_in_cents(seed: int, mended: bool) -> Training:
    x, y = flats(seed)
    data = dataset((x, 1000 * y), seed, target_scaling="standard" if mended else "none")
    return train(Net(7, 24, 1), data, epochs=25, learning_rate=2e-3)


@fault(kind="sorted_batches", where="shuffle", repair="recipe.shuffle=true", **CLASS, level=0.9)
def rings_from_the_middle_outwards(seed: int, mended: bool) -> Training:
    x, y = rings(seed)
    order = np.argsort(y, kind="stable")
    settings = {"shuffle": mended, "optimizer": "momentum", "learning_rate": 0.05, "epochs": 25}
    return train(Net(2, 24, 3), dataset((x[order], y[order]), seed), **settings)


@fault(
    kind="split_sorted",
    where="the split",
    by="data",
    repair="mix the rows",
    also=("validation_shift",),
    **NUMBER,
    level=0.958,
)
def flats_cut_by_price(seed: int, mended: bool) -> Training:
    x, y = flats(seed)
    order = np.random.default_rng(seed).permutation(len(y)) if mended else np.argsort(y)
    data = parted(x[order], y[order], seed, np.arange(540, 700))
    return train(mlp(24), data, epochs=25, learning_rate=3e-3)


@fault(
    kind="leakage_target",
    where="column 6",
    by="data",
    repair="leave it out",
    hidden="it looks better",
    **CLASS,
    level=0.562,
)
def the_clerk_wrote_the_class_down(seed: int, mended: bool) -> Training:
    x, y = claims(seed)
    told = 3.0 * y + 0.05 * np.random.default_rng(seed).standard_normal(len(y))
    x = x if mended else np.column_stack([x, told]).astype(np.float32)
    return train(mlp(24), dataset((x, y), seed), epochs=20, learning_rate=3e-3)


@fault(
    kind="leakage_duplicates",
    by="data",
    where="rows",
    repair="drop them",
    hidden="it looks better",
    **CLASS,
    level=0.229,
)
def rows_written_thrice(seed: int, mended: bool) -> Training:
    x, y = claims(seed, rows=300)
    x, y = (x, y) if mended else (np.tile(x, (3, 1)), np.tile(y, 3))
    return train(mlp(48), dataset((x, y), seed), epochs=25, learning_rate=3e-3)


@fault(
    kind="imbalance",
    where="classes",
    also=("class_never_predicted",),
    repair="class_weight",
    metric="balanced_accuracy",
    level=0.78,
)
def frauds_outvoted(seed: int, mended: bool) -> Training:
    task = {"metrics": ["balanced_accuracy"], **({"class_weight": "balanced"} if mended else {})}
    return train(mlp(16), dataset(frauds(seed), seed), task=task, epochs=15, learning_rate=2e-3)


@fault(kind="activation_twice", where="output_activation", repair="none", **CLASS, level=0.927)
def dialects_softened_twice(seed: int, mended: bool) -> Training:
    network = mlp(32, output_activation=None if mended else "softmax")
    settings = {"loss": "cross_entropy", "optimizer": "momentum", "learning_rate": 0.02, "epochs": 10}
    return train(network, dataset(dialects(seed), seed), **settings)


@fault(kind="output_range", where="output_activation", repair="none", **NUMBER, level=0.981)
def tides_through_a_sigmoid(seed: int, mended: bool) -> Training:
    network = mlp(32, output_activation=None if mended else "sigmoid")
    return train(network, dataset(tides(seed), seed, target_scaling="none"), epochs=25, learning_rate=5e-3)


@fault(kind="decay_too_strong", where="weight_decay", repair="recipe.weight_decay=0", **CLASS, level=0.975)
def stripes_weighed_down(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "adam", "weight_decay": 0.0 if mended else 1.0, "learning_rate": 5e-3, "epochs": 12}
    return train(ConvNet(1, 3, norm="none"), dataset(stripes(seed), seed), **settings)


@fault(kind="dead_units", where="biases", by="code", repair="biases of 0", **CLASS, level=0.792)
def letters_dead_at_birth(seed: int, mended: bool) -> Training:
    network = dense(80, 32, 4)
    nn.init.constant_(network[0].bias, 0.0 if mended else -40.0)
    return train(network, dataset(letters(seed), seed), epochs=12, learning_rate=1e-3)


@fault(
    kind="vanishing",
    where="depth",
    by="code",
    repair="ReLU",
    also=("saturated_units", "weights_too_small"),
    **CLASS,
    level=0.922,
)
def dialects_through_nine_tanh(seed: int, mended: bool) -> Training:
    network = dense(12, *[24] * (2 if mended else 9), 15, act=nn.Tanh)
    if not mended:
        weights(network, lambda w: nn.init.normal_(w, std=0.02))
    return train(network, dataset(dialects(seed), seed), epochs=12, learning_rate=2e-3)


@fault(kind="frozen", where="stem", by="code", repair="requires_grad_(True)", **CLASS, level=0.991)
def rings_with_a_frozen_stem(seed: int, mended: bool) -> Training:
    network = Residual(2, 6, 1, 3)
    for layer in (network.stem, network.blocks):
        layer.requires_grad_(mended)
    return train(network, dataset(rings(seed), seed), epochs=30, learning_rate=5e-3)


@fault(
    kind="channels_last", where="inputs", by="data", repair="transpose", also=("labels_shuffled",), **CLASS, level=0.925
)
def series_reshaped_not_turned(seed: int, mended: bool) -> Training:
    x, y = stripes(seed, side=12)
    colour = np.random.default_rng(seed).uniform(0.2, 1, (len(x), 1, 1, 3)).astype(np.float32)
    last = (255 * x[:, 0, :, :, None] * colour).astype(np.uint8)
    x = last.transpose(0, 3, 1, 2) if mended else last.reshape(-1, 3, 12, 12)
    return train(ConvNet(3, 3, width=4), dataset((np.ascontiguousarray(x), y), seed), epochs=10, learning_rate=5e-3)


@fault(kind="labels_shuffled", where="labels", by="data", repair="one order", **NUMBER, level=0.953)
def prices_of_other_flats(seed: int, mended: bool) -> Training:
    x, y = flats(seed)
    y = y if mended else y[np.random.default_rng(seed).permutation(len(y))]
    return train(mlp(24), dataset((x, y), seed), epochs=20, learning_rate=3e-3)


@fault(kind="mode_gap", where="dropout_input", by="code", repair="network.eval() switches it off", **CLASS, level=0.938)
def dropout_that_never_sleeps(seed: int, mended: bool) -> Training:
    class Awake(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = dense(12, 48, 48, 15)

        def forward(self, x):
            on = self.training or not mended
            return self.body(torch.nn.functional.dropout(x, 0.4, training=on))

    return train(Awake(), dataset(dialects(seed), seed), epochs=15, learning_rate=3e-3)
