import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from deepglass.data.augment import crop, flip, shift, turn
from deepglass.data.augment.colours import brightness, contrast, grey, saturation
from deepglass.data.augment.erase import erase

NINE = torch.arange(1.0, 10).reshape(1, 1, 3, 3)
FILL = torch.tensor([[[-7.0]]])
sizes = st.tuples(st.integers(1, 5), st.integers(1, 4), st.integers(2, 9), st.integers(2, 9))


def one(value):
    return torch.tensor([float(value)])


def test_an_image_moves_down_and_right_and_the_background_moves_in():
    moved = shift(NINE, torch.tensor([[1, -1]]), FILL)
    assert moved[0, 0].tolist() == [[-7, -7, -7], [2, 3, -7], [5, 6, -7]]


def test_a_chosen_image_is_mirrored_and_the_others_stay():
    both = flip(torch.cat([NINE, NINE]), torch.tensor([True, False]), 3)
    assert both[:, 0].tolist() == [[[3, 2, 1], [6, 5, 4], [9, 8, 7]], NINE[0, 0].tolist()]
    assert flip(NINE, torch.tensor([True]), 2)[0, 0].tolist() == [[7, 8, 9], [4, 5, 6], [1, 2, 3]]


def test_a_crop_sees_the_mirrored_border():
    assert crop(NINE, torch.tensor([[-1, 2]]))[0, 0].tolist() == [[6, 5, 4], [3, 2, 1], [6, 5, 4]]


@given(sizes, st.data())
def test_a_crop_is_a_window_of_the_image_padded_by_torch(size, data):
    images = torch.arange(float(math.prod(size))).reshape(size)
    reach = min(size[2:]) - 1
    place = st.integers(-reach, reach)
    corner = torch.tensor([[data.draw(place), data.draw(place)] for _ in range(size[0])])
    padded = torch.nn.functional.pad(images, [reach] * 4, mode="reflect")
    windows = [
        p[:, reach + d : reach + d + size[2], reach + r : reach + r + size[3]] for p, (d, r) in zip(padded, corner)
    ]
    assert torch.equal(crop(images, corner), torch.stack(windows))


@given(sizes, st.sampled_from([-180, -90, 0, 90, 180]))
def test_a_quarter_turn_is_that_of_torch(size, degrees):
    side = size[2]
    images = torch.rand(size[0], size[1], side, side, generator=torch.Generator().manual_seed(0))
    turned = turn(images, torch.full((size[0],), float(degrees)), torch.ones(size[0]), FILL)
    assert_close(turned, torch.rot90(images, degrees // 90, dims=(2, 3)), atol=1e-4, rtol=0)


def test_turning_there_and_back_on_a_large_smooth_image_changes_little():
    x = torch.linspace(-1, 1, 61)
    smooth = torch.exp(-4 * (x[:, None] ** 2 + (x[None, :] - 0.2) ** 2))[None, None]
    back = turn(turn(smooth, one(17), one(1.25), FILL * 0), one(-17), one(1 / 1.25), FILL * 0)
    assert_close(back[..., 15:-15, 15:-15], smooth[..., 15:-15, 15:-15], atol=5e-3, rtol=0)


def test_shrinking_lets_the_background_in_and_enlarging_does_not():
    images = torch.zeros(1, 1, 8, 12)
    assert turn(images, one(0), one(0.5), FILL)[0, 0, 0].tolist() == [-7] * 12
    assert (turn(images, one(0), one(0.5), FILL)[0, 0, 2:6, 3:9] == 0).all()
    assert turn(images, one(0), one(1.5), FILL).abs().max() < 1e-5


def test_an_image_that_is_not_square_is_turned_and_not_sheared():
    image = torch.zeros(1, 1, 5, 9)
    image[0, 0, 2, 6] = 1  # two pixels right of the centre, and after a quarter turn two above it
    turned = turn(image, one(90), one(1), FILL * 0)[0, 0]
    assert_close(turned[0, 4].item(), 1.0, atol=1e-4, rtol=0)
    assert_close(turned.sum().item(), 1.0, atol=1e-4, rtol=0)


def test_brightness_contrast_and_saturation_of_two_pixels():
    raw = torch.tensor([[100.0, 200.0], [100.0, 200.0], [100.0, 0.0]]).reshape(1, 3, 1, 2)
    luma = 0.299 * 200 + 0.587 * 200  # of the yellow pixel; that of the grey one is 100
    assert_close(grey(raw).flatten(), torch.tensor([100.0, luma]))
    factor = one(1.5)[:, None, None, None]
    assert_close(brightness(raw, factor), 1.5 * raw)
    middle = (100 + luma) / 2
    assert_close(contrast(raw, factor), middle + 1.5 * (raw - middle))
    assert_close(saturation(raw, factor)[0, :, 0, 0], torch.tensor([100.0, 100.0, 100.0]))  # grey stays grey
    assert_close(saturation(raw, 0 * factor)[0, :, 0, 1], torch.full((3,), luma))


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (3, 20)])
@given(numbers=st.lists(st.floats(0, 0.999), min_size=4, max_size=4))
def test_one_whole_rectangle_is_erased(size, numbers):
    erased = erase(torch.ones(1, 2, *size), torch.tensor([numbers]), 0.5, FILL)[0] == -7
    assert torch.equal(erased[0], erased[1])
    rows, columns = erased[0].any(dim=1).nonzero().flatten(), erased[0].any(dim=0).nonzero().flatten()
    assert int(erased[0].sum()) == len(rows) * len(columns)
    assert (rows.diff() == 1).all()
    assert (columns.diff() == 1).all()


def test_half_the_area_of_a_square_can_be_erased():
    numbers = torch.tensor([[1.0, 0.5, 0.0, 0.999]])
    erased = erase(torch.ones(1, 1, 16, 16), numbers, 0.25, FILL)[0, 0] == -7
    assert erased.sum() == 64  # a quarter of the area, as a square
    assert erased[:8, 8:].all()
