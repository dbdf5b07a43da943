"""No steps: the optimizer does not step, far too seldom, or without moving anything."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import called
from deepglass.plurals import counted
from deepglass.probes.evidence import Evidence

FEWEST = 8  # backward passes, from which on steps should have been seen
SELDOM = 4  # backward passes a step, where steps come no more often than epochs: gradients summed on purpose fill several steps


def look(evidence: Evidence) -> Iterator[Finding]:
    """Backward passes without steps; one step an epoch; steps that leave every weight as it was, to the last bit."""
    loop = evidence.loop
    backwards, steps = loop.get("backwards", 0), loop.get("optimizer_steps", 0)
    numbers: dict[str, float | str] = {"backward_passes": backwards, "optimizer_steps": steps}
    if loop and backwards >= FEWEST and not steps:
        if _moved(evidence) is not True:  # an optimizer that is no torch.optim one moves weights without being seen
            yield _finding(
                f"There were {backwards} backward passes and not one step of an optimizer.",
                {**numbers, "threshold": FEWEST},
                "Call optimizer.step() after loss.backward().",
            )
    elif loop and len(evidence.epochs) > 1 and steps <= len(evidence.epochs) + 1 and backwards >= SELDOM * steps:
        yield _finding(
            f"The optimizer took {counted(steps, 'step')} in {len(evidence.epochs)} epochs, for {backwards} backward passes.",
            {**numbers, "threshold": SELDOM},
            "Move optimizer.step() and zero_grad() into the loop over batches, so that each batch makes a step.",
        )
    elif steps >= FEWEST and backwards >= FEWEST and _moved(evidence) is False and _is_cleared(evidence):
        yield _finding(
            f"In {counted(steps, 'step')} no weight has changed by a single bit, though {backwards} backward passes "
            "reached the network: at the step no parameter had a gradient.",
            {**numbers, "threshold": FEWEST},
            "Call optimizer.zero_grad() before loss.backward(), not between it and optimizer.step().",
        )
    elif _moved(evidence) is False and not loop.get("foreign") and not _is_cut_off(evidence):
        yield _finding(
            f"In {counted(evidence.steps[-1], 'step')} no weight has changed by a single bit.",
            {"steps": evidence.steps[-1]},
            "Look at the learning rate and its schedule, and whether the optimizer holds the parameters of this network.",
        )


def _moved(evidence: Evidence) -> bool | None:
    """Whether any layer that is to learn has changed between the first look and the last; None where nothing tells."""
    if len(evidence.steps) < 3:
        return None
    learning = [y.name for y in called(evidence) if y.trainable]
    prints = [evidence.series("fingerprint", name).values for name in learning]
    known = [values for values in prints if len(values) > 1]
    return any(len(set(values)) > 1 for values in known) if known else None


def _is_cleared(evidence: Evidence) -> bool:
    """Whether every layer that learns was without gradients at the step, in a loop whose backward passes did reach the network."""
    without = set(evidence.loop.get("without_gradient") or [])
    learning = [y.name for y in called(evidence) if y.trainable]
    return bool(learning) and all(any(n.rpartition(".")[0] == y for n in without) for y in learning)


def _is_cut_off(evidence: Evidence) -> bool:
    """Whether gradients were exactly 0 or not there: then it is not for want of steps."""
    norms = evidence.series("gradient_norm").values
    return not norms or all(value == 0 or value != value for value in norms)


def _finding(what: str, numbers: dict[str, float | str], remedy: str) -> Finding:
    return Finding(
        "no_steps",
        "alarm",
        what=what,
        why="Gradients change nothing by themselves; weights move when the optimizer steps.",
        evidence=numbers,
        source="exact: counted in the loop, and by the bits of the weights (Jiang et al., TrainCheck, OSDI 2025)",
        remedies=(Remedy({}, remedy, by="code"),),
        explains=(
            "rate_too_low",
            "unfinished",
            "underfitting",
            "predicts_mean",
            "class_never_predicted",
            "batch_too_large",
            "frozen",
        ),
        refuted_by="Weights differ before and after an epoch.",
    )
