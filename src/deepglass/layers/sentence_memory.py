"""Sentence memory: a story of words as a few memories, one for each of its last sentences."""

import torch
from torch import Tensor, nn

from deepglass.layers.masks import lengths_of


class SentenceMemory(nn.Module):
    """Sum the vectors of each sentence, weighted by where a word stands in it, so that the order of words is not lost.

    A sentence ends with the token that the story ends with, such as its full stop.
    Shapes: tokens (batch, time), 0 on padding, and vectors (batch, time, width) -> memories (batch, sentences, width), the last
        sentence first, and a mask (batch, sentences); with `sentences` memories, or as many as there is time if that is less.
    Args:
        sentences: how many are kept; those before them are forgotten.
        end: the code of the token that ends a sentence (default: read off the end of each story).
    Source: Sukhbaatar, Szlam, Weston and Fergus, "End-To-End Memory Networks", arXiv:1503.08895, section 4.1, position encoding:
        l_kj = (1 - j/J) - (k/d)(1 - 2j/J) for feature k of d and word j of J.
    """

    def __init__(self, sentences: int, end: int | None = None) -> None:
        super().__init__()
        self.sentences, self.end = sentences, end

    def forward(self, tokens: Tensor, vectors: Tensor) -> tuple[Tensor, Tensor]:
        age = ages(tokens, self.end)
        slots = torch.arange(min(self.sentences, tokens.shape[1]), device=tokens.device)
        return weighted_sums(vectors, (age[:, None] == slots[:, None]) & (tokens != 0)[:, None])

    def extra_repr(self) -> str:
        return f"sentences={self.sentences}" + ("" if self.end is None else f", end={self.end}")


def ages(tokens: Tensor, end: int | None = None) -> Tensor:
    """How many sentences come after the one that each token stands in: 0 in the last one. Shapes: (batch, time), both."""
    last = (lengths_of(tokens != 0) - 1).clamp(min=0)[:, None]
    ends = (tokens == (tokens.gather(1, last) if end is None else end)) & (tokens != 0)
    number = ends.cumsum(dim=1) - ends.long()  # of the sentence, from 0
    return number.gather(1, last) - number


def weighted_sums(vectors: Tensor, belongs: Tensor) -> tuple[Tensor, Tensor]:
    """Sum the vectors of each sentence with the weights of position encoding.

    Shapes: vectors (batch, time, width), belongs (batch, sentences, time), bool -> (batch, sentences, width), and where there is
    any word (batch, sentences).
    """
    member = belongs.to(vectors.dtype)
    words = member.sum(dim=2, keepdim=True)  # J of each sentence
    place = member.cumsum(dim=2) / words.clamp(min=1)  # j / J of each word
    width = vectors.shape[2]
    feature = torch.arange(1, width + 1, device=vectors.device, dtype=vectors.dtype) / width  # k / d
    # l_kj is a number of the word plus k / d times another one, so two products give all sums.
    sums = (member * (1 - place)) @ vectors - feature * ((member * (1 - 2 * place)) @ vectors)
    return sums, belongs.any(dim=2)
