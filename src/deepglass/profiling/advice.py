"""Advice: plain sentences that follow from the numbers of a profile."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deepglass.data import Dataset
from deepglass.profiling.phases import REST
from deepglass.profiling.roof import Roof
from deepglass.profiling.trace import NO_LAYER, Operation
from deepglass.report.words import number
from deepglass.threads import SMALL_WORK, cores, in_worker
from deepglass.training.execution.precision import LEAST_PRODUCT, LEAST_STEP, has_bfloat16_units
from deepglass.training.training import Training

# From these shares of the time on a thing is worth a sentence: at a quarter, doing without it makes a training a third quicker.
LARGE = 0.25
SMALL = 0.1  # of what should vanish beside the steps: probes, saving, the loop's own work
NEAR_THE_ROOF = 0.5  # of what the machine gives: more than half of the time is work
AT_THE_ROOF = 0.7  # little is left to gain, as large products seldom reach more
FAR_BELOW = 0.2
SMALL_CALL = 1e-4  # seconds of an operation, beside which the few microseconds of calling it count


@dataclass(frozen=True)
class Measured:
    """What advice is made from.

    Args: parts: shares of the time. seconds: of a step by part. waited: share of the time, for a processor.
    """

    parts: Mapping[str, float]
    seconds: Mapping[str, float]
    operations: Sequence[Operation]
    roof: Roof
    batch_size: int
    batch_is_all: bool
    waited: float = 0.0


def advice(training: Training, data: Dataset, found: Measured) -> list[str]:
    """Say what takes the time, and what would help; then which rules were followed."""
    said = [*_of_others(found), *_of_data(training, data, found), *_of_epochs(found), *_of_python(found)]
    if not said:
        most = max(found.parts, key=lambda part: found.parts[part])
        said = [f"Nothing stands out: {most} takes most, {found.parts[most]:.0%} of the time."]
    return [*said, *_of_operations(found), *_of_rules(training)]


def outside(found: Measured) -> float:
    """The share of a step's computing that no operation of torch accounts for: Python, and torch's way to its kernels."""
    computing = _computing(found)
    inside = sum(o.seconds for o in found.operations if o.part != "data")
    return max(0.0, 1 - inside / computing) if computing else 0.0


def _computing(found: Measured) -> float:
    """Seconds of a step without its data, and without the time in which it waited for a processor."""
    return (1 - found.waited) * sum(found.seconds[part] for part in ("forward", "backward", "update", REST))


def _of_others(found: Measured) -> list[str]:
    if found.waited < SMALL:
        return []
    return [
        f"Other programs had the processor for {found.waited:.0%} of the time, while a step waited: run this alone, or "
        "expect it to take that much longer."
    ]


def _of_data(training: Training, data: Dataset, found: Measured) -> list[str]:
    share = found.parts["data"]
    if share < LARGE:
        return []
    said = f"Data takes {share:.0%} of the time, {number(found.seconds['data'] * 1000)} ms a step."
    if training.reader.encoded is None:
        if data.settings.streaming:
            remedy = "It is encoded batch by batch: data.streaming=false encodes it once, where memory allows."
        elif data.source.count is not None:
            remedy = (
                "Your dataset gives every example anew: do once what its __getitem__ repeats, or read ahead with several "
                "processes (--set data.workers=2)."
            )
        else:
            remedy = (
                "It is read and decoded anew in every epoch: keep it small enough to be decoded once (data.image_size, "
                "data.limit), or give more processes (data.workers)."
            )
    elif data.settings.augment.active:
        remedy = "It lies ready in memory, so this is augmentation: fewer of its changes, or a slower network, hide it."
    else:
        remedy = "It lies ready in memory, so this is picking examples: a larger batch picks more of them at once."
    return [f"{said} {remedy}"]


def _of_python(found: Measured) -> list[str]:
    share, operations = outside(found), [o for o in found.operations if o.part != "data"]
    computing = _computing(found)
    calls, inside = sum(o.calls for o in operations), sum(o.seconds for o in operations)
    each = inside / calls if calls else 0.0
    least = sum(found.roof.least_seconds(o.flops, o.bytes, o.precision) for o in operations)
    if each > SMALL_CALL or (share < LARGE and least > NEAR_THE_ROOF * computing):
        return []
    around = f"{share:.0%} of what a step computes is Python and calls around" if share >= SMALL else "A step is"
    fewer = f"a larger batch (now {found.batch_size}) does the same work in fewer steps, and "
    remedy = "" if found.batch_is_all else fewer
    return [
        f"{around} {calls:.0f} operations, which take {number(each * 1e6)} microseconds each; at this machine's roof all of "
        f"them would take {least / computing:.0%} of that time. They are small: {remedy}--seeds takes several networks in one "
        "step."
    ]


def _of_operations(found: Measured) -> list[str]:
    """What is worth saying of the operations that take much of a step."""
    whole = sum(found.seconds.values())
    said: list[str] = []
    for o in found.operations:
        share = o.seconds / whole if whole else 0.0
        if (said and share < SMALL) or not o.bytes or not o.seconds:
            continue
        where = f"{o.name}{'' if o.layer == NO_LAYER else f' of layer {o.layer}'} ({o.part})"
        of_roof = o.rate / found.roof.limit(o.intensity, o.precision) if o.flops else 0.0
        moves = f"{number(o.bytes / o.seconds / 1e9)} of {number(found.roof.bandwidth / 1e9)} GB/s"
        least = found.roof.least_seconds(o.flops, o.bytes, o.precision)
        if least < FAR_BELOW * o.seconds and o.seconds < SMALL_CALL * o.calls:
            spent = f"{number(o.seconds * 1e6)} microseconds a step"
            tail = f"is too small for this machine: of its {spent} the roof asks for {number(least * 1e6)}"
        elif o.flops and o.intensity >= found.roof.ridge(o.precision):
            tail = f"is bound by arithmetic: {number(o.rate / 1e9)} of {number(found.roof.peaks[o.precision] / 1e9)} GFLOP/s"
        elif not o.flops:
            tail = f"only moves numbers: {moves}"
        else:
            tail = f"is bound by memory, {number(o.intensity)} operations a byte: {moves}"
        end = "; little is left to gain" if of_roof > AT_THE_ROOF else ""
        said.append(f"{where} takes {share:.0%} of the time and {tail}{end}.")
    return said[:3]


def _of_epochs(found: Measured) -> list[str]:
    said = []
    if found.parts["measuring"] >= LARGE:
        said.append(
            f"Measuring after each epoch takes {found.parts['measuring']:.0%}: a smaller validation split (data.validation) "
            "costs less."
        )
    if found.parts["probes"] >= SMALL:
        said.append(
            f"Probes take {found.parts['probes']:.0%}, because the training is short; recipe.probes=false leaves them out."
        )
    if found.parts[REST] >= LARGE:
        said.append(f"The loop around the steps takes {found.parts[REST]:.0%}: the steps are very small.")
    return said


def _of_rules(training: Training) -> list[str]:
    precision, recipe = training.execution.precision, training.recipe
    if recipe.precision != "auto":
        why = f"as recipe.precision={recipe.precision} asks"
    elif precision == "bfloat16":
        why = "because the processor multiplies it faster and the products are large enough"
    elif not has_bfloat16_units(training.device):
        why = "because nothing here multiplies bfloat16 faster"
    elif training.execution.view is None and training.execution.chain is not None:
        why = f"because no layer's product has {LEAST_PRODUCT:,} multiply-adds a step"
    else:
        why = f"because the way forward has less than {LEAST_STEP:,} multiply-adds a step"
    said = [
        f"{training.threads} thread{'s' * (training.threads != 1)}, {_threads_rule(training)}.",
        f"Precision {precision}, {why}.",
    ]
    if rewrites := training.execution.rewrites:
        said.append(f"Carried out with: {', '.join(rewrites)}.")
    return said


def _threads_rule(training: Training) -> str:
    """Say which rule has set the threads, in the order of `threads_for`."""
    if training.recipe.threads:
        return "as recipe.threads says"
    if os.environ.get("DEEPGLASS_THREADS", "").isdigit():
        return "as DEEPGLASS_THREADS says"
    if in_worker():
        return "as in every worker of joblib"
    if os.environ.get("OMP_NUM_THREADS", "").isdigit():
        return "as OMP_NUM_THREADS says"
    if cores() == 1:
        return "as there is one core"
    less = "less than" if training.threads == 1 else "at least"
    return f"because a step has {less} {SMALL_WORK:,} multiply-adds"
