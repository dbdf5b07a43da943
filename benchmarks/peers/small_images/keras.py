"""Keras: compile and fit on torch, with the same networks in layers of its own."""

from typing import Any

import keras
from arrays import Arrays
from clock import Clock, Size
from keras import layers

from peers.keras import Marks, convnet_layers, loss
from peers.small_images import CLASSES, SIDE, images


def convnet(size: Size, clock: Clock) -> None:
    fit(lambda: keras.Sequential(convnet_layers((SIDE, SIDE, 3))), size, clock)


def resnet20(size: Size, clock: Clock) -> None:
    fit(resnet20_model, size, clock)


def vgg11(size: Size, clock: Clock) -> None:
    fit(vgg11_model, size, clock)


def resnet20_model() -> Any:
    x = inputs = keras.Input((SIDE, SIDE, 3))
    x = _norm(_convolution(x, 16))
    arriving = 16
    for width in (16, 16, 16, 32, 32, 32, 64, 64, 64):
        stride = 1 if width == arriving else 2
        y = _norm(_convolution(x, width, stride))
        y = layers.BatchNormalization()(_convolution(y, width))
        if (
            stride == 2
        ):  # every other pixel, and channels of zeros: 1x1 pooling takes the one, padding a fifth axis the other
            x = layers.MaxPooling2D(1, strides=2)(x)
            x = layers.Reshape((*x.shape[1:3], 1, arriving))(x)
            x = layers.ZeroPadding3D(((0, 0), (0, 0), (0, width // arriving - 1)))(x)
            x = layers.Reshape((*x.shape[1:3], width))(x)
        x = layers.ReLU()(layers.Add()([x, y]))
        arriving = width
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(CLASSES, dtype="float32")(x))


def vgg11_model() -> Any:
    x = inputs = keras.Input((SIDE, SIDE, 3))
    for width in (64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0):
        x = _norm(layers.Conv2D(width, 3, padding="same")(x)) if width else layers.MaxPooling2D(2)(x)
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(CLASSES, dtype="float32")(x))


def _convolution(x: Any, width: int, stride: int = 1) -> Any:
    if stride == 2:  # Keras pads an even side only behind the picture, and torch on both sides
        x = layers.ZeroPadding2D(1)(x)
    padding = "valid" if stride == 2 else "same"
    return layers.Conv2D(width, 3, stride, padding, use_bias=False, kernel_initializer="he_normal")(x)


def _norm(x: Any) -> Any:
    return layers.ReLU()(layers.BatchNormalization()(x))


def fit(make: Any, size: Size, clock: Clock) -> None:
    data = images(size)
    data = Arrays(data.x.transpose(0, 2, 3, 1), data.y, data.test_x.transpose(0, 2, 3, 1), data.test_y)
    keras.utils.set_random_seed(size.seed)
    clock.start()
    model = make()
    model.compile(optimizer="adam", loss=loss(), metrics=["accuracy"])
    model.fit(
        data.x,
        data.y,
        batch_size=size.batch,
        epochs=size.epochs,
        validation_data=(data.test_x, data.test_y),
        callbacks=[Marks(clock)],
    )
    clock.end()
