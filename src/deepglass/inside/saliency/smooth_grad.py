"""SmoothGrad: the gradient, averaged over noisy copies of the input."""

import torch
from torch import Tensor

from deepglass.errors import SettingError
from deepglass.inside.saliency.question import Question
from deepglass.randomness import generator

SAMPLES, NOISE = 50, 0.15  # the paper finds no gain beyond 50, and 10 to 20 % of the range a good noise


def smooth_grad(
    question: Question, *, samples: int = SAMPLES, noise: float = NOISE, seed: int = 0
) -> dict[str, Tensor]:
    """Average the gradient over copies of each example with normal noise, so that what is left is not by chance.

    Args: noise: standard deviation, as a share of the range of each input of the example. seed: the same gives the same noise.
    Source: Smilkov, Thorat, Kim, Viegas and Wattenberg, "SmoothGrad: removing noise by adding noise", arXiv:1706.03825.
    """
    if samples < 1 or noise < 0:
        raise SettingError(f"{samples=} and {noise=} make no noisy copies. Give 1 or more, and a share such as 0.15.")
    count, random = len(question), generator(seed, "smooth_grad")
    sums = {name: torch.zeros_like(question.inputs[name]) for name in question.floating}
    ranges = {name: _range(question.inputs[name]) for name in sums}
    for copies in torch.arange(samples).split(question.copies):
        noisy = {n: torch.cat([v] * len(copies)) for n, v in question.inputs.items()}
        for name in sums:
            draws = torch.randn(noisy[name].shape, generator=random).to(noisy[name])
            noisy[name] = noisy[name] + draws * noise * torch.cat([ranges[name]] * len(copies))
        for name, found in question.gradients(noisy).items():
            sums[name] += found.reshape(len(copies), count, *found.shape[1:]).sum(dim=0)
    return {name: total / samples for name, total in sums.items()}


def _range(values: Tensor) -> Tensor:
    """The largest number of each example minus its smallest: (examples, 1, ...)."""
    rows = values.flatten(1)
    return (rows.amax(dim=1) - rows.amin(dim=1)).reshape(-1, *[1] * (values.ndim - 1))
