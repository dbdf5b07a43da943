"""Windows of the loss: each of the first 128 steps by itself, then 64 to a doubling of the number of steps."""

import numpy as np
import pytest
import torch

from deepglass.probes.windows import FOLDED, Windows

STEPS = 40_000  # the last windows are 512 steps long, longer than what is folded at a time
LOSSES = torch.rand(STEPS, generator=torch.Generator().manual_seed(0))


def expected(steps):
    """Ends, means and standard deviations, window by window, by NumPy."""
    rows, begun = [], 0
    for step in range(1, steps + 1):
        if step <= 128 or step % (2 ** (len(f"{step:b}") - 1) // 64) == 0:
            inside = LOSSES[begun:step].numpy().astype(float)
            rows.append((step, inside.mean(), inside.std()))
            begun = step
    return rows, LOSSES[begun:steps].numpy().astype(float)


def assert_rows(taken, rows):
    ends, values = taken
    assert ends == [end for end, _, _ in rows]
    np.testing.assert_allclose(values.numpy(), [row[1:] for row in rows], atol=1e-5)


@pytest.mark.parametrize("at_a_time", [1, 7, 1000], ids=lambda n: f"{n} at a time")
def test_windows_are_the_means_and_spreads_of_their_steps_however_they_come(at_a_time):
    windows = Windows()
    for first in range(0, STEPS, at_a_time):
        part = LOSSES[first : first + at_a_time]
        windows.add(first + len(part), part[0] if at_a_time == 1 else part)
        assert len(windows._open) <= FOLDED
    rows, left = expected(STEPS)
    ends, values = windows.peek()
    assert ends[-1] == STEPS and ends[:-1] == [end for end, _, _ in rows]
    np.testing.assert_allclose(values[-1].numpy(), [left.mean(), left.std()], atol=1e-5)
    assert_rows(windows.take(), rows)
    assert windows.take() == ([], None)


def test_what_is_open_goes_on_from_what_was_saved():
    windows, again = Windows(), Windows()
    for step in range(1, 301):
        windows.add(step, LOSSES[step - 1])
    windows.take()
    windows.add(301, LOSSES[300])
    again.load(windows.tensors())
    for one in (windows, again):
        one.add(304, LOSSES[301:304])
    rows, _ = expected(304)
    for one in (windows, again):
        assert_rows(one.take(), [row for row in rows if row[0] > 300])


def test_a_loss_that_is_no_number_is_in_its_window_alone():
    windows = Windows()
    windows.add(1, torch.tensor(2.0))
    windows.add(2, torch.tensor(float("nan")))
    windows.add(3, torch.tensor([4.0]))  # a loss of one's own code may have an axis
    _, values = windows.take()
    assert values[:, 0].isfinite().tolist() == [True, False, True]
