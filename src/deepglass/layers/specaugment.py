"""SpecAugment: stretches of time and bands of frequencies hidden while a network learns."""

import torch
from torch import Tensor, nn

from deepglass.errors import SettingError


class SpecAugment(nn.Module):
    """Set random stretches of time and bands of frequencies to 0, in all channels, others for each example; in training only.

    A mask is 0 to `widest` of its axis wide, evenly distributed, and lies anywhere. Numbers are drawn from torch's default
    generator, as dropout's are, so a training that was stopped goes on with the same masks.
    Shapes: input and output (batch, channels, frequencies, times), standardized, so that 0 is the mean.
    Args:
        time_masks, frequency_masks: how many of each.
        widest_time, widest_frequency: share of the axis that one mask takes at most.
    Source: Park et al., "SpecAugment: A Simple Data Augmentation Method for Automatic Speech Recognition", arXiv:1904.08779,
        section 2, without its time warping, which it found to matter least; LibriSpeech double has two masks of each kind.
    """

    def __init__(
        self,
        *,
        time_masks: int = 2,
        frequency_masks: int = 2,
        widest_time: float = 0.2,
        widest_frequency: float = 0.2,
    ) -> None:
        super().__init__()
        for name, count in (("time_masks", time_masks), ("frequency_masks", frequency_masks)):
            if isinstance(count, bool) or not isinstance(count, int) or count < 0:
                raise SettingError(f"{name}={count!r} is no number of masks. Give a whole number, 0 for none.")
        for name, share in (("widest_time", widest_time), ("widest_frequency", widest_frequency)):
            if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
                raise SettingError(f"{name}={share!r} is no share of the axis. Give a number above 0 and up to 1.")
        self.time_masks, self.frequency_masks = time_masks, frequency_masks
        self.widest_time, self.widest_frequency = widest_time, widest_frequency

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        if self.time_masks:
            x = x.masked_fill(_hidden(x, x.shape[3], self.time_masks, self.widest_time)[:, None, None, :], 0.0)
        if self.frequency_masks:
            hidden = _hidden(x, x.shape[2], self.frequency_masks, self.widest_frequency)
            x = x.masked_fill(hidden[:, None, :, None], 0.0)
        return x

    def extra_repr(self) -> str:
        return (
            f"{self.time_masks} in time up to {self.widest_time:g}, {self.frequency_masks} in frequency up to "
            f"{self.widest_frequency:g}"
        )


def _hidden(x: Tensor, places: int, masks: int, widest: float) -> Tensor:
    """Which places of an axis are hidden in each example: bool (batch, places)."""
    wide, start = torch.rand(2, len(x), masks, 1, device=x.device)
    wide = wide * (widest * places)
    start = start * (places - wide)
    place = torch.arange(places, device=x.device)
    return ((place >= start) & (place < start + wide)).any(dim=1)
