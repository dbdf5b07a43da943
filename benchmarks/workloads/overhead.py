"""Overhead: what a kept, measured training costs beyond its bare arithmetic."""

from clock import Size
from contest import Contestant, Played
from figures import fact, finished, seconds
from machine import table

from workloads.epochs import OURS
from workloads.workload import Workload

BARE, ASLEEP = "bare arithmetic", "bare arithmetic, idle threads asleep"


def show(played: Played) -> str:
    turns, bare = played[OURS], fact(played[BARE], "seconds")
    total = fact(turns, "seconds")
    if bare is None or total is None:
        return "It did not come to an end."
    parts = {name: fact(turns, name) or 0.0 for name in ("steps", "measuring", "saves", "log")}
    asleep = (fact(played[ASLEEP], "seconds") or bare) - bare
    rows: list[tuple[str, float]] = [
        ("the loop around the arithmetic", parts["steps"] - bare - asleep),
        ("idle threads that sleep instead of spinning", asleep),
        ("measuring", parts["measuring"]),
        ("saves", parts["saves"]),
        ("log", parts["log"]),
        ("the rest: start, end, best weights", total - sum(parts.values())),
        ("in all", total - bare),
    ]
    spread = sorted(100 * (facts["seconds"] / bare - 1) for facts in finished(turns))
    lines = [[name, f"{value:+.3f}", f"{100 * value / bare:+.1f}"] for name, value in rows]
    each = ", ".join(f"{value:+.1f} %" for value in spread)
    summary = f"Bare: {seconds(bare)} s; kept: {seconds(total)} s. By turns: {each}."
    return f"{table(['', 's', '% of the arithmetic'], lines)}\n\n{summary}"


def bars(played: Played) -> dict[str, float]:
    return {}


WORKLOAD = Workload(
    title="What keeping a run costs",
    what="The MLP on MNIST: `dg.train` with its run folder, measuring and saves, against the same steps written by hand with "
    "resident tensors and fused Adam, and nothing around them. `--epochs 250` makes it longer than a minute.",
    contestants=(
        Contestant(BARE, "expert:bare"),
        Contestant(ASLEEP, "expert:bare", environment={"OMP_WAIT_POLICY": "PASSIVE"}, turns=1),
        Contestant(OURS, "ours:in_parts"),
    ),
    full=Size(epochs=60),
    quick=Size(rows=2000, tests=500, epochs=3),
    show=show,
    bars=bars,
    turns=2,
    on_mnist=True,
)
