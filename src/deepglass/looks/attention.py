"""Attention: where each step of an example looks, for each layer and head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deepglass.inside.attention import AttentionMap, attention_maps, chosen_maps
from deepglass.inside.undisturbed import undisturbed
from deepglass.looks.looked import Asked, Looked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_LINES = 12  # rows that are printed of a layer


class Attention(Looked):
    """The weights of attention for one example: `.maps`, one a layer, each with `.weights` (heads, rows, columns)."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked.title)
        with undisturbed(asked.network):
            predicted = asked.task.predict(asked.network, dict(asked.inputs))
        said = predicted.get("tokens")
        field = getattr(asked.task, "field", None)
        maps = attention_maps(
            asked.network,
            asked.inputs,
            asked.data.inputs,
            said=said,
            tokens=None if said is None or field is None else field.tokens,
        )
        self.maps: list[AttentionMap] = chosen_maps(maps, asked.layer)
        self.others = [one.layer for one in maps if one not in self.maps]

    def draw(self) -> Figure:
        """A picture a layer, one below the other, its heads side by side."""
        from deepglass.report.pictures.attention import are_looks, attention_picture

        legend = LOOKS_LEGEND if are_looks(self.maps) else LEGEND
        return attention_picture(self.maps, self.title, " ".join([legend, *self._others()]))

    def lines(self) -> list[str]:
        found = []
        for one in self.maps:
            heads = len(one.weights)
            found.append(f"  {one.layer}, {f'mean of {heads} heads' if heads > 1 else 'one head'}:")
            mean = one.weights.mean(dim=0)
            for row, weights in list(zip(one.rows, mean))[:MOST_LINES]:
                best = weights.topk(min(3, len(weights)))
                seen = ", ".join(
                    f"{one.columns[i]} {v:.2f}" for i, v in zip(best.indices.tolist(), best.values.tolist())
                )
                found.append(f"    {row} looks at {seen}")
            if len(one.rows) > MOST_LINES:
                found.append(f"    and {len(one.rows) - MOST_LINES} more")
        return found + [f"  {sentence}" for sentence in self._others()]

    def to_dict(self) -> dict[str, Any]:
        return {
            "attention": [
                {"layer": one.layer, "rows": one.rows, "columns": one.columns, "weights": one.weights.tolist()}
                for one in self.maps
            ]
        }

    def _others(self) -> list[str]:
        return [f"Other layers, by layer= (--layer): {', '.join(self.others)}."] if self.others else []


LEGEND = "Each row is a step, and its weights over what stands below the columns add up to 1; darker is more."
LOOKS_LEGEND = "Each column is a look, and its weights over what stands beside the rows add up to 1; darker is more."


def attention(asked: Asked) -> Attention:
    """Where each step looks; of a network that writes, where each token that it says looks at its source.

    Args: asked: with `layer`, that one alone; else all, or where one sequence looks at another these layers.
    Raises: SettingError, when the network has no attention; UnknownName.
    """
    return Attention(asked)
