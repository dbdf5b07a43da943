"""Bag: the mean of a text's word vectors, and a linear layer on it; the order of the words does not count."""

from collections import OrderedDict
from collections.abc import Sequence

from torch import Tensor, nn

from deepglass.errors import SettingError
from deepglass.layers.masks import mask_of, without_nan
from deepglass.networks import parts
from deepglass.networks.parts import Choice, Shape
from deepglass.networks.steps import features_of

START = 0.1  # standard deviation of word vectors at the start: their mean then stays well inside the activations


class Bag(nn.Module):
    """Average what stands at each place of a sequence, and hand the average on.

    Shapes: input (batch, time) of tokens, or (batch, time, features) of floats; output as of `rest`, which takes (batch,
    embedding). An empty sequence counts as a mean of zeros.
    """

    def __init__(self, embedding: nn.Embedding | None, word_dropout: float, rest: nn.Module) -> None:
        super().__init__()
        self.embedding = embedding
        self.word_dropout = nn.Dropout(word_dropout)
        self.rest = rest

    def forward(self, x: Tensor) -> Tensor:
        vectors = without_nan(x) if self.embedding is None else self.embedding(x)  # (batch, time, embedding)
        counts = self.word_dropout(mask_of(x).to(vectors.dtype))  # (batch, time): 0 for padding and for dropped words
        total = (counts[:, :, None] * vectors).sum(dim=1)
        average = total / counts.sum(dim=1, keepdim=True).clamp_min(1e-12)
        output: Tensor = self.rest(average)
        return output


def bag(
    shape: Shape,
    outputs: int,
    *,
    vocabulary: int | None = None,
    embedding: int = 100,
    hidden: int | Sequence[int] = (),
    activation: Choice = "relu",
    dropout: float = 0.5,
    word_dropout: float = 0.3,
    initialization: str = "auto",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Average the vectors of a text's words, and answer from the average; with hidden layers a deep averaging network.

    Shapes: input (batch, time) of tokens, or (batch, time, features) of a series; output (batch, outputs).
    Args:
        vocabulary: how many tokens there are; None for a series, which is averaged as it is.
        embedding: numbers in the vector of a word.
        hidden: units of each hidden layer; without any, a linear model as in fastText, which did best on short reviews here.
        dropout: share of the average and of the hidden units dropped at each step, 0 to below 1.
        word_dropout: share of the words left out of the average at each step, 0 to below 1.
    Raises: ShapeError, SettingError, UnknownName.
    Source: Joulin, Grave, Bojanowski and Mikolov, "Bag of Tricks for Efficient Text Classification", arXiv:1607.01759; hidden
        layers and word dropout: Iyyer, Manjunatha, Boyd-Graber and Daume, "Deep Unordered Composition Rivals Syntactic Methods for
        Text Classification", ACL 2015, sections 3 and 3.1.
    """
    parts.check_dropout(dropout)
    if not 0 <= word_dropout < 1:
        raise SettingError(f"{word_dropout=} is no share of the words. Give a number from 0 to below 1.")
    features = features_of("bag", shape, vocabulary)
    arriving = width = features if vocabulary is None else parts.size("embedding", embedding)
    rest: OrderedDict[str, nn.Module] = OrderedDict()
    if dropout:
        rest["dropout"] = nn.Dropout(dropout)
    for k, size in enumerate(parts.widths("hidden", hidden), start=1):
        rest[f"hidden{k}"] = nn.Linear(arriving, size)
        rest[f"activation{k}"] = parts.activation(activation)
        if dropout:
            rest[f"dropout{k}"] = nn.Dropout(dropout)
        arriving = size
    rest["output"] = nn.Linear(arriving, outputs)
    words = None
    if vocabulary is not None:
        words = nn.Embedding(vocabulary, width, padding_idx=0)
        nn.init.normal_(words.weight, std=START)
        words.weight.data[0] = 0
    return Bag(words, word_dropout, parts.finished(rest, initialization, output_activation))
