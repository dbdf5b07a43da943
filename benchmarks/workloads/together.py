"""Together: two trainings at the same time on one machine, against one alone."""

from clock import Size
from contest import Contestant, Played
from figures import ORDINARY, epoch, fact, finished, present, seconds, share
from machine import table

from workloads.epochs import OURS
from workloads.workload import Workload

LIMIT = 90.0  # seconds
TWO = ", two at once"


def show(played: Played) -> str:
    rows = []
    for name in (OURS, ORDINARY):
        alone, both = played.get(name, []), played.get(name + TWO, [])
        if name not in present(played):
            continue
        row = [name, seconds(epoch(alone, "whole"))]
        if finished(both):
            row += [seconds(epoch(both, "whole")), share(epoch(both, "whole"), epoch(alone, "whole"))]
        else:
            row += [f"not done after {LIMIT:.0f} s", f"over {LIMIT / (fact(alone, 'seconds') or LIMIT):.0f}"]
        rows.append(row)
    return table(["", "whole epoch alone, s", "each of two at once, s", "of alone"], rows)


def bars(played: Played) -> dict[str, float]:
    return {}


WORKLOAD = Workload(
    title="Two trainings at once",
    what=f"The MLP on MNIST, 10 epochs, in two processes started together, each with the threads it takes by itself; stopped after "
    f"{LIMIT:.0f} s. With twice the work on the same cores, 2 times as long is what can be had.",
    contestants=(
        Contestant(OURS, "ours:mlp"),
        Contestant(ORDINARY, "pytorch:mlp"),
        Contestant(OURS + TWO, "ours:mlp", copies=2, limit=LIMIT),
        Contestant(ORDINARY + TWO, "pytorch:mlp", copies=2, limit=LIMIT),
    ),
    full=Size(epochs=10),
    quick=Size(rows=1000, tests=200, epochs=2),
    show=show,
    bars=bars,
    turns=1,
    on_mnist=True,
)
