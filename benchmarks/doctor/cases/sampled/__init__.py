"""Sampled cases: programs drawn from a seed, each a context (data, network, optimizer, loop) and perhaps a fault.

The contexts come in two families that share no data set, no kind of network but the dense one, no optimizer, and no activation
but where a fault asks for one: detectors are mended while looking at "tuning"; of "held" the totals alone are known, and what
is missed there is not listed. Which draws are kept, accepted_*.txt says (see choose.py).
"""

from case import Fault, Healthy

from cases.sampled.drawing import cases


def sampled(family: str) -> tuple[dict[str, Fault], dict[str, Healthy]]:
    """The accepted faults and healthy trainings of a family ("tuning" or "held"), by name."""
    return cases(family)
