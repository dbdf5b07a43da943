"""Attention: where each step of one example looks, for each layer and head, with what stands at the steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.data import Field
from deepglass.errors import SettingError, UnknownName
from deepglass.inside.undisturbed import inputs_of, plain, run, undisturbed
from deepglass.layers.attention import attention_heard
from deepglass.layers.masks import lengths_of, mask_of
from deepglass.names import suggestion
from deepglass.networks.steps import PREVIOUS, START, Attentive

BEGINNING = "<start>"


@dataclass(frozen=True)
class AttentionMap:
    """The weights of one layer for one example. Shapes: weights (heads, rows, columns); each row adds up to 1.

    Args: rows, columns: what stands at the steps that look, and at those that are looked at. within: whether both are one sequence.
    """

    layer: str
    weights: Tensor
    rows: list[str]
    columns: list[str]
    within: bool = False


def attention_maps(
    network: nn.Module,
    inputs: Mapping[str, Tensor],
    fields: Mapping[str, Field] | None = None,
    *,
    said: Tensor | None = None,
    tokens: list[str] | None = None,
) -> list[AttentionMap]:
    """Return the weights of every attention layer for one example, encoded (1, ...) of each input.

    Args:
        fields: the inputs, for the words at their steps; without these, steps are numbered.
        said: of a network that writes: what it has said, (1, steps) of codes into `tokens`; a row is the step that said a token.
    Raises: SettingError, when the network has no layer of attention.
    """
    network = plain(network)
    attentive = next((part for part in network.modules() if isinstance(part, Attentive)), None)
    if attentive is None:
        raise SettingError(
            f"{type(network).__name__} has no attention to look at. Networks that have are transformer, transformer_translator, "
            "seq2seq, pointer and reader."
        )
    if PREVIOUS not in attentive.parameters_of_forward:
        said = None  # tokens that a tagger gives are no input of it
    with undisturbed(network):
        given = inputs_of(network, inputs)
        if said is not None:
            given[PREVIOUS] = torch.cat([torch.full_like(said[:, :1], START), said[:, :-1]], dim=1)
        with attention_heard(attentive) as heard:
            run(network, given)
    if not heard:
        raise SettingError(
            "This network was built without attention: it knows its source by one vector. Set attention."
        )
    words = {name: _words(value[0], (fields or {}).get(name)) for name, value in given.items()}
    if said is not None and tokens is not None:
        words[PREVIOUS] = [tokens[int(code)] for code in said[0] if code]
    by_parameter = dict(zip(attentive.parameters_of_forward, words.values()))
    return [_map(attentive, name, weights[0].cpu(), by_parameter) for name, weights in heard.items()]


def chosen_maps(maps: list[AttentionMap], layer: str | None) -> list[AttentionMap]:
    """The maps of one layer; without one, those between two sequences where there are any, and else all.

    Raises: UnknownName, with the layers there are.
    """
    if layer is None:
        return [one for one in maps if not one.within] or maps
    found = [one for one in maps if one.layer == layer]
    if not found:
        known = [one.layer for one in maps]
        raise UnknownName(f"There is no attention {layer!r}.{suggestion(layer, known)} There are: {', '.join(known)}.")
    return found


def _map(attentive: Attentive, layer: str, weights: Tensor, words: Mapping[str, list[str]]) -> AttentionMap:
    looking, seen = attentive.between(layer)
    sides = []
    for parameter, count in ((looking, weights.shape[1]), (seen, weights.shape[2])):
        there = attentive.places(parameter, words.get(parameter, []))
        sides.append(there[:count] or [str(k + 1) for k in range(count)])
    rows, columns = sides
    if looking == seen == PREVIOUS:  # what a step of a decoder sees is what was said before it
        columns = [BEGINNING, *columns[:-1]]
    return AttentionMap(layer, weights[:, : len(rows), : len(columns)], rows, columns, looking == seen)


def _words(values: Tensor, field: Field | None) -> list[str]:
    """What stands at each step of one input that is no padding; numbers from 1 where these are no words."""
    if values.ndim < 1 or values.ndim > 2:
        return []
    steps = int(lengths_of(mask_of(values[None])))
    tokens: list[Any] = field.tokens if field is not None else []
    if not tokens or values.is_floating_point():
        return [str(k + 1) for k in range(steps)]
    return [str(tokens[int(code)]) for code in values[:steps]]
