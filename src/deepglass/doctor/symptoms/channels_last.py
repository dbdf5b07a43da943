"""Channels last: pictures whose axes are not (channels, height, width)."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.probes.evidence import Evidence

COLOURS = (3, 4)  # channels of a colour picture, without and with transparency
FEWEST_PIXELS = 8  # a side; smaller ones may be feature maps
# In a picture that was reshaped instead of transposed, neighbours in a row are the colours of one pixel, and the same colour comes
# back after as many places as there are channels. In a true picture nearer pixels are more alike.
RESHAPED = 0.8
CLEARER = (
    0.2  # by which correlations inside and across groups differ; in pictures as they should be by 0.02 (calibration.md)
)


def look(evidence: Evidence) -> Iterator[Finding]:
    """Shapes that end in 3 or 4 after two equal sides, and rows in which colours alternate."""
    for name, field in evidence.before.get("inputs", {}).items():
        shape = field["shape"]
        if len(shape) != 3:
            continue
        first, second, last = shape
        if last in COLOURS and first not in (1, *COLOURS) and min(first, second) >= FEWEST_PIXELS:
            yield _finding(
                name,
                "alarm" if first == second else "warning",
                f"Pictures of {name!r} have the shape {first} x {second} x {last}: taken as channels first, these are {first} "
                f"channels of {second} x {last} pixels.",
                {"channels": first, "width": last},
                "Give them as (channels, height, width): permute the axes, x.permute(0, 3, 1, 2).",
            )
        elif field.get("lag_ratio") is not None and field["lag_ratio"] < RESHAPED:
            yield _finding(
                name,
                "warning",
                f"In a row of {name!r}, pixels {first} apart are more alike than neighbours ({field['lag_ratio']:.2f} times the "
                "difference): colours alternate along the row.",
                {"lag_ratio": field["lag_ratio"], "threshold": RESHAPED},
                "Transpose the axes instead of reshaping: x.permute(0, 3, 1, 2), not x.reshape(n, 3, h, w).",
            )
        elif first in COLOURS and field.get("inside", 0.0) - field.get("across", 0.0) > CLEARER:
            yield _finding(
                name,
                "warning",
                f"In {name!r}, numbers side by side in a group of {first} are alike (correlation {field['inside']:.2f}), and "
                f"across two groups less so ({field['across']:.2f}): each group is one pixel.",
                {"inside": field["inside"], "across": field["across"], "threshold": CLEARER},
                "Transpose the axes instead of reshaping: x.permute(0, 3, 1, 2), not x.reshape(n, 3, h, w).",
            )


def _finding(name: str, severity: str, what: str, numbers: dict[str, float], advice: str) -> Finding:
    return Finding(
        "channels_last",
        severity,
        what,
        "A convolution then slides along one side and the colours, and takes the other side for channels: what is near is lost.",
        numbers,
        source="exact: torch.nn.Conv2d takes (batch, channels, height, width)",
        column=name,
        remedies=(Remedy({}, advice, "data"),),
        explains=("underfitting", "unfinished", "rate_too_low", "overfitting", "labels_shuffled"),
        refuted_by="The first axis is meant to be channels.",
    )
