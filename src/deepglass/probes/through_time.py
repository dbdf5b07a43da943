"""Through time: how much the answer of a recurrent network still hears of each step of a series."""

from typing import Any

import torch
from torch import Tensor, nn

from deepglass.probes.activations import first_tensor
from deepglass.probes.aside import aside
from deepglass.probes.examples import Kept

FEWEST = 4  # steps


def heard_of_steps(network: nn.Module, kept: Kept) -> tuple[float, ...]:
    """The norm of the answers' gradient at each step's input, over the rows that are kept; empty where steps cannot be told.

    Asked of a network with recurrent parts that gives one answer a row. Numbers (rows, steps, features) are asked themselves,
    tokens through their embedding. Nothing in the network changes.
    """
    recurrent = (nn.RNNBase, nn.RNNCellBase)
    if not any(isinstance(module, recurrent) for module in network.modules()):
        return ()
    arguments = list(kept.arguments)
    place = next((n for n, v in enumerate(arguments) if isinstance(v, Tensor) and v.ndim), None)
    if place is None:
        return ()
    embedded: list[Tensor] = []
    hooks = []
    if arguments[place].is_floating_point():
        embedded.append(arguments[place].detach().requires_grad_(True))
        arguments[place] = embedded[0].clone()  # which may be changed in place
    with torch.enable_grad(), aside(network), torch.backends.cudnn.flags(enabled=False):
        network.eval()
        if not embedded:

            def take(module: nn.Module, given: Any, output: Tensor) -> Tensor:
                embedded.append(output.detach().requires_grad_(True))
                return embedded[-1].clone()

            hooks = [m.register_forward_hook(take) for m in network.modules() if isinstance(m, nn.Embedding)]
        try:
            y = first_tensor(network(*arguments, **kept.keywords))
        finally:
            for hook in hooks:
                hook.remove()
        if y is None or not embedded or not y.requires_grad or y.ndim > 2 or embedded[0].ndim != 3:
            return ()
        x = embedded[0]
        if len(y) != len(x) or x.shape[1] < FEWEST:
            return ()
        flat = y.reshape(len(y), -1).float()
        uneven = (
            torch.arange(1, flat.shape[1] + 1, device=flat.device) / flat.shape[1]
        )  # of a softmax, the sum is always 1
        (slope,) = torch.autograd.grad((flat * uneven).sum(), x, allow_unused=True)
    return () if slope is None else tuple(slope.detach().double().square().sum((0, 2)).sqrt().tolist())
