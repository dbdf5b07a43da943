"""The fresh cases: written after the detectors and before these were mended, by other hands' habits; all of them open.

For an honest figure they are parted in two by the hash of their names: detectors were mended while looking at the first half alone.
"""

import hashlib

from case import Fault, Healthy

from cases.fresh import feeding, healthy_loops, healthy_trainings, losing, starting, stepping, trainings

FRESH_FAULTS: dict[str, Fault] = {
    case.name: case
    for family in (stepping, losing, feeding, starting, trainings)
    for case in vars(family).values()
    if isinstance(case, Fault)
}
FRESH_WELL: dict[str, Healthy] = {
    case.name: case
    for family in (healthy_loops, healthy_trainings)
    for case in vars(family).values()
    if isinstance(case, Healthy)
}


def part(name: str) -> str:
    """Which part of the fresh cases one is in: "mended on", or "looked at after"."""
    return "looked at after" if hashlib.sha256(f"fresh {name}".encode()).digest()[0] % 2 else "mended on"
