"""Dropout on the output: it erases answers."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.layer_changes import without_last_dropout
from deepglass.doctor.reading import called
from deepglass.probes.evidence import Evidence


def look(evidence: Evidence) -> Iterator[Finding]:
    """A dropout after the last layer with weights; softmax and the like may stand between."""
    layers = called(evidence)
    last = max((n for n, y in enumerate(layers) if y.parameters), default=None)
    if last is None:
        return
    shares = evidence.before.get("parameters", {}).get("dropouts", {})
    for layer in layers[last + 1 :]:
        if "Dropout" not in layer.kind or shares.get(layer.name, 0.5) == 0:
            continue
        share = shares.get(layer.name)
        yield Finding(
            "dropout_on_output",
            "alarm",
            f"{layer.name} is a dropout after the last layer"
            + (f", and erases {share:.0%} of the answers in training." if share else "."),
            "A number that is to be predicted becomes 0 by chance, and a class loses its score; what is left is scaled up.",
            {"dropout": share if share is not None else "unknown", "threshold": 0.0},
            source="exact: Srivastava et al., JMLR 2014, drops inputs and hidden units",
            layer=layer.name,
            remedies=(
                *without_last_dropout(evidence.settings.get("network", {})),
                Remedy({}, "Leave out the dropout after the last layer.", "code"),
            ),
            explains=(
                "mode_gap",
                "dropout_too_strong",
                "underfitting",
                "rate_too_high",
                "unfinished",
                "dead_units",
                "predicts_mean",
                "batch_too_small",
                "oscillating",
            ),
            refuted_by="A layer with weights that is called after it.",
        )
        return
