import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

import deepglass as dg
from deepglass.data import Augment
from deepglass.data.augment.fits import OF_SIGNALS
from deepglass.errors import SettingError

IMAGES = np.random.default_rng(0).integers(0, 256, (60, 2, 6, 5), dtype=np.uint8)
COLOURED = np.random.default_rng(1).integers(1, 256, (60, 4, 7, 9), dtype=np.uint8)
TARGETS = np.arange(60) % 3
EVERYTHING = {
    "flip": True,
    "flip_vertical": True,
    "crop": 2,
    "shift": 1,
    "rotate": 20,
    "scale": 0.2,
    "brightness": 0.3,
    "contrast": 0.3,
    "saturation": 0.3,
    "erase": 0.3,
    "noise": 0.1,
    "mixup": 0.4,
}


def read(data, ids, *, epoch=1, seed=0, batch_size=60):
    batches = data.reader().read(torch.tensor(ids), batch_size, epoch=epoch, change=data.settings.augment, seed=seed)
    return torch.cat([b["x"] for b in batches])


def test_every_change_is_in_these_tests():
    assert {*EVERYTHING, *OF_SIGNALS} == set(Augment.model_fields)  # those of signals: augment/test_signal_changes.py


@settings(max_examples=40)
@given(
    batch_size=st.integers(1, 60),
    order=st.permutations(range(60)),
    chosen=st.sets(st.sampled_from(sorted(EVERYTHING)), min_size=1),
    channels=st.integers(1, 4),
)
def test_a_change_depends_on_seed_epoch_and_sample_alone(batch_size, order, chosen, channels):
    wanted = {name: EVERYTHING[name] for name in chosen if name != "saturation" or channels > 2}
    data = dg.load((COLOURED[:, :channels], TARGETS), augment=wanted)
    together = read(data, list(range(60)))
    assert torch.equal(read(data, order, batch_size=batch_size), together[list(order)])


@pytest.mark.parametrize("name", EVERYTHING)
def test_another_epoch_or_seed_changes_the_images_in_another_way(name):
    data = dg.load((COLOURED, TARGETS), augment={name: EVERYTHING[name]})
    ids = list(range(60))
    here = read(data, ids)
    assert not torch.equal(here, data.read(torch.arange(60))["x"])
    assert not torch.equal(here, read(data, ids, epoch=2))
    assert not torch.equal(here, read(data, ids, seed=1))


def test_nothing_is_drawn_from_the_global_generators():
    data = dg.load((COLOURED, TARGETS), augment=EVERYTHING)
    torch.manual_seed(3)
    before = torch.get_rng_state()
    read(data, list(range(60)))
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("streaming", [False, True])
def test_streamed_images_are_changed_as_those_in_memory(streaming):
    data = dg.load((COLOURED, TARGETS), augment=EVERYTHING)
    streamed = data.with_(streaming=streaming)
    assert torch.equal(read(data, [5, 3, 59]), read(streamed, [5, 3, 59]))


def test_the_training_split_is_changed_and_no_other():
    data = dg.load((COLOURED, TARGETS), augment=EVERYTHING)
    plain = data.with_(augment={})
    assert torch.equal(data.examples("validation")["x"], plain.examples("validation")["x"])
    seen = []
    network = dg.build("mlp", data, hidden=[4])
    network.register_forward_pre_hook(lambda module, given: seen.append((module.training, given[0].detach().clone())))
    training = dg.Training(network, data, dg.Recipe(epochs=1, batch_size=60, threads=1))
    list(training)
    untouched = plain.examples("train")["x"]
    trained, measured = ([x for was, x in seen if was is mode] for mode in (True, False))
    assert not torch.isin(trained[0], untouched).all()
    both = torch.cat([untouched, plain.examples("validation")["x"]])  # which are measured in one pass
    assert any(torch.equal(x, both) for x in measured)
    assert training.measure("validation") == dg.Training(network, plain, dg.Recipe(threads=1)).measure("validation")


def test_every_shift_up_to_the_border_occurs_and_none_beyond():
    pixel = np.zeros((500, 1, 7, 7), dtype=np.uint8)
    pixel[:, 0, 3, 3] = 255
    data = dg.load((pixel, np.arange(500) % 2), augment={"shift": 1}, scaling="none")
    moved = read(data, list(range(500)), batch_size=500)
    places = moved.flatten(1).argmax(dim=1)
    assert sorted(places.unique().tolist()) == [r * 7 + c for r in (2, 3, 4) for c in (2, 3, 4)]
    assert torch.bincount(places)[places.unique()].min() > 30  # about 500 / 9 each


