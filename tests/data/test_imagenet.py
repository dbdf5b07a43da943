"""What a user gets from data.scaling=imagenet."""

import numpy as np
import pytest
import torch

import deepglass as dg
from deepglass.errors import SettingError
from deepglass.training.given_weights import Weights

RANDOM = np.random.default_rng(0)
PICTURES, LABELS = RANDOM.integers(0, 256, (20, 3, 8, 8)).astype(np.uint8), np.arange(20) % 2


def test_pixels_are_scaled_as_torchvision_does_it():
    field = dg.load((PICTURES, LABELS), scaling="imagenet").fields["x"]
    white = field.encode(np.full((1, 3, 8, 8), 255, np.uint8))[0, :, 0, 0]
    assert np.allclose(white, [(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225], atol=1e-5)
    assert np.array_equal(field.decode(field.encode(PICTURES[:2])).round().astype(np.uint8), PICTURES[:2])


def test_pictures_of_numbers_up_to_1_have_1_for_white():
    bytes_, shares = (dg.load((x, LABELS), scaling="imagenet") for x in (PICTURES, PICTURES / np.float32(255)))
    assert np.allclose(bytes_.fields["x"].encode(PICTURES), shares.fields["x"].encode(PICTURES / 255.0), atol=1e-5)


def test_what_is_no_picture_in_colour_is_refused_with_the_mend():
    with pytest.raises(SettingError, match=r"'x' is image of 1 channel. Load grey pictures with colour=rgb"):
        dg.load((PICTURES[:, :1], LABELS), scaling="imagenet")
    with pytest.raises(SettingError, match=r"'x' is number. Use scaling=standard"):
        dg.load((RANDOM.normal(size=(20, 4)), LABELS), scaling="imagenet")


def test_a_published_googlenet_gets_black_as_minus_1_and_white_as_1():
    data = dg.load((PICTURES, LABELS), scaling="centred")
    field = data.fields["x"]
    black, white = (field.encode(np.full((1, 3, 8, 8), value, np.uint8))[0, 0, 0, 0] for value in (0, 255))
    assert (float(black), float(white)) == pytest.approx((-1, 1))
    assert "from black at -1 to white at 1" in str(data.describe())
    # torchvision's GoogLeNet turns x, scaled by ImageNet, into x * deviation / 0.5 + (mean - 0.5) / 0.5 before its first layer
    as_imagenet = dg.load((PICTURES, LABELS), scaling="imagenet").fields["x"].encode(PICTURES).numpy()
    mean, deviation = (np.reshape(v, (3, 1, 1)) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    np.testing.assert_allclose(field.encode(PICTURES), as_imagenet * deviation / 0.5 + (mean - 0.5) / 0.5, atol=1e-5)


def test_its_weights_say_that_they_expect_it():
    head = torch.zeros(1000, 4)
    assert Weights("file", {"inception3a.branch1.conv.weight": head, "fc.weight": head}).scaling == "centred"
    assert Weights("file", {"layer1.0.conv1.weight": head, "fc.weight": head}).scaling == "imagenet"
