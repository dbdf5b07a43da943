"""Probes: what it costs to look inside, by trainings with looks and without in turns."""

from statistics import median

from clock import Size
from contest import Contestant, Played
from figures import NOTHING, fact, finished, seconds
from machine import table

from workloads.workload import Workload


def show(played: Played) -> str:
    head = ["", "steps", "without, s", "with, s", "difference, %", "by turns, %", "looks by their own clock, %"]
    rows = []
    for name, turns in played.items():
        pairs = [(facts["without"], facts["with"]) for facts in finished(turns)]
        if not pairs:
            continue
        differences = sorted(100 * (seen / plain - 1) for plain, seen in pairs)
        rows.append(
            [
                name,
                f"{fact(turns, 'steps'):,.0f}",
                *(seconds(fact(turns, part)) for part in ("without", "with")),
                f"{median(differences):+.1f}",
                ", ".join(f"{difference:+.1f}" for difference in differences) if len(pairs) > 1 else NOTHING,
                f"{100 * median(facts['looks'] / facts['without'] for facts in finished(turns)):.1f}",
            ]
        )
    return table(head, rows) if rows else "None of them came to an end."


def bars(played: Played) -> dict[str, float]:
    return {}


WORKLOAD = Workload(
    title="What it costs to look inside",
    what="The MLP and the convnet on MNIST, with the probes that are on by default and with `probes=False`, and in an ordinary "
    "PyTorch loop with `dg.watch` around it and without. Each turn is a process that trains both, after a short one of each to "
    "warm up, and every second turn begins with the one that is looked into. Looks are many in the first steps and rare later, "
    "so in longer trainings they cost less. Their own clock knows nothing of what the steps between them pay, such as hooks.",
    contestants=(
        Contestant("MLP, `dg.train`", "probed:mlp"),
        Contestant("convnet, `dg.train`", "probed:convnet", size={"epochs": 2}, turns=2),
        Contestant("MLP, PyTorch loop in `dg.watch`", "probed:watched_mlp", size={"epochs": 3}),
        Contestant("convnet, PyTorch loop in `dg.watch`", "probed:watched_convnet", size={"epochs": 1}, turns=2),
    ),
    full=Size(tests=1000, epochs=6),
    quick=Size(rows=1000, tests=200, epochs=1),
    show=show,
    bars=bars,
    turns=3,
    on_mnist=True,
)
