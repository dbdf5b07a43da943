"""Softmax on one unit: it always gives 1, so that nothing can be learned."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import called
from deepglass.probes.evidence import Evidence

SHARING = ("softmax", "logsoftmax")


def look(evidence: Evidence) -> Iterator[Finding]:
    """A softmax as the last layer of one output; in a loop, one output and gradients that are all exactly zero."""
    output = evidence.before.get("output", {})
    if output:
        if output.get("softmax_size") == 1:  # of a loop
            yield _finding("Softmax over one output is always 1, whatever the network sees.", {"outputs": 1.0}, None)
        elif output["outputs"] == 1 and output["last_layer"].lower() in SHARING:
            yield _finding(
                f"{output['last_layer']} on one output is always the same, whatever the network sees.",
                {"outputs": 1.0},
                None,
            )
        return
    layers = called(evidence)
    if not layers or layers[-1].units != 1:
        return
    if layers[-1].kind.lower() in SHARING:
        yield _finding(f"{layers[-1].kind} on one output is always the same.", {"outputs": 1.0}, layers[-1].name)
        return
    learning = [y for y in layers if y.trainable]
    zero = [all(v == 1 for v in evidence.series("gradient_zero", y.name).values) for y in learning]
    measured = [len(evidence.series("gradient_zero", y.name)) for y in learning]
    if learning and all(zero) and min(measured) > 1 and not _is_dead(evidence):
        what = f"The network has one output, and every gradient is exactly 0 at all {min(measured)} looks."
        yield _finding(what, {"outputs": 1.0, "gradient_zero": 1.0, "threshold": 1.0}, layers[-1].name)


def _is_dead(evidence: Evidence) -> bool:
    """Whether some layer is zero for all rows, which stops gradients too."""
    return any(v == 1 for y in called(evidence) for v in evidence.series("dead_units", y.name).values)


def _finding(what: str, numbers: dict[str, float], layer: str | None) -> Finding:
    return Finding(
        "softmax_on_one_unit",
        "alarm",
        what,
        "Softmax, which cross-entropy applies as well, shares out a whole among the outputs; one output gets it all, and its "
        "gradient is exactly zero.",
        numbers,
        source="exact: exp(x) / exp(x) = 1",
        layer=layer,
        remedies=(
            Remedy(
                {"network.output_activation": "none", "task.loss": "auto"},
                "One plain output with the loss for two classes.",
            ),
            Remedy(
                {"network.output_activation": "sigmoid", "task.loss": "auto"},
                "Use sigmoid, which is softmax for one of two.",
            ),
            Remedy({}, "Use binary_cross_entropy_with_logits on one output, or one output for each class.", "code"),
        ),
        explains=(
            "vanishing",
            "output_range",
            "wrong_loss",
            "no_steps",
            "predicts_mean",
            "cut_gradient",
            "rate_too_low",
            "underfitting",
            "frozen",
            "class_never_predicted",
            "unfinished",
            "dead_units",
            "slow_layer",
            "saturated_units",
            "metric_disagrees",
            "labels_shuffled",
            # With no gradient at all nothing else can have done harm yet.
            "huge_column",
            "inputs_unscaled",
            "targets_unscaled",
            "weights_too_small",
            "weights_too_large",
            "dropout_too_strong",
            "batch_too_large",
        ),
        refuted_by="A gradient that is not zero.",
    )
