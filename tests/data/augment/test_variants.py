import pytest
import torch

from deepglass.data.augment import Augment, augment, count_variants, crops_and_flips, variants
from deepglass.randomness import Noise

FILL = torch.tensor([[[-1.0]]])


def as_bytes(image):
    return image.contiguous().numpy().tobytes()


def test_crops_and_flips_make_2048_images_of_one_by_the_count_of_alexnet():
    tiny = torch.arange(1.0 * 3 * 7 * 7).reshape(3, 7, 7)
    windows = [as_bytes(w) for w in crops_and_flips(tiny, 4, 4)]  # 4 x 4 windows in 7 x 7, as 225 x 225 in 256 x 256
    assert len(set(windows)) == len(windows) == 2 * (7 - 4 + 1) ** 2 == 32
    many = sum(1 for _ in crops_and_flips(torch.zeros(1, 224 + 31, 224 + 31), 224, 224))
    assert many == 32 * 32 * 2 == 2048  # 32 places each way; all 33 of an image of 256 would make 2178


@pytest.mark.parametrize("wanted", [{"flip": True}, {"crop": 1}, {"flip": True, "crop": 1}, {"shift": 1, "flip": True}])
def test_what_training_draws_are_the_variants_that_are_listed(wanted):
    settings = Augment(**wanted)
    image = torch.arange(1.0, 31).reshape(1, 5, 6)
    listed = {as_bytes(v) for v in variants(image, settings, FILL)}
    assert len(listed) == count_variants(settings)
    drawn = augment(image.repeat(500, 1, 1, 1), settings, Noise(0, 1, torch.arange(500)), FILL, FILL)
    assert {as_bytes(d) for d in drawn} == listed


def test_a_symmetric_image_has_fewer_variants_than_places():
    listed = {as_bytes(v) for v in variants(torch.ones(1, 4, 4), Augment(flip=True, crop=2), FILL)}
    assert len(listed) == 1
