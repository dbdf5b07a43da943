"""Healthy tables: dense networks of many sizes, optimizers and schedules, of which nothing is to be said."""

import numpy as np
from case import Training, healthy, train
from material import arrays, clouds, known, mlp, rare, raw, table, wave

LINEAR = "a plane is all there is to find in these data"


@healthy(metric="accuracy", ceiling=LINEAR)
def iris_as_usual(seed: int) -> Training:
    return train(mlp(16), known("iris", seed), epochs=60, learning_rate=3e-3)


@healthy(metric="accuracy", ceiling=LINEAR)
def wine_as_usual(seed: int) -> Training:
    return train(mlp(32), known("wine", seed), epochs=30)


@healthy(metric="accuracy", ceiling=LINEAR)
def tumours_with_a_sigmoid(seed: int) -> Training:
    return train(mlp(16, output_activation="sigmoid"), known("breast-cancer", seed), epochs=20)


@healthy(metric="accuracy", ceiling="one straight network on nearly separable data: high accuracy")
def tumours_by_logistic_regression(seed: int) -> Training:
    return train(mlp(), known("breast-cancer", seed), optimizer="sgd", learning_rate=0.05, epochs=40)


@healthy(metric="r2", ceiling="half of the variance is noise, and the rest is a plane")
def diabetes_as_usual(seed: int) -> Training:
    return train(mlp(24), known("diabetes", seed), epochs=60, weight_decay=0.01)


@healthy(metric="accuracy")
def moons_as_usual(seed: int) -> Training:
    return train(mlp(32, 32), known("moons", seed), epochs=40, learning_rate=3e-3)


@healthy(metric="accuracy")
def moons_with_noise(seed: int) -> Training:
    data = known("moons", seed, options={"noise_std": 0.25})
    return train(mlp(32), data, epochs=40, learning_rate=0.01)


@healthy(metric="accuracy")
def moons_in_sigmoids(seed: int) -> Training:
    return train(mlp(16, activation="sigmoid"), known("moons", seed), epochs=60, learning_rate=0.1)


@healthy(metric="accuracy")
def circles_in_a_narrow_network(seed: int) -> Training:
    return train(mlp(6, activation="tanh"), known("circles", seed), epochs=60, learning_rate=0.03)


@healthy(metric="accuracy")
def circles_with_plain_descent(seed: int) -> Training:
    settings = {"optimizer": "sgd", "learning_rate": 0.5, "epochs": 50}
    return train(mlp(32, activation="tanh"), known("circles", seed), **settings)


@healthy(metric="accuracy")
def xor_with_two_outputs(seed: int) -> Training:
    network = mlp(16, activation="tanh", outputs=2)
    return train(network, known("xor", seed), epochs=50, learning_rate=0.01, optimizer="rmsprop")


@healthy(metric="accuracy")
def spirals_by_two_wide_layers(seed: int) -> Training:
    return train(mlp(96, 96), known("spirals", seed, options={"points": 900}), epochs=80, learning_rate=0.01)


@healthy(metric="accuracy")
def spirals_until_no_gradient_is_left(seed: int) -> Training:
    data = known("spirals", seed, options={"points": 900})
    settings = {"schedule": "cosine", "learning_rate": 0.01, "epochs": 120, "early_stopping": False}
    return train(mlp(64, 64), data, **settings)


@healthy(metric="accuracy")
def clouds_as_usual(seed: int) -> Training:
    return train(mlp(64), arrays(*clouds(seed), seed), epochs=25, learning_rate=3e-3)


@healthy(metric="accuracy")
def clouds_with_batch_norm(seed: int) -> Training:
    return train(mlp(48, 48, norm="batch"), arrays(*clouds(seed), seed), epochs=20, learning_rate=3e-3)


@healthy(metric="accuracy")
def clouds_with_layer_norm(seed: int) -> Training:
    return train(mlp(48, 48, norm="layer"), arrays(*clouds(seed), seed), epochs=20, learning_rate=3e-3)


@healthy(metric="accuracy")
def clouds_with_dropout(seed: int) -> Training:
    network = mlp(128, 128, dropout=0.3)
    return train(network, arrays(*clouds(seed), seed), epochs=30, learning_rate=3e-3)


@healthy(metric="accuracy")
def clouds_with_one_cycle(seed: int) -> Training:
    settings = {"schedule": "one_cycle", "learning_rate": 0.02, "epochs": 25}
    return train(mlp(48), arrays(*clouds(seed), seed), **settings)


