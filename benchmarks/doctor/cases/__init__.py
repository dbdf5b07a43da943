"""Cases: every planted fault and every healthy training, by name."""

from types import ModuleType

from case import Fault, Healthy

from cases import (
    architecture,
    depth,
    generalization,
    healthy_loops,
    healthy_pictures,
    healthy_tables,
    healthy_traps,
    imbalance,
    initialization,
    inputs,
    leakage,
    loops,
    losses,
    outputs,
    pace,
    parameters,
    steps,
    targets,
)

FAULTY = (
    *(inputs, targets, imbalance, leakage, outputs, losses, initialization, depth, architecture),
    *(parameters, loops, steps, pace, generalization),
)
HEALTHY = (healthy_tables, healthy_pictures, healthy_traps, healthy_loops)


def _of(kind: type, families: tuple[ModuleType, ...]) -> dict:
    found = [case for family in families for case in vars(family).values() if isinstance(case, kind)]
    return {case.name: case for case in found}


FAULTS: dict[str, Fault] = _of(Fault, FAULTY)
WELL: dict[str, Healthy] = _of(Healthy, HEALTHY)
