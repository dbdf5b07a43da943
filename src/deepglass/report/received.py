"""Received: what a network with a front is given of some signals, as numbers."""

import numpy as np
import torch
from torch import nn

from deepglass.data import Dataset
from deepglass.networks.front import front_of, transform_of
from deepglass.report.contents import Received
from deepglass.training.measuring import evaluating

SHOWN = 6  # examples of one channel
SHOWN_CHANNELS = 3  # examples of several channels, which take more room


def received_of(network: nn.Module, data: Dataset) -> Received | None:
    """Pass some examples through the front of a network, one of each class first; None when it has no front.

    They are of the validation split, or of the training split without one.
    """
    front = front_of(network)
    if front is None or len(data.inputs) != 1:
        return None
    ((name, field),) = data.inputs.items()
    split = "validation" if len(data.members("validation")) else "train"
    ids = _one_of_each(data.members(split), data.codes(split), SHOWN if field.shape[0] == 1 else SHOWN_CHANNELS)
    batch = data.read(ids)
    device = next((p.device for p in network.parameters()), torch.device("cpu"))
    with evaluating(network):
        images = front(batch[name].to(device)).cpu().numpy()
    transform = transform_of(front)
    target = next(iter(data.targets.values()), None)
    truths = [""] * len(ids)
    if target is not None and target.kind in ("category", "labels"):
        truths = [str(truth) for truth in target.decode(batch[target.name])]
    return Received(
        ids=ids.numpy(),
        truths=truths,
        signals=field.decode(batch[name]),
        rate=field.rate,
        channels=field.channels,
        images=images,
        times=transform.times(field.shape[1]).numpy(),
        frequencies=transform.frequencies.numpy(),
        about=f"{type(transform).__name__}: {transform.extra_repr()}",
        split=split,
    )


def _one_of_each(members: torch.Tensor, codes: torch.Tensor | None, count: int) -> torch.Tensor:
    """The first example of each class, evenly spread over the classes, or examples evenly spread over the split."""
    if codes is None:
        return members[torch.linspace(0, len(members) - 1, min(count, len(members))).round().long()]
    firsts = [members[(codes == code).nonzero()[0, 0]] for code in codes.unique()]
    chosen = np.linspace(0, len(firsts) - 1, min(count, len(firsts))).round().astype(int)
    return torch.stack([firsts[i] for i in np.unique(chosen)])
