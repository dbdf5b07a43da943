"""Sampling: which token comes next, from the logits for all of them."""

import torch
from torch import Tensor

from deepglass.errors import SettingError


def check_sampling(temperature: float, top_k: int | None, top_p: float) -> None:
    """Raises: SettingError, for settings that leave nothing to draw from."""
    if not temperature >= 0 or temperature == float("inf"):
        raise SettingError(
            f"{temperature=} is no temperature. Give 0 (the likeliest token each time) or more; 1 is as learned."
        )
    if top_k is not None and top_k < 1:
        raise SettingError(f"{top_k=} keeps no token. Give 1 or more, or leave it out.")
    if not 0 < top_p <= 1:
        raise SettingError(f"{top_p=} is no share. Give more than 0, and 1 to keep all tokens.")


def distribution(logits: Tensor, *, temperature: float = 1.0, top_k: int | None = None, top_p: float = 1.0) -> Tensor:
    """The probabilities from which the next token is drawn; with the defaults those that the network gives.

    Shapes: logits (..., tokens); returned alike, float64.
    Args:
        temperature: logits are divided by it; at 0 the likeliest token has probability 1.
        top_k: the likeliest tokens that are kept; None: all.
        top_p: of these, the fewest that together have at least this probability.
    Source: Ackley et al., Cognitive Science 1985 (temperature); Fan et al., ACL 2018 (top-k); Holtzman et al., ICLR 2020 (top-p).

    >>> distribution(torch.tensor([2.0, 1.0, 0.0]).log1p(), top_p=0.6)
    tensor([1., 0., 0.], dtype=torch.float64)
    """
    check_sampling(temperature, top_k, top_p)
    sorted_logits, order = logits.double().sort(dim=-1, descending=True, stable=True)
    if temperature == 0:
        shares = torch.zeros_like(sorted_logits)
        shares[..., 0] = 1.0
    else:
        # From the largest, so that a small temperature makes no number too large.
        shares = ((sorted_logits - sorted_logits[..., :1]) / temperature).softmax(dim=-1)
        if top_k is not None:
            shares[..., top_k:] = 0.0
            shares = shares / shares.sum(dim=-1, keepdim=True)
        if top_p < 1:
            earlier = shares.cumsum(dim=-1) - shares
            shares = torch.where(earlier < top_p, shares, 0.0)
            shares = shares / shares.sum(dim=-1, keepdim=True)
    return torch.zeros_like(shares).scatter(-1, order, shares)


def drawn(probabilities: Tensor, uniform: Tensor) -> Tensor:
    """Draw a token for each row: the one in whose part of the line from 0 to 1 a random number falls.

    Shapes: probabilities (rows, tokens), uniform (rows,) from 0 to below 1; returned (rows,) int64.
    """
    ends = probabilities.cumsum(dim=-1)
    return torch.searchsorted(ends, (uniform.double() * ends[:, -1])[:, None], right=True)[:, 0]
