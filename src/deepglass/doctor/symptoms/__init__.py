"""Symptoms: what the doctor looks for, one file each. A symptom is a pure function of the evidence."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from deepglass.doctor.finding import Finding
from deepglass.doctor.symptoms import (  # one name a line, in the order of the alphabet
    activation_twice,
    ascends,
    ascends_at_start,
    batch_norm_tiny_batch,
    batch_too_large,
    batch_too_small,
    broadcast,
    cannot_memorize,
    channels_last,
    class_never_predicted,
    clipping_too_strict,
    cut_gradient,
    dead_at_start,
    dead_units,
    decay_too_strong,
    dropout_on_output,
    dropout_too_strong,
    exploding,
    exploding_at_start,
    frozen,
    gradients_not_cleared,
    huge_column,
    identifier,
    imbalance,
    inputs_constant,
    inputs_not_finite,
    inputs_unscaled,
    label_noise,
    labels_encoded_wrongly,
    labels_shuffled,
    leakage_duplicates,
    leakage_target,
    log_of_zero,
    metric_disagrees,
    mode_gap,
    momentum_too_high,
    no_steps,
    not_finite,
    oscillating,
    output_range,
    overfitting,
    predicts_mean,
    rate_too_high,
    rate_too_low,
    saturated_units,
    slow_layer,
    softmax_on_one_unit,
    sorted_batches,
    split_sorted,
    symmetric_weights,
    targets_constant,
    targets_unscaled,
    underfitting,
    unfinished,
    unused_parameters,
    validation_shift,
    validation_unlike,
    vanishing,
    vanishing_at_start,
    weights_too_large,
    weights_too_small,
    wrong_loss,
    wrong_parameters,
    zero_weights,
)
from deepglass.probes.evidence import Evidence

# What can be at the bottom of a fault, the first to be put right first.
GROUPS = ("data", "task", "loop", "initialization", "optimization", "architecture", "generalization")


@dataclass(frozen=True)
class Symptom:
    """One thing to look for.

    Args:
        name: what may be wrong. A finding bears the word for the kind of fault, which is the same but for symptoms that tell a
            kind by other evidence ("vanishing_at_start" finds "vanishing").
        group: where its cause lies, one of GROUPS.
        stage: from when on it can be told: "before" the first step, "during" the training or "after" an epoch.
        needs: what the evidence must hold (see `Evidence.has`); without any of them it is silent.
        look: the function; it yields no finding where there is nothing to see.
        holds_when_well: whether it says something about a run that does well too, such as an example that stands in two splits.
            Otherwise its findings about such a run are remarks, for nothing is a disease while the run does well.
    """

    name: str
    group: str
    stage: str
    needs: tuple[str, ...]
    look: Callable[[Evidence], Iterable[Finding]]
    holds_when_well: bool = False


# One line each: Symptom("name", "group", "stage", ("needs",), name.look)
_ALL: tuple[Symptom, ...] = (
    # before the first step
    Symptom("inputs_not_finite", "data", "before", (), inputs_not_finite.look, holds_when_well=True),
    Symptom("inputs_constant", "data", "before", (), inputs_constant.look, holds_when_well=True),
    Symptom("channels_last", "data", "before", ("inputs",), channels_last.look, holds_when_well=True),
    Symptom("labels_shuffled", "data", "before", ("labels",), labels_shuffled.look, holds_when_well=True),
    Symptom("targets_constant", "data", "before", (), targets_constant.look, holds_when_well=True),
    Symptom("split_sorted", "data", "before", ("splits",), split_sorted.look, holds_when_well=True),
    Symptom("validation_shift", "data", "before", (), validation_shift.look, holds_when_well=True),
    Symptom("leakage_duplicates", "data", "before", (), leakage_duplicates.look, holds_when_well=True),
    Symptom("leakage_target", "data", "before", ("leakage",), leakage_target.look, holds_when_well=True),
    Symptom("identifier", "data", "before", ("leakage",), identifier.look, holds_when_well=True),
    Symptom("huge_column", "data", "before", ("inputs",), huge_column.look),
    Symptom("inputs_unscaled", "data", "before", ("inputs",), inputs_unscaled.look),
    Symptom("targets_unscaled", "data", "before", ("target",), targets_unscaled.look),
    Symptom("softmax_on_one_unit", "task", "before", (), softmax_on_one_unit.look, holds_when_well=True),
    Symptom("activation_twice", "task", "before", (), activation_twice.look, holds_when_well=True),
    Symptom("broadcast", "task", "before", ("own_loss",), broadcast.look, holds_when_well=True),
    Symptom("labels_encoded_wrongly", "task", "before", (), labels_encoded_wrongly.look, holds_when_well=True),
    Symptom("wrong_loss", "task", "before", ("output",), wrong_loss.look, holds_when_well=True),
    Symptom("output_range", "task", "before", ("output",), output_range.look, holds_when_well=True),
    Symptom("log_of_zero", "task", "before", ("own_loss",), log_of_zero.look, holds_when_well=True),
    Symptom("ascends_at_start", "loop", "before", (), ascends_at_start.look, holds_when_well=True),
    Symptom("sorted_batches", "loop", "before", ("batch",), sorted_batches.look),
    Symptom("wrong_parameters", "loop", "before", (), wrong_parameters.look, holds_when_well=True),
    Symptom("frozen", "loop", "before", (), frozen.look, holds_when_well=True),
    Symptom("unused_parameters", "loop", "before", (), unused_parameters.look, holds_when_well=True),
    Symptom("zero_weights", "initialization", "before", ("weights",), zero_weights.look),
    Symptom("symmetric_weights", "initialization", "before", ("weights",), symmetric_weights.look),
    Symptom("weights_too_large", "initialization", "before", ("weights",), weights_too_large.look),
    Symptom("weights_too_small", "initialization", "before", ("weights",), weights_too_small.look),
    Symptom("dead_at_start", "initialization", "before", ("activations",), dead_at_start.look),
    Symptom("exploding_at_start", "initialization", "before", ("activations",), exploding_at_start.look),
    Symptom("vanishing_at_start", "initialization", "before", ("backward",), vanishing_at_start.look),
    Symptom(
        "batch_norm_tiny_batch", "architecture", "before", ("batch",), batch_norm_tiny_batch.look, holds_when_well=True
    ),
    Symptom("dropout_on_output", "architecture", "before", (), dropout_on_output.look, holds_when_well=True),
    Symptom("dropout_too_strong", "architecture", "before", ("parameters",), dropout_too_strong.look),
    # while it trains
    Symptom("not_finite", "optimization", "during", (), not_finite.look, holds_when_well=True),
    Symptom(
        "gradients_not_cleared", "loop", "during", ("leftovers",), gradients_not_cleared.look, holds_when_well=True
    ),
    Symptom("no_steps", "loop", "during", ("probes",), no_steps.look),
    Symptom("cut_gradient", "loop", "during", (), cut_gradient.look, holds_when_well=True),
    Symptom("ascends", "loop", "during", (), ascends.look),
    Symptom("mode_gap", "loop", "during", ("modes",), mode_gap.look, holds_when_well=True),
    Symptom("batch_too_small", "optimization", "during", ("probes",), batch_too_small.look),
    Symptom("batch_too_large", "optimization", "during", ("probes",), batch_too_large.look),
    Symptom("momentum_too_high", "optimization", "during", ("losses",), momentum_too_high.look, holds_when_well=True),
    Symptom("clipping_too_strict", "optimization", "during", ("updates",), clipping_too_strict.look),
    Symptom("rate_too_high", "optimization", "during", (), rate_too_high.look),
    Symptom("rate_too_low", "optimization", "during", (), rate_too_low.look, holds_when_well=True),
    Symptom("oscillating", "optimization", "during", (), oscillating.look),
    Symptom("saturated_units", "architecture", "during", ("saturation",), saturated_units.look, holds_when_well=True),
    Symptom("dead_units", "architecture", "during", ("activations",), dead_units.look, holds_when_well=True),
    Symptom("vanishing", "architecture", "during", ("gradients",), vanishing.look, holds_when_well=True),
    Symptom("exploding", "architecture", "during", ("activations",), exploding.look, holds_when_well=True),
    Symptom("slow_layer", "architecture", "during", ("updates",), slow_layer.look, holds_when_well=True),
    # after an epoch
    Symptom("class_never_predicted", "data", "after", (), class_never_predicted.look, holds_when_well=True),
    Symptom("imbalance", "data", "after", ("target",), imbalance.look, holds_when_well=True),
    Symptom("label_noise", "data", "after", ("labels",), label_noise.look, holds_when_well=True),
    Symptom("validation_unlike", "data", "after", ("validation",), validation_unlike.look, holds_when_well=True),
    Symptom("metric_disagrees", "task", "after", ("validation",), metric_disagrees.look, holds_when_well=True),
    Symptom("decay_too_strong", "optimization", "after", ("weights",), decay_too_strong.look, holds_when_well=True),
    Symptom("unfinished", "optimization", "after", (), unfinished.look, holds_when_well=True),
    Symptom("cannot_memorize", "architecture", "after", ("measurements",), cannot_memorize.look),
    Symptom("underfitting", "architecture", "after", (), underfitting.look, holds_when_well=True),
    Symptom("overfitting", "generalization", "after", ("validation",), overfitting.look, holds_when_well=True),
    Symptom("predicts_mean", "generalization", "after", ("outputs",), predicts_mean.look),
)
SYMPTOMS: dict[str, Symptom] = {symptom.name: symptom for symptom in _ALL}
