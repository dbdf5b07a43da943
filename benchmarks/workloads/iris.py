"""Iris: hardly any arithmetic, where starting, logging and saving are most of the time."""

from clock import Size
from contest import Contestant, Played
from figures import ORDINARY, accuracy, epoch, fact, mebibytes, present, seconds, share
from machine import table

from workloads.epochs import OURS
from workloads.workload import Workload


def show(played: Played) -> str:
    there = present(played)
    ordinary = fact(there.get(ORDINARY, ()), "seconds")
    rows = []
    for name, turns in there.items():
        in_all, training = fact(turns, "seconds"), epoch(turns, "training")
        training = training and 1000 * training
        rows.append(
            [name, seconds(in_all), share(in_all, ordinary), seconds(training), accuracy(turns), mebibytes(turns)]
        )
    return table(["", "s in all", "of ordinary", "training part of an epoch, ms", "accuracy, %", "peak MiB"], rows)


def bars(played: Played) -> dict[str, float]:
    found = {name: fact(turns, "seconds") for name, turns in present(played).items()}
    return {name: value for name, value in found.items() if value is not None}


WORKLOAD = Workload(
    title="Iris",
    what="4-10-3, Adam, batches of 16, 120 examples, 30 measured after every epoch, 100 epochs. All of it counts, from the first "
    "line to the last save; imports do not.",
    contestants=(
        Contestant(OURS, "ours:small"),
        Contestant("Deepglass, `Training` alone", "ours:small_alone"),
        Contestant(ORDINARY, "pytorch:small"),
        Contestant("Lightning", "lightning:small", peer=True),
        Contestant("scikit-learn", "scikit:small", peer=True),
    ),
    full=Size(epochs=100, batch=16),
    quick=Size(epochs=5, batch=16),
    show=show,
    bars=bars,
    turns=3,
)