@healthy(metric="accuracy")
def clouds_with_nesterov_and_steps(seed: int) -> Training:
    settings = {"optimizer": "nesterov", "learning_rate": 0.03, "schedule": "step", "epochs": 30}
    return train(mlp(48), arrays(*clouds(seed), seed), **settings)


@healthy(metric="accuracy")
def clouds_in_one_batch(seed: int) -> Training:
    return train(mlp(48), arrays(*clouds(seed), seed), batch_size="all", epochs=200, learning_rate=0.02)


@healthy(metric="accuracy")
def clouds_from_large_but_scaled_inputs(seed: int) -> Training:
    x, y = clouds(seed)
    scales = np.array([1, 1e3, 1e-3, 10, 1e5, 1, 0.1, 50], dtype=np.float32)
    return train(mlp(48), arrays(x * scales + 7 * scales, y, seed), epochs=25, learning_rate=3e-3)


@healthy(metric="accuracy")
def clouds_that_overlap(seed: int) -> Training:
    settings = {"epochs": 30, "learning_rate": 3e-3, "weight_decay": 1e-3}
    return train(mlp(32), arrays(*clouds(seed, 1200, spread=1.0), seed), **settings)


@healthy(metric="balanced_accuracy")
def a_rare_class_made_up_for(seed: int) -> Training:
    task = {"class_weight": "balanced", "metrics": ["balanced_accuracy"]}
    return train(mlp(16), arrays(*rare(seed, 2500, share=0.1), seed), task=task, epochs=25, monitor="balanced_accuracy")


@healthy(metric="accuracy")
def three_to_one_without_weights(seed: int) -> Training:
    x, y = clouds(seed, 1200)
    y = y // 2
    kept = np.flatnonzero((y == 0) | (np.arange(len(y)) % 3 == 0))
    return train(mlp(48), arrays(x[kept], y[kept], seed), epochs=25, learning_rate=3e-3)


@healthy(metric="r2")
def table_as_usual(seed: int) -> Training:
    return train(mlp(32, 32), arrays(*table(seed), seed), epochs=40, learning_rate=3e-3)


@healthy(metric="r2")
def table_with_absolute_error(seed: int) -> Training:
    return train(mlp(48), arrays(*table(seed), seed), loss="mae", epochs=40, learning_rate=5e-3)


@healthy(metric="r2")
def table_with_momentum(seed: int) -> Training:
    return train(mlp(32), arrays(*table(seed), seed), optimizer="momentum", learning_rate=0.01, epochs=50)


@healthy(metric="r2")
def table_with_much_noise(seed: int) -> Training:
    settings = {"epochs": 40, "learning_rate": 3e-3, "weight_decay": 1e-3}
    return train(mlp(24), arrays(*table(seed, 1500, noise_std=3.0), seed), **settings)


@healthy(metric="r2")
def table_clipped_now_and_then(seed: int) -> Training:
    settings = {"optimizer": "momentum", "learning_rate": 0.02, "clip_norm": 2.0, "epochs": 40}
    return train(mlp(32), arrays(*table(seed), seed), **settings)


@healthy(metric="r2")
def wave_in_tanh(seed: int) -> Training:
    return train(mlp(48, 48, activation="tanh"), arrays(*wave(seed), seed), epochs=80, learning_rate=0.01)


@healthy(metric="r2")
def shares_through_a_sigmoid(seed: int) -> Training:
    x, y = table(seed)
    y = 1 / (1 + np.exp(-(y - 14) / 4))  # a share of something, 0 to 1: sigmoid is right for it
    network = mlp(32, output_activation="sigmoid")
    return train(network, arrays(x, y, seed, target_scaling="none"), epochs=50, learning_rate=0.01)


@healthy(metric="r2")
def positive_targets_through_softplus(seed: int) -> Training:
    x, y = table(seed)
    network = mlp(32, output_activation="softplus")
    data = arrays(x, (y.clip(0.1) / 10).astype(np.float32), seed, target_scaling="none")
    return train(network, data, epochs=40, learning_rate=5e-3)


@healthy(metric="r2", ceiling=LINEAR)
def plane_by_least_squares(seed: int) -> Training:
    return train(mlp(), known("plane", seed), optimizer="sgd", learning_rate=0.05, epochs=20)


@healthy(metric="r2")
def a_hill_in_the_plane(seed: int) -> Training:
    return train(mlp(32, activation="tanh"), known("gaussian", seed), epochs=40, learning_rate=0.01)


@healthy(metric="accuracy", ceiling="digits are nearly separable by planes")
def digits_in_five_epochs(seed: int) -> Training:
    """The early stage of a good run."""
    x, y = raw("digits")
    return train(mlp(128), arrays(x, y, seed), epochs=5, learning_rate=2e-3)
