"""Mode gap: training and evaluation mode give different answers."""

from collections.abc import Iterator, Mapping
from statistics import median
from typing import Any

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.layer_changes import usual_momentum
from deepglass.doctor.reading import called
from deepglass.doctor.trend import batch_size, first_loss
from deepglass.probes.evidence import Evidence

WORSE = 2.0  # loss of the same rows in evaluation mode over that in training mode (TheDeepChecker: a difference of .5)
CLEARLY = 1.3  # the same at every look, where it is WORSE in the middle of many
OF_FIRST = 0.1  # of the first loss, that the difference makes
FAR = 1.0  # difference of the outputs over their spread: the two modes say different things
LOOKS = 2  # the last ones, both of which have to say it
DROPPED = 0.3  # difference of the outputs over their spread that dropout makes where nobody switches it off; small shares make less
OFF = 0.5  # mean over channels of |log(running / batch variance)|: a factor of 1.6


def look(evidence: Evidence) -> Iterator[Finding]:
    """The same rows in both modes: evaluation mode is far worse, which dropout never makes; or training in evaluation mode."""
    norms = [y for y in called(evidence) if y.kind.startswith(("BatchNorm", "SyncBatchNorm"))]
    yield from _trained_in_evaluation(evidence, norms=bool(norms))
    yield from _judged_in_training(evidence, norms=bool(norms))
    name = "loss" if evidence.has("loss_evaluated") else "batch_loss"
    # Heads in the middle answer in training mode alone, so the loss without them is compared.
    in_training = "output_loss" if evidence.has("output_loss") else name
    trained, evaluated = (evidence.series(q).values[-LOOKS:] for q in (in_training, f"{name}_evaluated"))
    off = max(
        (median(s.values[-LOOKS:]) for y in norms if len(s := evidence.series("norm_variance_gap", y.name))),
        default=0.0,
    )
    if len(trained) == LOOKS and len(evaluated) == LOOKS:
        ratio = min(b / a if a > 0 else 0.0 for a, b in zip(trained, evaluated, strict=True))
        is_worse = ratio >= WORSE or _mostly_worse(evidence, in_training, f"{name}_evaluated")
        if not is_worse or evaluated[-1] - trained[-1] < OF_FIRST * abs(first_loss(evidence)):
            return
        seen = f"The loss of the same rows is {trained[-1]:.3g} in training mode and {evaluated[-1]:.3g} in evaluation mode"
        numbers = {"loss": trained[-1], "loss_evaluated": evaluated[-1], "threshold": WORSE * trained[-1]}
    else:
        gaps = evidence.series("mode_gap").values[-LOOKS:]
        if not norms or len(gaps) < LOOKS or min(gaps) < FAR or off < OFF:
            return
        seen = f"The outputs for the same rows differ by {min(gaps):.3g} times their spread between the modes"
        numbers = {"mode_gap": min(gaps), "threshold": FAR}
    if norms:
        seen += f"; batch norm's running variances are off by a factor of {2.718**off:.2g}"
    yield _finding(
        f"{seen}.",
        {**numbers, "running_variance_off": off},
        norms=bool(norms),
        batch=batch_size(evidence),
        network=evidence.settings.get("network", {}),
    )


def _mostly_worse(evidence: Evidence, in_training: str, in_evaluation: str) -> bool:
    """Whether evaluation mode was clearly worse at all looks of the second half, and in the middle by WORSE: one batch is noise."""
    first, second = evidence.series(in_training), evidence.series(in_evaluation)
    pairs = [(a, b) for step, a in first if a > 0 and (b := second.at(step)) is not None]
    late = [b / a for a, b in pairs[len(pairs) // 2 :]]
    return len(late) > LOOKS and median(late) >= WORSE and min(late) >= CLEARLY


def _trained_in_evaluation(evidence: Evidence, *, norms: bool) -> Iterator[Finding]:
    loop = evidence.loop
    passes, in_evaluation = loop.get("backwards", 0), loop.get("backwards_in_evaluation_mode", 0)
    drops = any("Dropout" in y.kind for y in called(evidence))
    if passes and in_evaluation > passes / 2 and (norms or drops):
        yield Finding(
            "mode_gap",
            "warning",
            what=f"{in_evaluation} of {passes} backward passes ran in evaluation mode, in which "
            f"{'batch norm does not learn its means' if norms else 'dropout is off'}.",
            why="network.eval() stays on until network.train() is called: usually forgotten after a validation.",
            evidence={"in_evaluation_mode": in_evaluation, "backward_passes": passes, "threshold": passes / 2},
            source="exact",
            remedies=(Remedy({}, "Call network.train() at the beginning of every epoch.", by="code"),),
            explains=("overfitting",),
            refuted_by="It was meant so, as in fine-tuning with frozen norms.",
        )


def _judged_in_training(evidence: Evidence, *, norms: bool) -> Iterator[Finding]:
    """Asked without gradients, again and again, and never in evaluation mode."""
    asked, in_training = (evidence.loop.get(n, 0) for n in ("judgements", "judgements_in_training_mode"))
    drops = any("Dropout" in y.kind for y in called(evidence))
    gaps = evidence.series("mode_gap").values[-LOOKS:]
    if not asked or in_training < asked or not (norms or drops) or not gaps or median(gaps) < DROPPED:
        return
    yield Finding(
        "mode_gap",
        "warning",
        what=f"All {asked} calls without gradients ran in training mode, in which {'dropout' if drops else 'batch norm'} makes "
        f"other outputs: they differ by {median(gaps):.2g} times their spread.",
        why="What is measured then is not the network that will be used: with dropout on it is worse, and different every time.",
        evidence={"asked": asked, "in_training_mode": in_training, "mode_gap": median(gaps), "threshold": DROPPED},
        source="exact: counted; difference of the outputs: benchmarks/doctor/calibration.md",
        remedies=(Remedy({}, "Call network.eval() before judging, and network.train() after it.", by="code"),),
        explains=("overfitting", "underfitting", "unfinished", "metric_disagrees", "validation_shift"),
        refuted_by="It was meant so, as to draw several answers of a network with dropout.",
    )


def _finding(
    what: str, numbers: dict[str, float], *, norms: bool, batch: int | None, network: Mapping[str, Any]
) -> Finding:
    remedies = [
        *usual_momentum(network),
        Remedy(
            {},
            "Leave batch norm's momentum at 0.1, so that running values follow, and train with the mode that is used.",
            by="code",
        ),
    ]
    if norms and batch is not None and batch < 16:
        remedies.insert(
            0,
            Remedy({"recipe.batch_size": 32}, "Larger batches, whose mean and spread are like those of all examples."),
        )
    return Finding(
        "mode_gap",
        "alarm",
        what=what,
        why="What is learned in one mode is not what answers in the other: the network is better than it is when used.",
        evidence=numbers,
        source="the same rows in both modes: TheDeepChecker (Ben Braiek and Khomh, TOSEM 2023); Ioffe, Batch Renormalization, 2017",
        remedies=tuple(remedies),
        explains=(
            "overfitting",
            "underfitting",
            "validation_shift",
            "predicts_mean",
            "class_never_predicted",
            "unfinished",
            "rate_too_high",
            "oscillating",
            "metric_disagrees",
            "inputs_unscaled",
        ),
        refuted_by="Both modes give the same loss for the same rows.",
    )
