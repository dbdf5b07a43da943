"""Sampled cases: programs drawn from a seed, each a context (data, network, optimizer, loop) and perhaps a fault.

The contexts come in families. Two of them share no data set, no kind of network but the dense one, no optimizer, and no activation
but where a fault asks for one: detectors are mended while looking at "tuning"; of "held" the totals alone are known, and what
is missed there is not listed. "third" has yet other data, networks, optimizers and loops, and traps among its healthy programs; it
is parted in two by the hash of the names, and of the second part the totals alone are known. Which draws are kept, accepted_*.txt
says (see choose.py).
"""

import hashlib

from case import Fault, Healthy

from cases.sampled.drawing import cases


def sampled(family: str) -> tuple[dict[str, Fault], dict[str, Healthy]]:
    """The accepted faults and healthy trainings of a family ("tuning", "held" or a part of "third"), by name."""
    if not family.startswith("third"):
        return cases(family)
    faults, well = cases("third")
    return (
        {n: c for n, c in faults.items() if part(n) == family},
        {n: c for n, c in well.items() if part(n) == family},
    )


def part(name: str) -> str:
    """Which part of the third family a draw is in, by the hash of its name."""
    return "third, looked at after" if hashlib.sha256(name.encode()).digest()[0] % 2 else "third, mended on"
