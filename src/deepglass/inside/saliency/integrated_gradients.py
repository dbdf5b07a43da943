"""Integrated gradients: gradients gathered on the straight way from a baseline to the input."""

import torch
from torch import Tensor

from deepglass.errors import SettingError
from deepglass.inside.saliency.question import Question

STEPS = 64  # of the way; the paper finds 20 to 300 enough, and says to check the sum


def integrated_gradients(question: Question, *, steps: int = STEPS) -> dict[str, Tensor]:
    """Share the difference between the answer and the answer at the baseline out over the inputs.

    The parts add up to that difference ("completeness"), as closely as the sum over `steps` points comes to the integral.
    Source: Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks", arXiv:1703.01365, equation 3; here with the
        middle of each step, which errs less than its end.
    """
    if steps < 1:
        raise SettingError(f"{steps=} is no number of steps. Give 1 or more; 64 is usual.")
    starts = question.starts()
    count = len(question)
    shares = (torch.arange(steps, dtype=torch.float64) + 0.5) / steps
    sums = {name: torch.zeros_like(question.inputs[name]) for name in question.floating}
    for some in shares.split(question.copies):
        along = {n: _copies(starts[n], v, some, n in sums) for n, v in question.inputs.items()}
        for name, found in question.gradients(along).items():
            sums[name] += found.reshape(len(some), count, *found.shape[1:]).sum(dim=0)
    return {name: total / steps * (question.inputs[name] - starts[name]) for name, total in sums.items()}


def _copies(start: Tensor, end: Tensor, shares: Tensor, moves: bool) -> Tensor:
    """All examples at each share of the way, one set after another: (shares * examples, ...)."""
    if not moves:
        return torch.cat([end] * len(shares))
    share = shares.to(end.dtype).to(end.device).reshape(-1, *[1] * end.ndim)
    return (start + share * (end - start)).flatten(0, 1)
