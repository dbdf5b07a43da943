"""Unseen cases: written by people who had not seen the detectors; dense and convolutional networks, and such with steps.

They are parted in two by the hash of their names, as the fresh ones are: detectors are mended while looking at one part alone, and
what is missed of the other is not listed.
"""

import hashlib

from case import Fault, Healthy

from cases.unseen import (
    conv_data,
    conv_healthy,
    conv_loops,
    conv_pixels,
    conv_settings,
    dense_data,
    dense_healthy,
    dense_healthy_more,
    dense_loops,
    dense_losses,
    dense_networks,
    dense_settings,
    steps_healthy,
    steps_loops,
    steps_settings,
    steps_words,
)

UNSEEN_FAULTS: dict[str, Fault] = {
    case.name: case
    for family in (
        *(dense_data, dense_loops, dense_losses, dense_networks, dense_settings),
        *(conv_data, conv_loops, conv_pixels, conv_settings),
        *(steps_loops, steps_settings, steps_words),
    )
    for case in vars(family).values()
    if isinstance(case, Fault)
}
UNSEEN_WELL: dict[str, Healthy] = {
    case.name: case
    for family in (dense_healthy, dense_healthy_more, conv_healthy, steps_healthy)
    for case in vars(family).values()
    if isinstance(case, Healthy)
}
# Their mended twins are better than they are, and not well: they are not counted as healthy.
TWIN_NOT_WELL = ("leaks_copied_until_even",)


def part(name: str) -> str:
    """Which part of the unseen cases one is in: "unseen, mended on", or "unseen, looked at after"."""
    return "unseen, " + (
        "looked at after" if hashlib.sha256(f"unseen {name}".encode()).digest()[0] % 2 else "mended on"
    )
