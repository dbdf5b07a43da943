"""Broadcast: a loss subtracts shapes that spread over each other."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.probes.evidence import Evidence


def look(evidence: Evidence) -> Iterator[Finding]:
    """Exact: the loss is the same when the targets are handed to other rows."""
    own = evidence.before.get("own_loss", {})
    if own.get("order_matters") is not False:
        return
    output, target = own["output_shape"], own["target_shape"]
    yield Finding(
        "broadcast",
        "alarm",
        f"The loss is the same when every target is handed to another example: it compares each of the {output[0]} answers with "
        f"all of the targets (shapes {tuple(output)} and {tuple(target)}).",
        "The best answer is then the mean of all targets, whatever the input.",
        {"output_axes": len(output), "target_axes": len(target)},
        source="exact; NumPy's rule of broadcasting, (n, 1) - (n,) gives (n, n)",
        remedies=(
            Remedy(
                {},
                "Give prediction and target one shape before they meet: output.squeeze(1), or target[:, None].",
                "code",
            ),
            Remedy({"task.loss": "auto"}, "Take a loss that brings both to one shape."),
        ),
        explains=(
            "predicts_mean",
            "underfitting",
            "labels_shuffled",
            "unfinished",
            "overfitting",
            "rate_too_low",
            "ascends",
        ),
        refuted_by="A loss that changes when targets are exchanged.",
    )
