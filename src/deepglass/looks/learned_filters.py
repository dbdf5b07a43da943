"""Learned filters: the weights of the first layers before training beside what they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from deepglass.errors import SettingError
from deepglass.inside.filters import Filters, filters
from deepglass.looks.looked import Asked, Looked

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class LearnedFilters(Looked):
    """Filters by layer, `.before` and `.after` training; `.moved` says how far each layer went, as a share of its length."""

    def __init__(self, asked: Asked) -> None:
        if asked.start is None:
            raise SettingError(
                "The weights with which this network started are not known: it began with weights from elsewhere, or its code may "
                "not be run. Name the network, or give its settings, and train it anew."
            )
        layers = None if asked.layer is None else [asked.layer]
        self.after, self.before = filters(asked.network, layers), filters(asked.start(), layers)
        super().__init__(
            f"{asked.name}: filters before and after training" if asked.name else "filters before and after"
        )
        self.shape = next(iter(asked.data.inputs.values())).shape if len(asked.data.inputs) == 1 else ()
        self.moved = {
            name: float(torch.linalg.vector_norm(now.values - self.before[name].values))
            / max(float(torch.linalg.vector_norm(self.before[name].values)), 1e-12)
            for name, now in self.after.items()
        }

    def draw(self) -> Figure:
        from deepglass.report.pictures.filters import before_and_after

        return before_and_after(
            self._named(self.before, "before"), self._named(self.after, "after"), self.shape, self.title
        )

    def lines(self) -> list[str]:
        """A line a layer: how many filters, how far they went, and how alike they are to their own beginning."""
        found = []
        for name, now in self.after.items():
            was, values = self.before[name].values.flatten(1).double(), now.values.flatten(1).double()
            alike = torch.nn.functional.cosine_similarity(was, values, dim=1)
            size = "x".join(map(str, now.values.shape[1:]))
            found.append(
                f"  {name} ({now.kind}): {len(values)} of {size}; moved by {self.moved[name]:.2f} of the length that they had; "
                f"{float(alike.min()):.2f} to {float(alike.max()):.2f} alike to their beginning (1: only scaled, 0: nothing left)"
            )
        return found

    def to_dict(self) -> dict[str, Any]:
        return {
            name: {"moved": self.moved[name], "before": self.before[name].values.tolist(), "after": now.values.tolist()}
            for name, now in self.after.items()
        }

    @staticmethod
    def _named(found: dict[str, Filters], when: str) -> dict[str, Filters]:
        return {name: Filters(f"{one.layer} {when}", one.kind, one.values) for name, one in found.items()}


def learned_filters(asked: Asked) -> LearnedFilters:
    """The filters of the first layers, or of `asked.layer`, before and after.

    Raises: SettingError, where the beginning is not known, or there are no filters; UnknownName, for a layer that is not there.
    """
    return LearnedFilters(asked)
