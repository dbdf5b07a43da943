"""Execution: how the arithmetic of a step is carried out. It changes how long a step takes, and nothing that is learned.

The network itself stays as it is: what is quicker is done on a view of it that shares its weights (`view.py`), or, for chains
of dense layers, by derivatives that are written out (`chain.py`). Which of them, and in which precision, follows from the
network, the size of a batch and the processor by rule, never from a stopwatch, and is written into the run.
"""

from deepglass.training.execution.execution import Execution, execution_for
from deepglass.training.execution.precision import Precision, precision_for

__all__ = ["Execution", "Precision", "execution_for", "precision_for"]
