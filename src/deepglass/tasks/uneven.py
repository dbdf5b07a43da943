"""Uneven: whether a network takes examples of another length than the longest, asked before the first step."""

import torch
from torch import nn

from deepglass.data import Dataset
from deepglass.errors import ShapeError
from deepglass.networks import call
from deepglass.networks.sizes import sizes


def check_uneven(data: Dataset, network: nn.Module) -> None:
    """See that a network reads a batch that is cut to its longest example, where examples differ in length.

    A network that cannot be tried like this is left to show its own error. Raises: ShapeError, with what to do.
    """
    uneven = data.uneven_inputs
    if not uneven:
        return
    device = next((str(p.device) for p in network.parameters()), "cpu")
    whole = sizes(data).zeros(device)
    short = {n: v[:, : max(1, v.shape[1] // 2)] if n in uneven else v for n, v in whole.items()}
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        with torch.no_grad():
            call(network, whole)
            try:
                call(network, short)
            except Exception as error:
                name = uneven[0]
                raise ShapeError(
                    f"Examples of {name!r} differ in length, and {type(network).__name__} takes one length alone: "
                    f"{str(error).splitlines()[0]} Pad all to one length with data.padding=longest, or use a network along time, "
                    f"such as lstm or transformer."
                ) from None
    except ShapeError:
        raise
    except Exception:
        return
    finally:
        for module, mode in modes:
            module.training = mode
