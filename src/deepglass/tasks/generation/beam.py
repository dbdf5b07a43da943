"""Beam search: the likeliest text that a network can write, sought along several beginnings at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from deepglass.errors import SettingError

State = dict[str, Tensor]
Stepper = Callable[[Tensor, State], tuple[Tensor, State]]


@dataclass(frozen=True)
class Written:
    """What was found for each example.

    Shapes: tokens (examples, steps) of codes, with the end where one was reached and 0 behind it; log_probability (examples,).
    """

    tokens: Tensor
    log_probability: Tensor


@torch.no_grad()
def beam_search(
    step: Stepper,
    state: Mapping[str, Tensor],
    first: Tensor,
    *,
    longest: int,
    width: int = 4,
    length_penalty: float = 0.0,
    never: tuple[int, ...] = (0, 1, 2),
    end: int = 3,
) -> Written:
    """Follow the `width` likeliest beginnings of each example, and return the best text that ended, or was cut at `longest`.

    A beginning that ends leaves the beam, which grows narrower, so a width of 1 is the likeliest token each time. Texts are ranked
    by log-probability over ((5 + length) / 6) ** length_penalty.

    Shapes: first (examples,), the token before the text; each entry of `state` has examples first.
    Args:
        step: (token, state) -> logits (rows, tokens) and the next state, as `network.step`.
        never: codes that are not written.
    Raises: SettingError, for a beam or a length of nothing.
    Source: Sutskever et al., "Sequence to Sequence Learning with Neural Networks", NIPS 2014, section 3.2; the penalty is that of
        Wu et al., arXiv:1609.08144, equation 14, without the term for coverage.
    """
    if width < 1:
        raise SettingError(f"A beam of width {width} follows nothing. Give 1 or more.")
    if longest < 1:
        raise SettingError(f"A text of at most {longest} tokens holds nothing. Give 1 or more.")
    examples, device = len(first), first.device
    rows = torch.arange(examples, device=device)
    state = {name: value.repeat_interleave(width, dim=0) for name, value in state.items()}
    token = first.repeat_interleave(width)
    texts = torch.zeros(examples, width, longest, dtype=torch.int64, device=device)
    score = torch.full((examples, width), -torch.inf, device=device)
    score[:, 0] = 0.0  # all beginnings are alike before the first token: one is enough
    best = torch.full((examples,), -torch.inf, device=device)
    found, likely = torch.zeros(examples, longest, dtype=torch.int64, device=device), best.clone()
    last_penalty = _penalty(longest, length_penalty)
    for place in range(longest):
        logits, state = step(token, state)
        log_p = logits.float().log_softmax(dim=-1)
        log_p[:, list(never)] = -torch.inf
        onward = score[:, :, None] + log_p.reshape(examples, width, -1)
        onward = onward.masked_fill(score[:, :, None] == -torch.inf, -torch.inf)  # what has left the beam stays out
        score, at = onward.flatten(1).topk(width, dim=1)
        parent, chosen = at // log_p.shape[1], at % log_p.shape[1]  # both (examples, width)
        texts = texts.gather(1, parent[:, :, None].expand_as(texts))
        texts[:, :, place] = chosen
        over = chosen == end if place < longest - 1 else torch.ones_like(chosen, dtype=torch.bool)
        ranked = torch.where(over, score / _penalty(place + 1, length_penalty), -torch.inf)
        top, which = ranked.max(dim=1)
        better = top > best
        best = torch.where(better, top, best)
        found = torch.where(better[:, None], texts[rows, which], found)
        likely = torch.where(better, score[rows, which], likely)
        score = score.masked_fill(over, -torch.inf)
        if bool((score.amax(dim=1) / last_penalty <= best).all()):  # whatever follows makes a text less likely
            break
        token = chosen.flatten()
        origin = (rows[:, None] * width + parent).flatten()
        state = {name: value[origin] for name, value in state.items()}
    steps = int((found != 0).sum(dim=1).amax()) if examples else 0
    return Written(found[:, : max(1, steps)], likely)


def _penalty(length: int, exponent: float) -> float:
    return ((5 + length) / 6) ** exponent
