"""Schedule: at which steps a training is looked into, a function of the step's number and of how many are planned, never of a
stopwatch."""

from collections.abc import Iterator

CLOSELY = 8  # steps up to which every power of 2 is looked at
FIRST_LOOKS = CLOSELY.bit_length() + 1  # at 0, 1, 2, 4 and 8
# At least. A look costs what 9 steps of a convnet do, 12 of resnet20 and 30 of a small mlp (one thread, batches of 32 and 64).
STEPS_A_LOOK = 16
EVEN_STEPS = 400  # between two epochs' looks at least: epochs of a few steps would be looked at more than trained
EPOCHS_A_DOUBLING = 16  # looks at epochs each time their number doubles: 1 to 16 all, then every second one, ...
WINDOWS_A_DOUBLING = 64  # windows of the loss, each time the number of steps doubles


def is_probed(step: int, steps_an_epoch: int, planned: int | None = None) -> bool:
    """Say whether the state after `step` steps is looked at, and the step that follows.

    That is so at 0, 1, 2, 4, 8, where most goes wrong, then at 32, 128, 512, ..., and at the first step of epochs: of the
    first 16, of every second up to 32, of every fourth up to 64 and so on, and never more often than every 400 steps for that
    reason. So the number of looks grows with the logarithm of the length: 8 to 20 in a short training, about 120 in one of
    1000 epochs.

    Where fewer than 80 steps are planned, every second, third or fifth of the first five looks is taken, one for 16 steps, and
    none shortly before the end, at which a training is looked at in any case.

    Args: planned: steps of the whole training; None where nobody knows.

    >>> [step for step in range(1001) if is_probed(step, 200)]
    [0, 1, 2, 4, 8, 32, 128, 400, 512, 800]
    >>> [step for step in range(24) if is_probed(step, 8, 24)], [step for step in range(60) if is_probed(step, 60, 60)]
    ([0], [0, 2, 8, 32])
    """
    if step & (step - 1) and step % steps_an_epoch:  # neither a power of 2 nor the beginning of an epoch, as nearly all
        return False
    if step and planned is not None and planned - step < STEPS_A_LOOK:
        return False
    if step <= CLOSELY and step & (step - 1) == 0:  # 0 and powers of 2
        return step.bit_length() % _stride(planned) == 0
    if step & (step - 1) == 0 and step.bit_length() % 2 == 0:  # every second one of those that follow
        return True
    epoch, inside = divmod(step, steps_an_epoch)  # epoch: how many are over
    if inside:
        return False
    stride = 1
    while stride * EPOCHS_A_DOUBLING <= epoch or stride * steps_an_epoch < EVEN_STEPS:
        stride *= 2
    return epoch % stride == 0


def _stride(planned: int | None) -> int:
    """Every how many-th look of the first ones is taken."""
    return 1 if planned is None else -(-FIRST_LOOKS // max(1, planned // STEPS_A_LOOK))


def window_ends(after: int, last: int) -> Iterator[int]:
    """The steps after `after`, counted from 1 and up to `last`, with which a window of the recorded loss ends.

    Each of the first 128 steps is its own window; later 64 windows share each doubling of the number of steps.

    >>> list(window_ends(119, 139))
    [120, 121, 122, 123, 124, 125, 126, 127, 128, 130, 132, 134, 136, 138]
    """
    step = after + 1
    while step <= last:
        width = max(1, (1 << (step.bit_length() - 1)) // WINDOWS_A_DOUBLING)
        end = -(-step // width) * width  # powers of 2 are ends: the widths on both sides divide them
        if end <= last:
            yield end
        step = end + 1
