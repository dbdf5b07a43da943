"""Garbage: Python's search for objects that nothing reaches any more, put off where much is made and nothing is thrown away.

Each search goes through all that was ever made, and torch alone brings half a million objects.
"""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Iterator[None]:
    """Search for no garbage inside the block; afterwards what was made in it counts as old, so that no search begins at once.

    To import torch so takes a sixth less, to draw the pictures of a report a quarter.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # else somebody froze what we must not thaw
            gc.freeze()
            gc.unfreeze()
        gc.enable()


def leave_the_last() -> None:
    """Leave out the search that Python makes when a process ends; behind torch it takes half a second."""
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)  # which has it pass over everything
