"""Averaging: a running mean of a network's weights, which is often better than the weights of any one step."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Average:
    """The running mean of all floating-point weights, and of the statistics of batch norm alike.

    After step t (from 1) the mean moves by 1 - min(share, t / (9 + t)) towards the network, so that at first it does not
    cling to the weights of the beginning. Whole numbers, such as batch norm's count, are the network's own.
    Args: share: of the mean that is kept at a step, below 1.
    Source: Polyak and Juditsky, 1992; the beginning as in tf.train.ExponentialMovingAverage with num_updates.
    """

    def __init__(self, network: nn.Module, share: float) -> None:
        self.network, self.share = network, share
        # Looked up at each step, because a module may put another tensor in the place of a buffer.
        self._places = dict(_places(network))
        self.values = {n: place[key].detach().clone() for n, (place, key) in self._places.items()}

    @torch.no_grad()
    def follow(self, step: int) -> None:
        """Move towards the network after step `step`, counted from 1."""
        towards = [place[key] for place, key in self._places.values()]
        torch._foreach_lerp_(list(self.values.values()), towards, 1 - min(self.share, step / (9 + step)))

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Give the network the mean for the while; afterwards it has its own weights again, to the last bit."""
        own = {n: place[key].detach().clone() for n, (place, key) in self._places.items()}
        self._put(self.values)
        try:
            yield
        finally:
            self._put(own)

    def keep(self) -> None:
        """Give the network the mean for good."""
        self._put(self.values)

    def load(self, values: Mapping[str, Tensor]) -> None:
        """Put a saved mean back, or the weights of a network as its beginning."""
        for name, value in self.values.items():
            value.copy_(values[name])

    @torch.no_grad()
    def _put(self, values: Mapping[str, Tensor]) -> None:
        for name, (place, key) in self._places.items():
            place[key].copy_(values[name])


def _places(network: nn.Module) -> Iterator[tuple[str, tuple[dict[str, Tensor], str]]]:
    """Where each floating-point tensor of the network's state stands, by its name there."""
    saved = network.state_dict(keep_vars=True)
    for path, module in network.named_modules(remove_duplicate=False):
        for place in (module._parameters, module._buffers):
            for key, value in place.items():
                name = f"{path}.{key}" if path else key
                if name in saved and value is not None and value.is_floating_point():
                    yield name, (place, key)
