"""Likeliest: the few likeliest labels of new examples, as a table, and as bars beside each picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.data.inputs import encode_inputs
from deepglass.errors import SettingError
from deepglass.looks.looked import Looked

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas
    from matplotlib.figure import Figure

    from deepglass.data import Field

CLOSE = 0.1  # a first label that is no further ahead of the second one is called close
MOST_DRAWN = 12  # examples in the picture
MOST_LINES = 20  # examples that are printed


class Likeliest(Looked):
    """New examples with their likeliest labels: `.labels` (examples, top), `.probabilities` the same, `.close` (examples,).

    In a notebook it shows its picture; `.picture("top.png")` writes it.
    """

    def __init__(self, predictions: pandas.DataFrame, inputs: Any, fields: Mapping[str, Field], top: int) -> None:
        columns = [name for name in predictions.columns if str(name).startswith("p(")]
        if "probability" not in predictions or not columns:
            raise SettingError(
                "This run gives no probabilities of classes, so no labels can be ranked. Predict without top."
            )
        classes = [str(name)[2:-1] for name in columns]
        if top < 1:
            raise SettingError(f"{top=} labels are none. Give a count from 1.")
        chances = predictions[columns].to_numpy(dtype=float)
        order = np.argsort(-chances, axis=1, kind="stable")[:, :top]
        self.names = [str(n) for n in predictions.get("file", predictions.index)]
        self.labels = np.array(classes, dtype=object)[order]
        self.probabilities = np.take_along_axis(chances, order, axis=1)
        self.close = (
            self.probabilities[:, 0] - self.probabilities[:, 1] <= CLOSE
            if order.shape[1] > 1
            else np.zeros(len(order), bool)
        )
        self._inputs, self._fields = inputs, fields
        super().__init__(f"the {order.shape[1]} likeliest of {len(classes)} labels")

    def draw(self) -> Figure:
        from deepglass.report.pictures.likeliest import likeliest_picture

        count = min(len(self.labels), MOST_DRAWN)
        return likeliest_picture(
            self._images(count), self.names, self.labels[:count], self.probabilities[:count], self.title
        )

    def lines(self) -> list[str]:
        """A line an example: each label with its probability, the likeliest first."""
        width = max((len(name) for name in self.names[:MOST_LINES]), default=0)
        ranked = [
            ", ".join(f"{label} ({chance:.4f})" for label, chance in zip(labels, chances))
            for labels, chances in zip(self.labels, self.probabilities)
        ]
        found = [f"  {n:<{width}}  {r}{'  (close)' if c else ''}" for n, r, c in zip(self.names, ranked, self.close)][
            :MOST_LINES
        ]
        if len(self.names) > MOST_LINES:
            found.append(f"  ... {len(self.names) - MOST_LINES} more; --json gives all of them.")
        if self.close.any():
            found.append(
                f"  close: the second label is at most {CLOSE} behind; {int(self.close.sum())} of {len(self.close)} are"
            )
        return found

    def to_dict(self) -> dict[str, Any]:
        """The `--json` object of `deepglass predict --top`."""
        ranked = [
            {
                "example": name,
                "close": bool(close),
                "likeliest": [{"label": str(x), "probability": float(p)} for x, p in zip(row, ps)],
            }
            for name, row, ps, close in zip(self.names, self.labels, self.probabilities, self.close)
        ]
        return {"predictions": ranked}

    def _images(self, count: int) -> list[np.ndarray] | None:
        """The pictures in their own numbers, (channels, height, width); None where the input is no picture."""
        name, field = next((n, f) for n, f in self._fields.items() if f.role == "input")
        if field.kind != "image":
            return None
        return list(field.decode(encode_inputs(self._inputs, self._fields)[name][:count]))
