"""Cut gradient: the way back is cut inside the network, so the layers before it do not learn."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import called
from deepglass.doctor.trend import is_lacking, learning
from deepglass.plurals import counted
from deepglass.probes.evidence import Evidence, Layer

FEWEST = 8  # calls and steps, from which on a backward pass should have come through


def look(evidence: Evidence) -> Iterator[Finding]:
    """Layers that are called and are to learn, and that no gradient ever reached, while a later layer had one.

    A gradient of 0 that did arrive (dead units, zero weights) is another matter: there the way is open.
    """
    yield from _altogether(evidence)
    yield from _through_time(evidence)
    layers = learning(evidence)
    missing = [y for y in layers if _is_without(evidence, y)]
    if not missing or len(missing) == len(layers):
        return
    last = missing[-1]
    if not any((y.depth or 0) > (last.depth or 0) for y in layers if y not in missing):
        return
    order = called(evidence)
    behind = next((y.name for y in order[order.index(last) + 1 :] if y in layers and y not in missing), "")
    names = ", ".join(repr(y.name) for y in missing[:3]) + (" ..." if len(missing) > 3 else "")
    yield Finding(
        "cut_gradient",
        "alarm",
        what=f"No gradient ever reached {names}, though they are called and are to learn; the way back ends before {behind!r}.",
        why="What is not reached keeps its initial weights: the rest learns from random features.",
        evidence={"layers_without_gradient": len(missing), "layers_that_learn": len(layers), "threshold": 0},
        source="exact: no gradient was made for their parameters",
        layer=last.name,
        remedies=(
            Remedy(
                {},
                f"Look between {last.name!r} and {behind!r} for no_grad(), detach(), .data, .item(), argmax or numpy.",
                by="code",
            ),
        ),
        explains=("frozen", "slow_layer", "vanishing", "underfitting", "unfinished", "rate_too_low", "predicts_mean"),
        refuted_by="The parameters' gradients are there after loss.backward().",
    )


def _altogether(evidence: Evidence) -> Iterator[Finding]:
    """Of a loop: calls of the network, and steps of its optimizer, and not one backward pass that came through it."""
    loop = evidence.loop
    calls, steps = loop.get("forwards", 0), loop.get("optimizer_steps", 0)
    if loop.get("backwards") != 0 or min(calls, steps) < FEWEST:
        return
    if any(len(set(evidence.series("fingerprint", y.name).values)) > 1 for y in learning(evidence)):
        return  # something else moves it
    yield Finding(
        "cut_gradient",
        "alarm",
        what=f"The network was called {counted(calls, 'time')} and its optimizer took {counted(steps, 'step')}, and no backward "
        "pass ever reached it.",
        why="The loss that goes back does not depend on the network: no weight has a gradient, and none moves.",
        evidence={"forwards": calls, "optimizer_steps": steps, "backwards": 0, "threshold": FEWEST},
        source="exact: counted in the loop",
        remedies=(
            Remedy(
                {},
                "Call backward on the very loss that was computed: torch.tensor(loss), .item(), .data or numpy make a new one.",
                by="code",
            ),
        ),
        explains=(
            "no_steps",
            "frozen",
            "underfitting",
            "unfinished",
            "rate_too_low",
            "predicts_mean",
            "class_never_predicted",
        ),
        refuted_by="The parameters' gradients are there after loss.backward().",
    )


def _through_time(evidence: Evidence) -> Iterator[Finding]:
    """Of a loop with a recurrent network: its answer depends on the last step of a series alone, by exactly 0 on all others."""
    heard = evidence.before.get("through_time", {}).get("heard", [])
    if not heard or not heard[-1] > 0 or any(heard[:-1]) or not is_lacking(evidence):
        return
    yield Finding(
        "cut_gradient",
        "alarm",
        what=f"The way back ends at the last of {len(heard)} steps: by the gradient, the answer does not depend on any other.",
        why="What a recurrent network keeps from step to step is not learned then, only what it does with the last one.",
        evidence={"steps_without_gradient": len(heard) - 1, "steps": len(heard), "threshold": 0},
        source="exact: the gradient of the answers at the inputs",
        remedies=(
            Remedy({}, "Carry the state from step to step as it is; detach() it between batches alone.", by="code"),
        ),
        explains=("frozen", "slow_layer", "vanishing", "underfitting", "unfinished", "rate_too_low", "predicts_mean"),
        refuted_by="The gradient at the inputs of earlier steps is not 0.",
    )


def _is_without(evidence: Evidence, layer: Layer) -> bool:
    """Whether no gradient came to a layer at any look: not measured, or 0 without a gradient at its output."""
    if "without_gradient" in evidence.loop:
        named = evidence.loop["without_gradient"]
        own = any(name.rpartition(".")[0] == layer.name for name in named)
        return own and not len(evidence.series("update_norm", layer.name)) * _moved(evidence, layer)
    zero, back = evidence.series("gradient_zero", layer.name), evidence.series("backward_rms", layer.name)
    return (
        bool(len(zero)) and all(value == 1 for value in zero.values) and not len(back) and bool(_any_backward(evidence))
    )


def _moved(evidence: Evidence, layer: Layer) -> bool:
    return len(set(evidence.series("fingerprint", layer.name).values)) > 1


def _any_backward(evidence: Evidence) -> int:
    return sum(len(evidence.series("backward_rms", y.name)) for y in called(evidence))
