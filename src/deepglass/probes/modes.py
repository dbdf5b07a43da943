"""Modes: whether a network can do something else in training mode than in evaluation mode."""

from torch import nn

from deepglass.tasks import Supervised, Task

# Classes of torch whose forward never asks for the mode. What is not listed, such as dropout, batch norm, a recurrent layer
# or a module of somebody's own, may.
WITHOUT = {
    getattr(nn, name)
    for name in (
        *("Sequential", "Identity", "Flatten", "Unflatten", "Linear", "Bilinear", "Embedding"),
        *(f"{kind}{axes}d" for axes in (1, 2, 3) for kind in ("Conv", "ConvTranspose", "MaxPool", "AvgPool")),
        *(f"Adaptive{kind}Pool{axes}d" for axes in (1, 2, 3) for kind in ("Max", "Avg")),
        *("LayerNorm", "GroupNorm", "RMSNorm", "LocalResponseNorm"),
        *("ReLU", "ReLU6", "LeakyReLU", "PReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish", "Softplus", "Softsign"),
        *("Sigmoid", "LogSigmoid", "Hardsigmoid", "Hardswish", "Hardtanh", "Tanh", "Tanhshrink", "Threshold"),
        *("Softmax", "LogSoftmax", "Softmin", "Softmax2d"),
    )
}


def has_modes(network: nn.Module) -> bool:
    """Whether a forward may depend on the mode; where it does not, both give the same to the bit.

    Hooks and parametrizations may do anything, and a forward put in the place of the class's own too.
    """
    return not all(type(module) in WITHOUT and not _is_changed(module) for module in network.modules())


def learns_plainly(task: Task) -> bool:
    """Whether a task has one player, whose losses follow from one output of the network alone."""
    kind = type(task)
    return isinstance(task, Supervised) and kind.losses is Supervised.losses and kind.players is Task.players


def _is_changed(module: nn.Module) -> bool:
    hooked = module._forward_hooks or module._forward_pre_hooks
    return bool(hooked) or "forward" in vars(module)
