"""Causal convolution: kernels along time that see a step and those before it, never what comes after."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class CausalConv1d(nn.Conv1d):
    """Convolve along time, with zeros before the start, so that each step sees itself and the (kernel - 1) x dilation before.

    Shapes: input (batch, in_channels, time), output (batch, out_channels, time).
    Source: van den Oord et al., "WaveNet", arXiv:1609.03499, section 2.1.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, *, dilation: int = 1) -> None:
        super().__init__(in_channels, out_channels, kernel_size, dilation=dilation)
        self.reach = (kernel_size - 1) * dilation  # steps back

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, (self.reach, 0)))

    def begin(self, batch: int) -> Tensor:
        """What lies before the first step: zeros (batch, in_channels, reach)."""
        return self.weight.new_zeros(batch, self.in_channels, self.reach)

    def step(self, x: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
        """One step more, (batch, in_channels) -> (batch, out_channels), and what lies before the next one."""
        seen = torch.cat([past.to(x.dtype), x[:, :, None]], dim=2)
        return super().forward(seen)[:, :, 0], seen[:, :, 1:]
