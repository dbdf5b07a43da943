"""When a training is looked into."""

import pytest

from deepglass.probes.schedule import is_probed, window_ends


def test_the_start_is_looked_at_closely_then_ever_more_rarely():
    assert [s for s in range(469) if is_probed(s, 469)] == [0, 1, 2, 4, 8, 32, 128]
    assert is_probed(469, 469) and is_probed(2 * 469, 469)  # the first steps of epochs 2 and 3


def test_a_short_training_is_looked_into_rarely_and_one_of_eighty_steps_as_any_other():
    def looks(planned):
        return [s for s in range(planned) if is_probed(s, 1000, planned)]

    assert looks(1) == looks(24) == [0]  # and at the end
    assert looks(40) == [0, 4] and looks(60) == [0, 2, 8, 32]
    assert looks(80) == [0, 1, 2, 4, 8, 32] == [s for s in range(80) if is_probed(s, 1000)]
    assert all(len(looks(n)) <= 1 + n // 15 for n in range(1, 500))


@pytest.mark.parametrize("steps_an_epoch", [1, 7, 100, 1000])
def test_the_number_of_looks_grows_with_the_logarithm_of_the_length(steps_an_epoch):
    looks = sum(is_probed(s, steps_an_epoch) for s in range(1000 * steps_an_epoch))
    assert (
        looks <= 22 + 7 * 16
    )  # powers of 2 below a million, and 16 looks in each of 6 doublings of epochs and the first


def test_epochs_of_few_steps_are_not_looked_at_more_than_trained():
    assert [s for s in range(801) if is_probed(s, 3)] == [0, 1, 2, 4, 8, 32, 128, 512, 768]


def test_windows_of_the_loss_widen_with_the_steps():
    ends = list(window_ends(0, 1024))
    assert ends[:128] == list(range(1, 129))
    assert ends[128:132] == [130, 132, 134, 136]
    assert len(ends) == 128 + 3 * 64 and ends[-1] == 1024
    assert [s for s in range(1024) if list(window_ends(s, s + 1))] == [
        s - 1 for s in ends
    ]  # wherever it is asked to begin
