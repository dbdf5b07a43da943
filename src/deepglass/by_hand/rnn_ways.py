"""RNN ways: a recurrent layer of several layers or two directions, as single ones after and beside one another."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from deepglass.by_hand.links import Links
from deepglass.by_hand.moving import Move
from deepglass.by_hand.rule import Rule


def called(
    links: Links, name: str, layer: nn.Module, rule: type[Rule], sources: Sequence[int], options: Mapping[str, Any]
) -> tuple[int, ...]:
    """Add the call of a layer, and return the numbers of what it gives."""
    if isinstance(layer, nn.RNNBase) and (layer.num_layers > 1 or layer.bidirectional):
        return spread(links, name, layer, rule, sources)
    return links.add(name, name, layer, rule, sources, options)


def spread(links: Links, name: str, layer: nn.RNNBase, rule: type[Rule], sources: Sequence[int]) -> tuple[int, ...]:
    """Add each layer and direction by itself; of two directions the outputs stand side by side.

    Returns: the numbers of the values that it gives: outputs, and the states after the last steps.
    Source: Schuster and Paliwal, "Bidirectional Recurrent Neural Networks", IEEE Transactions on Signal Processing, 1997.
    """
    directions = 2 if layer.bidirectional else 1
    x, *states = sources
    after: list[list[int]] = [[] for _ in range(rule.gives - 1)]
    for depth in range(layer.num_layers):
        given = []
        for reverse in range(directions):
            k = depth * directions + reverse
            own = [links.done(Move("start", lambda s, k=k: s[0][k : k + 1]), [state]) for state in states]  # type: ignore[misc]
            parts = [f"layer {depth + 1}"] * (layer.num_layers > 1) + ["from the end"] * reverse
            gives = links.add(", ".join([name, *parts]), name, layer, rule, (x, *own), {"way": (depth, bool(reverse))})
            given.append(gives[0])
            for found, state in zip(after, gives[1:]):
                found.append(state)
        x = given[0] if directions == 1 else links.done(Move("both ways", lambda g: torch.cat(list(g), dim=2)), given)
    return (x, *(links.done(Move("states", lambda g: torch.cat(list(g))), found) for found in after))
