"""Real cases: programs of which somebody asked what is wrong with them, written again in PyTorch, and published ones that are well.

Their sources are questions on Stack Overflow and its sisters (many of them in the benchmarks of DeepLocalize, AUTOTRAINER, UMLAUT,
NeuraLint, DeepDiagnosis, DeepFD and deepmufl), the PyTorch forum, tutorials and course books; the question's number stands beside
each. What differs: data that nobody has are drawn like them, sizes are such that a training takes seconds, and starting weights,
losses and `fit` are Keras' own where the program was Keras'. The mended twin is the accepted answer. They are parted in two by the
hash of their names, as the unseen ones are: detectors are mended while looking at one part alone, and what is missed of the other
is not listed.
"""

import hashlib

from case import Fault, Healthy

from cases.real import (
    feeding,
    github,
    healthy_keras,
    healthy_settings,
    healthy_steps,
    healthy_torch,
    numbers,
    outputs,
    pace,
    rows,
    settings,
    torch_loops,
    torch_losses,
    torch_modes,
    torch_parameters,
)

REAL_FAULTS: dict[str, Fault] = {
    case.name: case
    for family in (
        outputs,
        numbers,
        feeding,
        rows,
        github,
        torch_loops,
        torch_losses,
        torch_modes,
        torch_parameters,
        settings,
        pace,
    )
    for case in vars(family).values()
    if isinstance(case, Fault)
}
REAL_WELL: dict[str, Healthy] = {
    case.name: case
    for family in (healthy_keras, healthy_torch, healthy_steps, healthy_settings)
    for case in vars(family).values()
    if isinstance(case, Healthy)
}


def part(name: str) -> str:
    """Which part of the real cases one is in: "real, mended on", or "real, looked at after"."""
    return "real, " + ("looked at after" if hashlib.sha256(f"real {name}".encode()).digest()[0] % 2 else "mended on")
