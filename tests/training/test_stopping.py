from deepglass.training.stopping import Stopping, converged

NAN = float("nan")


def seen(values, **settings):
    stopping = Stopping(**{"metric": "loss", "direction": "min", "patience": 2, **settings})
    return stopping, [stopping.see(i, value) for i, value in enumerate(values, start=1)]


def test_the_best_epoch_is_remembered_and_waiting_has_an_end():
    stopping, best = seen([3.0, 2.0, 2.5, 2.1])
    assert best == [True, True, False, False]
    assert (stopping.best, stopping.best_epoch, stopping.enough) == (2.0, 2, True)


def test_more_can_be_better():
    stopping, best = seen([0.1, 0.5, 0.4], direction="max")
    assert best == [True, True, False]
    assert not stopping.enough


def test_what_is_not_a_finite_number_is_never_the_best():
    _, best = seen([NAN, None, float("inf"), -float("inf"), 5.0], patience=9)
    assert best == [False] * 4 + [True]
    assert seen([1.0, NAN, NAN])[0].enough


def test_equal_and_barely_better_values_do_not_count():
    assert seen([2.0, 2.0])[1] == [True, False]
    assert seen([2.0, 1.95, 1.85], min_change=0.1)[1] == [True, False, True]


def test_without_patience_it_never_stops():
    assert not seen([1.0, *[2.0] * 50], patience=None)[0].enough


def test_it_goes_on_from_a_saved_state():
    first, _ = seen([3.0, 2.0, 2.5])
    second, _ = seen([])
    second.load(first.state())
    assert not second.see(4, 2.4)
    assert second.enough


def test_a_loss_has_converged_when_an_epoch_changes_it_by_no_more_than_a_share():
    assert converged([3.0, 2.0, 1.999], 0.001)
    assert converged([2.0, 2.002], 0.001)  # also upwards
    assert not converged([2.0, 1.99], 0.001)
    assert converged([0.0, 0.0], 0.0)
    assert not converged([1.0], 1.0)
    assert not converged([NAN, 1.0], 1.0) and not converged([float("inf"), float("inf")], 1.0)
