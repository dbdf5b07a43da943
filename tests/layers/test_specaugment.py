import pytest
import torch

from deepglass.errors import SettingError
from deepglass.layers import SpecAugment

ONES = torch.ones(64, 2, 20, 50)


def masked(layer, x=ONES, seed=0):
    torch.manual_seed(seed)
    return layer(x)


def test_masks_are_whole_columns_and_whole_rows_the_same_in_all_channels():
    in_time = masked(SpecAugment(time_masks=1, frequency_masks=0))
    assert (in_time.amax(dim=(1, 2)) == in_time.amin(dim=(1, 2))).all() and (in_time == 0).any()
    in_frequency = masked(SpecAugment(time_masks=0, frequency_masks=1))
    assert (in_frequency.amax(dim=(1, 3)) == in_frequency.amin(dim=(1, 3))).all() and (in_frequency == 0).any()


def test_a_mask_is_one_stretch_up_to_its_width_wide_and_others_for_each_example():
    columns = masked(SpecAugment(time_masks=1, frequency_masks=0, widest_time=0.2))[:, 0, 0]  # (64, 50)
    widths = (columns == 0).sum(dim=1)
    assert int(widths.max()) in (9, 10, 11) and int(widths.min()) in (0, 1) and len(widths.unique()) > 5
    starts = ((columns[:, 1:] == 0) & (columns[:, :-1] == 1)).sum(dim=1)
    assert int(starts.max()) == 1
    assert len({tuple(row) for row in columns.tolist()}) > 50


def test_nothing_is_hidden_when_it_is_asked_and_not_taught():
    assert torch.equal(SpecAugment().eval()(ONES), ONES)


def test_the_same_state_of_the_default_generator_gives_the_same_masks():
    layer = SpecAugment()
    assert torch.equal(masked(layer, seed=1), masked(layer, seed=1))
    assert not torch.equal(masked(layer, seed=1), masked(layer, seed=2))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"time_masks": -1}, "time_masks=-1 is no number of masks. Give a whole number, 0 for none"),
        ({"widest_frequency": 1.5}, "widest_frequency=1.5 is no share of the axis"),
    ],
)
def test_bad_settings_are_told(options, message):
    with pytest.raises(SettingError, match=message):
        SpecAugment(**options)
