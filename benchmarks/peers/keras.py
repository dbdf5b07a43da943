"""Keras: compile and fit, on the backend that KERAS_BACKEND names, with the layers of its own MNIST example."""

from typing import Any

import keras
from arrays import Arrays, digits, mnist
from clock import Clock, Size
from keras import layers


class Marks(keras.callbacks.Callback):
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def on_test_begin(self, logs: Any = None) -> None:
        if keras.backend.backend() == "jax":  # which answers before it has computed
            import jax

            jax.block_until_ready(jax.live_arrays())
        self.clock.trained()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.clock.epoch(float(logs["val_accuracy"]))


def mlp(size: Size, clock: Clock) -> None:
    fit(mlp_layers(), mnist(size.rows, size.tests), size, clock)


def tuned_mlp(size: Size, clock: Clock) -> None:
    """Many steps to a call, and no bar. Not on torch, which takes one step to a call."""
    fit(mlp_layers(), mnist(size.rows, size.tests), size, clock, verbose=0, steps_per_execution=64)


def convnet(size: Size, clock: Clock) -> None:
    data = mnist(size.rows, size.tests)
    data = data._replace(x=data.x[..., None], test_x=data.test_x[..., None])
    fit(convnet_layers((28, 28, 1)), data, size, clock)


def tuned_convnet(size: Size, clock: Clock) -> None:
    """bf16, and channels first as torch wants them."""
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    keras.config.set_image_data_format("channels_first")
    data = mnist(size.rows, size.tests)
    data = data._replace(x=data.x[:, None], test_x=data.test_x[:, None])
    fit(convnet_layers((1, 28, 28)), data, size, clock, verbose=0)


def many(size: Size, clock: Clock) -> None:
    """One network after another, each with its rate and penalty."""
    from peers.candidates import candidates

    data = digits()
    clock.start()
    for rate, penalty in candidates(size.candidates):
        model = keras.Sequential([keras.Input((64,)), layers.Dense(100, activation="relu"), layers.Dense(10)])
        optimizer = keras.optimizers.AdamW(rate, weight_decay=penalty)
        model.compile(optimizer=optimizer, loss=loss(), metrics=["accuracy"])
        held_out = (data.test_x, data.test_y)
        model.fit(data.x, data.y, batch_size=size.batch, epochs=size.epochs, validation_data=held_out, verbose=0)
    clock.end()


def mlp_layers() -> list[Any]:
    return [keras.Input((28, 28)), layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dense(10)]


def convnet_layers(shape: tuple[int, ...]) -> list[Any]:
    return [
        keras.Input(shape),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(10, dtype="float32"),
    ]


def loss() -> Any:
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def fit(network: list[Any], data: Arrays, size: Size, clock: Clock, *, verbose: Any = "auto", **settings: Any) -> None:
    keras.utils.set_random_seed(size.seed)
    clock.start()
    model = keras.Sequential(network)
    model.compile(optimizer="adam", loss=loss(), metrics=["accuracy"], **settings)
    model.fit(
        data.x,
        data.y,
        batch_size=size.batch,
        epochs=size.epochs,
        validation_data=(data.test_x, data.test_y),
        callbacks=[Marks(clock)],
        verbose=verbose,
    )
    clock.end()
