"""Keras: compile and fit on the backend that KERAS_BACKEND names, all sentences padded to one length as its examples do."""

from typing import Any

import keras
import numpy as np
from clock import Clock, Size
from keras import layers

from peers.keras import Marks, loss
from peers.sequences import DROPOUT, FEEDFORWARD, HEADS, LAYERS, LONGEST, WIDTH, sentences


def lstm(size: Size, clock: Clock) -> None:
    fit(lstm_model, size, clock)


def transformer(size: Size, clock: Clock) -> None:
    fit(transformer_model, size, clock)


def lstm_model(vocabulary: int) -> Any:
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            layers.Embedding(vocabulary, WIDTH, mask_zero=True),
            layers.LSTM(WIDTH),
            layers.Dense(2),
        ]
    )


class Embedded(layers.Layer):
    """Words and their places, as in the text classification example of keras.io, with a mask."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.words = layers.Embedding(vocabulary, WIDTH, mask_zero=True)
        self.places = layers.Embedding(LONGEST, WIDTH)
        self.supports_masking = True

    def call(self, x: Any) -> Any:
        return self.words(x) + self.places(keras.ops.arange(x.shape[-1]))

    def compute_mask(self, x: Any, mask: Any = None) -> Any:
        return keras.ops.not_equal(x, 0)


def transformer_model(vocabulary: int) -> Any:
    inputs = keras.Input((LONGEST,), dtype="int32")
    x = Embedded(vocabulary)(inputs)
    for _ in range(LAYERS):
        attended = layers.MultiHeadAttention(HEADS, WIDTH // HEADS, dropout=DROPOUT)(x, x)
        x = layers.LayerNormalization(epsilon=1e-5)(x + layers.Dropout(DROPOUT)(attended))
        inner = layers.Dropout(DROPOUT)(layers.Dense(FEEDFORWARD, activation="relu")(x))
        x = layers.LayerNormalization(epsilon=1e-5)(x + layers.Dropout(DROPOUT)(layers.Dense(WIDTH)(inner)))
    return keras.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling1D()(x)))


def fit(make: Any, size: Size, clock: Clock) -> None:
    data = sentences(size)
    keras.utils.set_random_seed(size.seed)
    clock.start()
    x, test_x = (padded(rows) for rows in (data.x, data.test_x))
    model = make(data.vocabulary)
    model.compile(optimizer="adam", loss=loss(), metrics=["accuracy"])
    model.fit(
        x,
        data.y,
        batch_size=size.batch,
        epochs=size.epochs,
        validation_data=(test_x, data.test_y),
        callbacks=[Marks(clock)],
    )
    clock.end()


def padded(rows: list[np.ndarray]) -> np.ndarray:
    return keras.utils.pad_sequences(rows, maxlen=LONGEST, padding="post", truncating="post")
