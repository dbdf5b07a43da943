"""The built-in scenes: what the caption says is what the image shows."""

import numpy as np
import pytest

import deepglass as dg
from deepglass.data.builtin.scenes import COLOURS, scenes
from deepglass.errors import SettingError


def centre(image, colour):
    """Where the pixels of a colour are: (down, across), by distance alone."""
    near = np.abs(image.astype(int) - np.array(COLOURS[colour])[:, None, None]).sum(axis=0) < 60
    return np.argwhere(near).mean(axis=0), int(near.sum())


def test_colours_lie_where_the_caption_says():
    source = scenes(scenes=60, noise_std=0.0, seed=1)
    looked = 0
    for image, caption in zip(source.fields["image"].values, source.fields["caption"].values):
        words = caption.split()
        first, second = words[1], words[-2]
        if first == second:
            continue
        (one, some), (other, more) = centre(image, first), centre(image, second)
        axis = 0 if "above" in words else 1
        assert one[axis] < other[axis] and min(some, more) > 15
        looked += 1
    assert looked > 30


def test_a_square_fills_its_box_and_a_triangle_half_of_it():
    source = scenes(scenes=300, noise_std=0.0, seed=2)
    filled = {}
    for image, caption in zip(source.fields["image"].values, source.fields["caption"].values):
        words = caption.split()
        if words[1] != words[-2]:
            near = np.abs(image.astype(int) - np.array(COLOURS[words[1]])[:, None, None]).sum(axis=0) < 60
            down, across = np.nonzero(near)
            filled.setdefault(words[2], []).append(near.sum() / ((np.ptp(down) + 1) * (np.ptp(across) + 1)))
    means = {shape: float(np.mean(v)) for shape, v in filled.items()}
    assert means["square"] == 1 and means["circle"] == pytest.approx(np.pi / 4, abs=0.06)
    assert means["triangle"] == pytest.approx(0.5, abs=0.08) and means["cross"] < 0.65


def test_no_combination_is_in_two_splits():
    data = dg.load("scenes", options={"scenes": 200})
    said = data.source.fields["caption"].values
    parts = [set(said[ids]) for ids in (data.splits.train, data.splits.validation, data.splits.test)]
    assert parts[0] & parts[1] == parts[0] & parts[2] == parts[1] & parts[2] == set()


def test_a_second_caption_says_the_same_from_the_other_side():
    source = scenes(scenes=12, captions=2, seed=3)
    images, said = source.fields["image"].values, source.fields["caption"].values
    assert len(images) == 24 and (images[0] == images[1]).all() and source.groups[0] == source.groups[1]
    turned = {"above": "below", "left": "right", "of": "of"}
    one, other = said[0].split(), said[1].split()
    assert other == [*one[-3:], *[turned[w] for w in one[3:-3]], *one[:3]]


@pytest.mark.parametrize(
    ("options", "said"),
    [({"scenes": 5}, "scenes=5"), ({"captions": 3}, "captions=3"), ({"noise_std": -1}, "noise_std")],
)
def test_impossible_options_are_refused(options, said):
    with pytest.raises(SettingError, match=said):
        scenes(**options)
