"""Sequences: sentences as rows of word numbers, and the networks that all contestants train on them, in plain PyTorch."""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from arrays import mnist_folder
from clock import Size
from torch import Tensor, nn

WIDTH, HEADS, LAYERS, FEEDFORWARD, DROPOUT = 128, 4, 2, 512, 0.1
MOST_WORDS = 20_000
LONGEST = 64  # words of a sentence; none of the real ones is cut
PADDING, UNKNOWN, FIRST = 0, 1, 4  # 2 and 3 are kept for where a text begins and ends


class Sentences(NamedTuple):
    """Each sentence as int64 numbers of its words, without padding; classes 0 and 1; how many numbers there are."""

    x: list[np.ndarray]
    y: np.ndarray
    test_x: list[np.ndarray]
    test_y: np.ndarray
    vocabulary: int


def words(size: Size) -> tuple[list[list[str]], np.ndarray]:
    """Sentences of reviews in a fixed random order, or generated ones of the same lengths, with their classes."""
    folder = mnist_folder()
    random = np.random.default_rng(0)
    kept = None if folder is None else folder.parent / "sentiment"
    if kept is None or not (kept / "rt-polarity.neg").exists():
        return generated(size.rows + size.tests)
    both = [(kept / f"rt-polarity.{c}").read_text("cp1252", "replace").split("\n")[:-1] for c in ("neg", "pos")]
    texts = [line.split()[:LONGEST] or ["."] for lines in both for line in lines]
    classes = np.repeat([0, 1], [len(lines) for lines in both])
    order = random.permutation(len(texts))[: size.rows + size.tests]
    return [texts[i] for i in order], classes[order]


def generated(rows: int) -> tuple[list[list[str]], np.ndarray]:
    """Words by Zipf's law; a sentence is of class 1 when more of its words have even numbers."""
    random = np.random.default_rng(0)
    texts, classes = [], []
    for _ in range(rows):
        numbers = random.zipf(1.2, int(np.clip(random.normal(21, 9), 2, LONGEST))) % MOST_WORDS
        texts.append([f"w{n}" for n in numbers])
        classes.append(int((numbers % 2 == 0).mean() > 0.5))
    return texts, np.array(classes)


def sentences(size: Size) -> Sentences:
    """The same with numbers by falling frequency in the training part."""
    texts, classes = words(size)
    count = Counter(word for text in texts[: size.rows] for word in text)
    numbers = {word: i for i, (word, _) in enumerate(count.most_common(MOST_WORDS), start=FIRST)}
    coded = [np.array([numbers.get(word, UNKNOWN) for word in text]) for text in texts]
    train, rows = slice(0, size.rows), slice(size.rows, None)
    return Sentences(coded[train], classes[train], coded[rows], classes[rows], FIRST + len(numbers))


class Recurrent(nn.Module):
    """An LSTM whose state at the last word decides."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, WIDTH, padding_idx=PADDING)
        self.lstm = nn.LSTM(WIDTH, WIDTH, batch_first=True)
        self.output = nn.Linear(WIDTH, 2)

    def forward(self, x: Tensor) -> Tensor:
        states, _ = self.lstm(self.embedding(x))
        last = (x != PADDING).sum(1).clamp(min=1) - 1
        return self.output(states[torch.arange(len(x)), last])


class Transformer(nn.Module):
    """torch's own encoder, the mean of whose words decides."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, WIDTH, padding_idx=PADDING)
        self.places = nn.Embedding(LONGEST, WIDTH)
        layer = nn.TransformerEncoderLayer(WIDTH, HEADS, FEEDFORWARD, DROPOUT, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, LAYERS)
        self.output = nn.Linear(WIDTH, 2)

    def forward(self, x: Tensor) -> Tensor:
        there = x != PADDING
        h = self.embedding(x) + self.places.weight[: x.shape[1]]
        h = self.encoder(h, src_key_padding_mask=~there)
        return self.output((h * there[..., None]).sum(1) / there.sum(1, keepdim=True))


NETWORKS: dict[str, Callable[[int], nn.Module]] = {"lstm": Recurrent, "transformer": Transformer}
