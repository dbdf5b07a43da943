"""Logic: the truth table of a gate with two inputs."""

import numpy as np

from deepglass.data.builtin.drawn import LICENCE
from deepglass.data.source import Source, categories, numbers
from deepglass.names import find

INPUTS = [[0, 0], [0, 1], [1, 0], [1, 1]]
GATES = {
    "and": (0, 0, 0, 1),
    "or": (0, 1, 1, 1),
    "xor": (0, 1, 1, 0),  # the one that no perceptron learns
}


def logic(*, gate: str = "and") -> Source:
    """Return the four rows of a truth table.

    Shapes: x (4, 2) float32 of 0 and 1, output (4,): 0 or 1.
    Args: gate: "and", "or" or "xor".
    Raises: UnknownName, for another gate.
    Source: Minsky and Papert, "Perceptrons", 1969, for what a perceptron makes of them.
    """
    return Source(
        name="logic",
        fields={
            "x": numbers(np.array(INPUTS, dtype=np.float32), ("a", "b")),
            "output": categories(find("gate", gate, GATES), (0, 1)),
        },
        inputs=("x",),
        targets=("output",),
        splits={"train": np.arange(4), "validation": np.arange(0), "test": np.arange(0)},
        notes=(f"The gate is {gate!r}.", "Four examples: all of them are for training."),
        facts={
            "description": "the truth table of a gate with two inputs: and, or, xor",
            "licence": LICENCE,
            "source": 'boolean algebra; Minsky and Papert, "Perceptrons", 1969',
        },
    )
