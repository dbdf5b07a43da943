"""Told: what a network foretells, tags or translates of some texts, token by token, for the pictures of a report."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.data import Batch, Dataset
from deepglass.errors import DeepglassError
from deepglass.tasks import LanguageModelling, Translation
from deepglass.tasks.generation import Asked
from deepglass.tasks.tokens import END, START, Tokens, surprise
from deepglass.tasks.translation import before
from deepglass.training.measuring import evaluating

PASSAGE = 480  # tokens of a running text that are shown with how surprising each was
WRITTEN = 240  # characters or words that it writes at each temperature
TEMPERATURES = (0.5, 0.8, 1.0)
STARTS = 4  # texts it writes at each temperature, where it has learned many short ones
ROWS = 6  # texts beside their tags or translations


@dataclass(frozen=True)
class Row:
    """One text: its tokens, what is true and what was said. Shapes: weights (said, source) of attention, where there is some."""

    source: list[str]
    true: list[str]
    said: list[str]
    weights: np.ndarray | None = None


@dataclass(frozen=True)
class Told:
    """What is told.

    Args:
        task: its name. unit: what a token is: character, word, piece.
        tokens, losses: a passage of the validation split, and how surprising each token was, in nats.
        written: temperature and what was written at it.
        rows: texts with their tags or translations.
    """

    task: str
    unit: str = "word"
    tokens: Sequence[str] = ()
    losses: Sequence[float] = ()
    written: Sequence[tuple[float, str]] = ()
    rows: Sequence[Row] = field(default_factory=tuple)


def told_of(network: nn.Module, task: Any, data: Dataset) -> Told | None:
    """Let a network tell something of the validation split; None for tasks whose answer is no text, or has no text before it."""
    source = next((f for f in data.inputs.values() if f.kind == "text"), None)
    if not isinstance(task, Tokens) or source is None:
        return None
    ids = data.members("validation")
    ids = ids if len(ids) else data.members("train")
    device = next((p.device for p in network.parameters()), torch.device("cpu"))
    with evaluating(network):
        if isinstance(task, LanguageModelling):
            return _foretold(network, task, data.read(ids[:PASSAGE], device))
        spread = torch.linspace(0, len(ids) - 1, min(ROWS, len(ids))).round().long()
        return _answered(network, task, data.read(ids[spread], device), source.name, source.tokens)


def _foretold(network: nn.Module, task: LanguageModelling, batch: Batch) -> Told:
    """A passage with its surprise, and what the network writes by itself."""
    tokens: list[str] = []
    losses: list[float] = []
    task.carry = task.start_carry(1, batch.ids.device)
    for place in range(len(batch)):
        one = Batch({n: v[place : place + 1] for n, v in batch.fields.items()}, batch.ids[place : place + 1])
        target = task.target_of(one)[0]
        each = surprise(task.output_of(network, one), target[None])[0]
        for code, loss in zip(target.tolist(), each.tolist()):
            if code:
                tokens.append("\n" if code == END else task.field.tokens[code])
                losses.append(loss)
        if len(tokens) >= PASSAGE:
            break
    written: list[tuple[float, str]] = []
    starts = [""] * (STARTS if task.source.encoding.get("start") else 1)
    for temperature in TEMPERATURES:
        try:
            texts = task.generate(network, starts, Asked(length=WRITTEN, temperature=temperature))
        except DeepglassError:  # a network that gives an answer for each token, and cannot go on from one
            break
        written.append((temperature, "\n".join(texts)))
    unit = task.level.removesuffix("s")
    return Told(task.name, unit, tokens[:PASSAGE], losses[:PASSAGE], written)


def _answered(network: nn.Module, task: Tokens, batch: Batch, name: str, tokens: Sequence[str]) -> Told:
    """Texts with their tags or translations."""
    inputs = batch.pick(task.inputs)
    said = task.predict(network, inputs)["tokens"]
    maps = _looked(network, task, inputs, said) if isinstance(task, Translation) else None
    rows = []
    for place, (codes, own, true) in enumerate(
        zip(batch[name].tolist(), task.words_of(said), task.words_of(task.target_of(batch)))
    ):
        source = [tokens[c] for c in codes if c not in (0, START, END)]
        weights = None if maps is None else maps[place, : len(own), : len(source)]
        fits = weights is not None and weights.shape == (len(own), len(source)) and bool(own) and bool(source)
        rows.append(Row(source, true, own, weights if fits else None))
    return Told(task.name, rows=rows)


def _looked(network: nn.Module, task: Translation, inputs: dict[str, Tensor], said: Tensor) -> np.ndarray | None:
    """Where the last attention over the source looked for each word that was said, over its heads: (examples, to, from)."""
    source = next(iter(inputs.values()))
    if not hasattr(network, "attention") or not isinstance(source, Tensor) or source.ndim != 2:
        return None
    maps = network.attention({**inputs, "previous": before(said)})  # type: ignore[operator]
    fitting = [m for m in maps.values() if m.ndim == 4 and m.shape[2:] == (said.shape[1], source.shape[1])]
    return None if not fitting else np.asarray(fitting[-1].float().mean(dim=1).cpu())
