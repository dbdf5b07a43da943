"""Recurrent start: the numbers that recurrent layers start from, gate by gate, with the gates that keep open."""

import torch
from torch import nn

from deepglass.layers.initialization import INITIALIZATIONS
from deepglass.layers.recurrent_steps import StepByStep
from deepglass.names import find

GATES = {nn.LSTM: ("input", "forget", "candidate", "output"), nn.GRU: ("reset", "update", "candidate")}  # torch's order
KEEPS = {nn.LSTM: "forget", nn.GRU: "update"}  # the gate that, open, keeps the state as it is

# What the bias of an LSTM's forget gate starts from. sigmoid(2) = 0.88: half of a memory is there after 5 steps; torch starts at
# 0.5, which leaves half after 1. With 32 units, the first of 30 symbols was named after 3 epochs by two seeds of two; with 1 after
# 15 and 26, with 0 after 30 and never: experiment open-gates.
FORGET_BIAS = 2.0
# Where each step is answered or looked at, the near past counts most: on tiny Shakespeare, one epoch of 512 units gave 1.79 nats a
# letter with 1, and 2.24 with 2 (one seed). Encoder-decoders and handwriting were measured with it, too.
FORGET_BIAS_AT_EACH_STEP = 1.0


def gates_of(layer: nn.Module) -> tuple[str, ...]:
    """The blocks in which the weights of a layer stand, one above the other; a plain layer has one."""
    return next((names for kind, names in GATES.items() if isinstance(layer, kind)), ("state",))


def start_recurrent(layer: nn.RNNBase | StepByStep, initialization: str = "auto", *, open_gate: float = 0.0) -> None:
    """Give new numbers to the weights of a recurrent layer, and open its gate that keeps.

    "auto": Glorot's for what comes from the input, orthogonal for what comes from the state, each gate for itself, biases 0.
    An orthogonal matrix leaves the length of a state as it is, where torch's ("default") shrinks it to about 0.6 at each step.
    Args:
        initialization: one of INITIALIZATIONS, for both matrices; "default" is torch's, biases included.
        open_gate: added to the bias of the LSTM's forget gate, or the GRU's update gate: the gate starts at sigmoid(open_gate).
    Raises: UnknownName.
    Source: Saxe, McClelland and Ganguli, arXiv:1312.6120, section 3; open gates: Gers, Schmidhuber and Cummins, "Learning to
        Forget", Neural Computation, 2000; Jozefowicz, Zaremba and Sutskever, ICML 2015, section 2.2.
    """
    fill = find("initialization", initialization, INITIALIZATIONS)
    names = gates_of(layer)
    with torch.no_grad():
        if initialization != "default":
            for name, weight in layer.named_parameters():
                for block in weight.chunk(len(names)):
                    if weight.ndim == 1:
                        block.zero_()
                    elif fill is not None:
                        fill(block)
                    else:
                        (nn.init.xavier_uniform_ if name.startswith("weight_ih") else nn.init.orthogonal_)(block)
        keeps = next((gate for kind, gate in KEEPS.items() if isinstance(layer, kind)), None)
        if keeps is not None:
            layer.bias_ih_l0.chunk(len(names))[names.index(keeps)].add_(open_gate)  # type: ignore[operator]
