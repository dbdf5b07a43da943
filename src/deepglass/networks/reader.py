"""Reader: a network that answers a question about a story by looking at its sentences, several times."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from deepglass.errors import SettingError, ShapeError
from deepglass.layers import initialize
from deepglass.layers.attention import DotProductAttention, may_be_seen
from deepglass.layers.positions import LearnedPositions
from deepglass.layers.sentence_memory import SentenceMemory, weighted_sums
from deepglass.layers.step_embedding import at_least_one_step
from deepglass.networks import parts
from deepglass.networks.parts import Choice, Shape
from deepglass.networks.recurrent_parts import output_activation as last_activation
from deepglass.networks.steps import Attentive, activated


class Hop(nn.Module):
    """One look at the memories: u' = activation(H u + sum of p_i c_i), where p is the softmax of u' m_i.

    Shapes: u (batch, width), memories (batch, sentences, width), mask (batch, 1, 1, sentences) or None; output as u.
    """

    def __init__(self, width: int, activation: Choice) -> None:
        super().__init__()
        self.input = nn.Linear(width, width, bias=False)  # m_i of a memory
        self.content = nn.Linear(width, width, bias=False)  # c_i
        self.attend = DotProductAttention()
        self.carry = nn.Linear(width, width)  # H
        self.activation = parts.activation(activation)

    def forward(self, u: Tensor, memories: Tensor, mask: Tensor | None) -> Tensor:
        key, value = self.input(memories)[:, None], self.content(memories)[:, None]
        seen = self.attend(u[:, None, None], key, value, mask=mask)[:, 0, 0]
        found: Tensor = self.activation(self.carry(u) + seen)
        return found


class Reader(Attentive):
    """A shared embedding, memories of sentences, and hops from the question to the answer.

    Shapes: story (batch, time) and question (batch, words) of tokens, 0 on padding; output (batch, outputs).
    """

    def __init__(
        self, vocabulary: int, outputs: int, width: int, hops: int, sentences: int, end: int | None, activation: Choice,
        dropout: float, output_activation: nn.Module | None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width, padding_idx=0)
        self.memory = SentenceMemory(sentences, end)
        self.age = LearnedPositions(sentences, width)
        self.dropout = nn.Dropout(dropout)
        self.hops = nn.ModuleList(Hop(width, activation) for _ in range(hops))
        self.output = nn.Linear(width, outputs)
        self.output_activation = output_activation

    def forward(self, story: Tensor, question: Tensor) -> Tensor:
        story, question = at_least_one_step(story), at_least_one_step(question)
        memories, mask = self.memory(story, self.embedding(story))
        memories = self.dropout(self.age(memories, torch.arange(memories.shape[1], device=memories.device)))
        asked, _ = weighted_sums(self.embedding(question), (question != 0)[:, None])
        u, seen = self.dropout(asked[:, 0]), may_be_seen(mask)
        for hop in self.hops:
            u = hop(u, memories, seen)
        return activated(self.output(u), self.output_activation)

    def between(self, layer: str) -> tuple[str, str]:
        return "question", "story"

    def places(self, parameter: str, steps: list[str]) -> list[str]:
        """The question is one place; of the story the sentences, the last one first."""
        if parameter == "question" or not steps:
            return [" ".join(steps)]
        sentences: list[list[str]] = [[]]
        for step in steps:
            sentences[-1].append(step)
            if step == steps[-1]:
                sentences.append([])
        told = [" ".join(sentence) for sentence in sentences if sentence]
        return told[::-1][: self.memory.sentences]


def reader(
    inputs: Mapping[str, Shape],
    outputs: int,
    *,
    vocabularies: Mapping[str, int] | None = None,
    width: int = 64,
    hops: int = 3,
    sentences: int = 50,
    sentence_end: int | None = None,
    activation: Choice = "relu",
    dropout: float = 0.0,
    initialization: str = "auto",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Answer a question about a story: an end-to-end memory network, whose memories are the story's sentences.

    The first input is the story and the second the question; both are texts of one vocabulary.
    Shapes: story (batch, time) and question (batch, words) of tokens, output (batch, outputs).
    Args:
        width: numbers that stand for a word, a sentence and the question.
        hops: looks at the story, each with what was found before.
        sentences: how many are kept, the last ones.
        sentence_end: the code of the token that ends a sentence (default: the one that the story ends with).
        activation: after each hop; "identity" leaves the network of the paper linear between its looks.
        dropout: share of memories and question dropped, 0 to below 1.
        initialization: of the layers; words start from normal numbers.
    Raises: ShapeError, when the data have other inputs; SettingError, UnknownName.
    Source: Sukhbaatar, Szlam, Weston and Fergus, "End-To-End Memory Networks", arXiv:1503.08895, sections 2 and 4.1. One table of
        words serves all, with matrices of each hop on its sums where the paper has a table for each.
    """
    known = dict(vocabularies or {})
    if len(inputs) != 2 or set(known) != set(inputs):
        given = ", ".join(f"{name} {shape}" for name, shape in inputs.items())
        raise ShapeError(
            f"reader takes two texts, a story and a question, and the data have {given}. See `deepglass networks`."
        )
    if len(set(known.values())) > 1:
        raise SettingError(
            f"reader has one table of words for both texts, and they have {known}. Let them share a vocabulary."
        )
    parts.check_dropout(dropout)
    width, hops, kept = (
        parts.size(option, value) for option, value in (("width", width), ("hops", hops), ("sentences", sentences))
    )
    network = Reader(
        next(iter(known.values())), outputs, width, hops, kept, sentence_end, activation, dropout,
        last_activation(output_activation),
    )  # fmt: skip
    initialize(network, initialization)
    nn.init.normal_(network.embedding.weight, std=width**-0.5)
    with torch.no_grad():
        network.embedding.weight[0] = 0
    return network
