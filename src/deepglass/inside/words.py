"""Words: a network of texts seen as one of word vectors, so that what each word does for an answer can be asked by gradients."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.data import Dataset, Field
from deepglass.data.text_encoding import tokens_in
from deepglass.data.vocabulary import UNKNOWN
from deepglass.errors import SettingError
from deepglass.inside.undisturbed import run
from deepglass.networks import call

VECTORS = "vectors of {}"  # what the input of an embedded text is called


@dataclass(frozen=True)
class OfText:
    """The words of one text, and what each does. Args: apart: whether a blank parts them, as it does words but no letters."""

    name: str
    words: list[str]
    values: list[float]
    apart: bool = True


class OfVectors(nn.Module):
    """A network that is given, beside the tokens of its texts, the vectors that its embedding layers are to hand on.

    What follows a text's embedding can then be differentiated by them; the tokens still say where padding is.
    Args: tables: input -> the embedding layer that its tokens go into.
    """

    def __init__(self, network: nn.Module, tables: Mapping[str, nn.Embedding]) -> None:
        super().__init__()
        self.network = network
        self.tables = dict(tables)

    def forward(self, **inputs: Tensor) -> Any:
        vectors = {name: inputs.pop(VECTORS.format(name)) for name in self.tables}

        def instead(table: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> Tensor:
            for name, own in self.tables.items():
                if own is table and _same(given[0], inputs[name]):
                    return vectors[name]
            return output  # another text through the same table

        handles = [table.register_forward_hook(instead) for table in set(self.tables.values())]
        try:
            return call(self.network, inputs)
        finally:
            for handle in handles:
                handle.remove()


def with_vectors(
    network: nn.Module, inputs: Mapping[str, Tensor]
) -> tuple[nn.Module, dict[str, Tensor], dict[str, Tensor]]:
    """Return the network of word vectors, its inputs, and for each text the vector of padding; all as given without texts.

    Shapes: inputs (examples, time) of tokens for a text; its vectors (examples, time, embedding), the vector of padding
    (embedding,).
    Raises: SettingError, when the tokens of a text do not go into one `nn.Embedding` as they are.
    """
    tables = {name: _table(network, inputs, name) for name, value in inputs.items() if is_text(value)}
    if not tables:
        return network, dict(inputs), {}
    given, nothing = dict(inputs), {}
    with torch.no_grad():
        for name, table in tables.items():
            given[VECTORS.format(name)] = table(inputs[name])
            nothing[VECTORS.format(name)] = table(torch.zeros_like(inputs[name][0, :1]))[0]
    return OfVectors(network, tables), given, nothing


def by_word(found: Mapping[str, Tensor], *, adds: bool) -> dict[str, Tensor]:
    """One number for each word, (examples, time), from numbers for each part of its vector; other inputs stay as they are.

    Args: adds: whether the parts are to be added up; else it is their length, as of a slope.
    """
    start = VECTORS.format("")
    return {
        name.removeprefix(start): values
        if not name.startswith(start)
        else (values.sum(dim=-1) if adds else values.norm(dim=-1))
        for name, values in found.items()
    }


def is_text(value: Any) -> bool:
    """Whether an input holds tokens: whole numbers, (examples, time)."""
    return isinstance(value, Tensor) and value.ndim == 2 and value.dtype == torch.int64


def words_in(field: Field, codes: Tensor, text: str | None = None) -> tuple[Tensor, list[str]]:
    """The places of an encoded text that hold something, and the word at each. Shapes: codes (time,), places (words,).

    Args: text: as it was before it was encoded, whose words stand in ‹› where the vocabulary lacks them.
    """
    places = codes.nonzero()[:, 0]
    known = [field.tokens[int(code)] for code in codes[places]]
    told = [] if text is None else list(tokens_in(field.encoding, [text])[0])
    told = told[len(told) - len(known) :] if field.encoding.get("cut") == "start" else told[: len(known)]
    if len(told) != len(known):
        return places.cpu(), known
    words = [f"‹{own}›" if int(code) == UNKNOWN else word for code, word, own in zip(codes[places], known, told)]
    return places.cpu(), words


def of_texts(
    fields: Mapping[str, Field],
    inputs: Mapping[str, Tensor],
    values: Mapping[str, Tensor],
    raw: Mapping[str, str] | None = None,
) -> list[OfText]:
    """The texts of one example with what each word does.

    Shapes: inputs and values (1, time) of each text. Args: raw: the texts before they were encoded, where they are known.
    """
    found = []
    for name, field in fields.items():
        if field.kind == "text" and name in values:
            places, words = words_in(field, inputs[name][0], (raw or {}).get(name))
            apart = field.encoding.get("level") in ("words", "tokens")
            found.append(OfText(name, words, values[name][0][places].tolist(), apart))
    return found


def raw_texts(data: Dataset, example: int) -> dict[str, str]:
    """The texts of one example as they were read, by input."""
    taken = data.store.take(torch.tensor([example]), 0)
    return {name: taken[name][0] for name, field in data.inputs.items() if field.kind == "text"}


def without(tokens: Tensor, place: int) -> Tensor:
    """A text without the word at one place: what follows moves up, and padding fills the end. Shapes: (time,)."""
    return torch.cat([tokens[:place], tokens[place + 1 :], tokens.new_zeros(1)])


def _table(network: nn.Module, inputs: Mapping[str, Tensor], name: str) -> nn.Embedding:
    """The embedding layer that the tokens of one text go into."""
    found: list[nn.Embedding] = []

    def hear(table: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> None:
        if _same(given[0], inputs[name][:1]) and isinstance(table, nn.Embedding) and table not in found:
            found.append(table)

    handles = [m.register_forward_hook(hear) for m in network.modules() if isinstance(m, nn.Embedding)]
    try:
        with torch.no_grad():
            run(network, {n: v[:1] for n, v in inputs.items()})
    finally:
        for handle in handles:
            handle.remove()
    if len(found) != 1:
        where = f"{len(found)} embedding layers" if found else "no embedding layer as they are"
        raise SettingError(
            f"The words of {name!r} go into {where} in {type(network).__name__}, so that no gradient belongs to one vector a word. "
            "Use method='occlusion', which leaves words out."
        )
    return found[0]


def _same(given: Tensor, tokens: Tensor) -> bool:
    return given.shape == tokens.shape and torch.equal(given, tokens)
