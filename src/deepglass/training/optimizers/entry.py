"""Entry: what the catalogue of optimizers says of one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

TORCHS_WORDS = {"learning_rate": "lr", "epsilon": "eps"}


@dataclass(frozen=True)
class Optimizer:
    """One optimizer.

    Args:
        update: the pure update; None where steps cannot be taken weight by weight.
        torch_class: torch's own kernel, which a lone network runs.
        learning_rate, weight_decay: what suits it, unless the recipe says otherwise.
        takes: its further settings, fields of the Recipe, and the values of its paper.
        fused: the kinds of device on which torch takes the step in one pass over the weights.
        options: what else torch's class is made with.
        words: what torch calls a setting, where that is not the usual word.
        decoupled: whether weights decay apart from the gradient.
    """

    update: Callable[..., tuple[Tensor, dict[str, Tensor]]] | None
    torch_class: Callable[..., torch.optim.Optimizer]
    learning_rate: float
    takes: Mapping[str, float] = field(default_factory=dict)
    weight_decay: float = 0.0
    fused: tuple[str, ...] = ("cpu", "cuda", "mps", "xpu")
    options: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    decoupled: bool = False

    def in_torchs_words(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings as keyword arguments of torch's class."""
        words = {**TORCHS_WORDS, **self.words}
        options = {words.get(name, name): value for name, value in settings.items()}
        if "beta1" in options:
            options["betas"] = (options.pop("beta1"), options.pop("beta2"))
        return {**options, **self.options}
