"""What the tests of malformed files share: a bound on the time, and the one message that is expected."""

import signal

import pytest

import deepglass as dg
from deepglass.errors import DeepglassError

MOST_SECONDS = 30


@pytest.fixture(autouse=True)
def clock():
    """A hang is a failure."""

    def late(*_):
        raise AssertionError(f"took more than {MOST_SECONDS} seconds")

    if not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(MOST_SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def refusal(source, **settings):
    """The one message with which something is refused."""
    with pytest.raises(DeepglassError) as caught:
        dg.load(source, **settings)
    message = str(caught.value)
    assert caught.value.exit_code == 2
    assert "Traceback" not in message and len(message) < 1000
    return message


def flipped(data, at=-30):
    changed = bytearray(data)
    changed[at] ^= 0x10
    return bytes(changed)
