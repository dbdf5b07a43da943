"""Probes: what is measured inside a network while it trains, and how it is stored. Imported when used."""

from typing import TYPE_CHECKING

from deepglass.lazy import lazily

if TYPE_CHECKING:
    from deepglass.probes.evidence import Evidence, Layer, Series
    from deepglass.probes.prober import Prober
    from deepglass.probes.watching import watch

__all__ = ["Evidence", "Layer", "Prober", "Series", "watch"]

__getattr__ = lazily(
    __name__,
    {
        "Evidence": "deepglass.probes.evidence",
        "Layer": "deepglass.probes.evidence",
        "Prober": "deepglass.probes.prober",
        "Series": "deepglass.probes.evidence",
        "watch": "deepglass.probes.watching",
    },
)