def test_what_moves_in_is_raw_zero():
    data = dg.load((IMAGES // 2 + 1, np.arange(60) % 2), augment={"shift": 5}, test=0)
    zero = data.inputs["x"].encode(np.zeros((1, 2, 6, 5)))[0, :, 0, 0]
    moved, still = read(data, list(range(60))), data.with_(augment={}).read(torch.arange(60))["x"]
    new = ~torch.isin(moved, still)
    for channel in (0, 1):
        assert_close(moved[:, channel][new[:, channel]].unique(), zero[channel : channel + 1])


def test_what_is_erased_is_raw_zero_and_no_larger_than_asked():
    data = dg.load((COLOURED, TARGETS), augment={"erase": 0.25}, scaling="none", test=0)
    changed = read(data, list(range(60))) != torch.from_numpy(COLOURED).float()
    erased = read(data, list(range(60)))[changed]
    assert (erased == 0).all()
    areas = changed.any(dim=1).flatten(1).sum(dim=1)
    assert 0 < areas.max() <= 0.25 * 63 * 1.35  # a side is rounded to whole pixels
    assert len(areas.unique()) > 5


def test_noise_has_the_deviation_asked_for_in_encoded_units():
    data = dg.load((np.full((400, 1, 8, 8), 7.0), np.arange(400) % 2), augment={"noise": 0.25})
    noise = read(data, list(range(400)), batch_size=400)
    assert_close(noise.std().item(), 0.25, atol=0.01, rtol=0)
    assert_close(noise.mean().item(), 0.0, atol=0.01, rtol=0)


def test_numbers_of_a_table_get_noise_and_its_classes_do_not():
    import pandas as pd

    frame = pd.DataFrame({"size": np.arange(40.0), "colour": ["red", "blue"] * 20, "y": np.arange(40) % 2})
    data = dg.load(frame, target="y", augment={"noise": 0.5})
    change = data.settings.augment
    (batch,) = data.reader().read(torch.arange(40), 40, change=change)
    still = data.read(torch.arange(40))["features"]
    assert torch.equal(batch["features"][:, 1:], still[:, 1:])
    assert (batch["features"][:, 0] != still[:, 0]).all()


@pytest.mark.parametrize("scaling", ["standard", "unit", "none"])
def test_colours_change_in_raw_values_whatever_the_scaling(scaling):
    data = dg.load((COLOURED[:, :3], TARGETS), scaling=scaling, augment={"brightness": 0.5, "saturation": 0.5})
    raw = dg.load((COLOURED[:, :3], TARGETS), scaling="none", augment={"brightness": 0.5, "saturation": 0.5})
    decoded = data.inputs["x"].decode(read(data, list(range(60))))
    assert_close(decoded, read(raw, list(range(60))).double().numpy(), atol=1e-3, rtol=1e-4)


def test_the_fourth_channel_is_transparency_and_keeps_its_values():
    data = dg.load((COLOURED, TARGETS), scaling="none", augment={"brightness": 1, "contrast": 1, "saturation": 1})
    changed = read(data, list(range(60)))
    assert torch.equal(changed[:, 3], torch.from_numpy(COLOURED[:, 3]).float())
    assert not torch.equal(changed[:, 0], torch.from_numpy(COLOURED[:, 0]).float())


@pytest.mark.parametrize(
    ("augment", "message"),
    [
        ({"flip": True}, r"data\.augment\.flip=true changes images, and the inputs are 'x' \(number\)\. Numbers can"),
        ({"rotate": 5}, r"data\.augment\.rotate=5\.0 changes images"),
        ({"brightness": 0.1}, r"data\.augment\.brightness=0\.1 changes images"),
        ({"scale": 1}, r"data\.augment\.scale=1: input should be less than 1\."),
        ({"mixup": float("nan")}, r"data\.augment\.mixup=nan: input should be"),
        ({"rotatte": 5}, r"There is no setting 'data\.augment\.rotatte'\. Did you mean 'rotate'\?"),
    ],
)
def test_numbers_can_have_noise_and_mixup_and_nothing_else(augment, message):
    numbers = (np.arange(40.0).reshape(20, 2), np.arange(20) % 2)
    with pytest.raises(SettingError, match=message):
        dg.load(numbers, augment=augment)
    dg.load(numbers, augment={"noise": 0.1, "mixup": 0.2})


def test_a_change_that_the_images_have_no_room_or_colours_for_is_refused():
    grey = (IMAGES[:, :1], TARGETS)
    with pytest.raises(SettingError, match=r"saturation=0\.2 needs colours, and 'x' has 1 channel\. Use brightness"):
        dg.load(grey, augment={"saturation": 0.2})
    with pytest.raises(
        SettingError, match=r"crop=5 mirrors more pixels than 'x' has: it is 6 x 5\. Use crop=4 or less"
    ):
        dg.load(grey, augment={"crop": 5})
    with pytest.raises(SettingError, match=r"flip=true would move the images and not the target 'y' \(image\)\."):
        dg.load({"x": IMAGES, "y": IMAGES}, target="y", kinds={"y": "image"}, augment={"flip": True})
    uneven = {"x": dg.Ragged.of([torch.rand(i % 4, 2) for i in range(20)]), "y": np.arange(20) % 2}
    with pytest.raises(SettingError, match=r"mixup=0\.2 blends examples of one shape, and those of 'x' .* are uneven"):
        dg.load(uneven, augment={"mixup": 0.2})
