"""Decibels: powers by their logarithm, as loudness is heard."""

import torch
from torch import Tensor, nn

from deepglass.errors import SettingError

SILENCE = 1e-20  # the power of a signal of nothing but zeros, so that it has a logarithm


class Decibels(nn.Module):
    """Give each power as decibels under the greatest power of its example, 0 at most.

    Shapes: input and output (batch, ...); inputs are 0 or above.
    Args: range_db: what is quieter than so many decibels under the loudest counts as that quiet.
    Source: 10 log10(power / reference), with the range of 80 that `librosa.power_to_db` takes.
    """

    def __init__(self, *, range_db: float = 80.0) -> None:
        super().__init__()
        if isinstance(range_db, bool) or not isinstance(range_db, int | float) or not 0 < range_db < float("inf"):
            raise SettingError(f"{range_db=!r} is no range in decibels. Give a number above 0, such as 80.")
        self.range_db = range_db

    def forward(self, x: Tensor) -> Tensor:
        loudest = x.amax(dim=tuple(range(1, x.ndim)), keepdim=True).clamp_min(SILENCE)
        return 10 * torch.log10(torch.maximum(x / loudest, x.new_tensor(10 ** (-self.range_db / 10))))

    def extra_repr(self) -> str:
        return f"range_db={self.range_db:g}"
