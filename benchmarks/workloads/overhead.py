"""Overhead: what a kept, measured training costs beyond its bare arithmetic."""

from clock import Size
from contest import Contestant, Played
from figures import fact, finished, seconds
from machine import table

from workloads.epochs import OURS
from workloads.workload import Workload

PLAIN = "the same steps in plain PyTorch, as an expert writes them"


def show(played: Played) -> str:
    turns = played[OURS]
    bare = fact(turns, "bare")
    total = fact(turns, "seconds")
    if bare is None or total is None:
        return "It did not come to an end."
    parts = {name: fact(turns, name) or 0.0 for name in ("steps", "measuring", "probes", "saves", "log")}
    rows: list[tuple[str, float]] = [
        ("the loop around the steps", parts["steps"] - bare),
        ("measuring", parts["measuring"]),
        ("probes", parts["probes"]),
        ("saves", parts["saves"]),
        ("log", parts["log"]),
        ("the rest: start, end, best weights", total - sum(parts.values())),
        ("in all", total - bare),
    ]
    spread = sorted(100 * (facts["seconds"] / facts["bare"] - 1) for facts in finished(turns))
    lines = [[name, f"{value:+.3f}", f"{100 * value / bare:+.1f}"] for name, value in rows]
    each = ", ".join(f"{value:+.1f} %" for value in spread)
    summary = f"Bare: {seconds(bare)} s; kept: {seconds(total)} s. By turns: {each}."
    plain = seconds(fact(played[PLAIN], "seconds"))
    return f"{table(['', 's', '% of the bare steps'], lines)}\n\n{summary} Plain PyTorch: {plain} s."


def bars(played: Played) -> dict[str, float]:
    return {}


WORKLOAD = Workload(
    title="What keeping a run costs",
    what="The MLP on MNIST: `dg.train` with its run folder, measuring, probes and saves, against the same steps with nothing "
    "around them: no flag for what is not finite, no record, no folder. Both in one process, the bare steps half before and half "
    "after. `--epochs 200` makes it a minute long. Beside it the steps as an expert writes them in PyTorch, with resident "
    "tensors and fused Adam, in a process of its own.",
    contestants=(
        Contestant(PLAIN, "expert:bare", turns=1),
        Contestant(OURS, "ours:in_parts"),
    ),
    full=Size(epochs=60),
    quick=Size(rows=2000, tests=500, epochs=3),
    show=show,
    bars=bars,
    turns=2,
    on_mnist=True,
)
