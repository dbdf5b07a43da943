"""Scaling: time and memory against the number of examples."""

from math import log

from clock import Size
from contest import Contestant, Played
from figures import NOTHING, ORDINARY, epoch, fact, mebibytes, present, seconds
from machine import table

from workloads.workload import Workload

WAYS = {
    "Deepglass, resident": ("ours:rows", {10_000: 5, 100_000: 3, 1_000_000: 2, 10_000_000: 2}),
    "Deepglass, streamed": ("ours:rows_streamed", {10_000: 5, 100_000: 3, 1_000_000: 2, 10_000_000: 2}),
    "Deepglass, streamed from files": ("ours:rows_mapped", {1_000_000: 2, 10_000_000: 2}),
    ORDINARY: ("pytorch:rows", {10_000: 5, 100_000: 3, 1_000_000: 2}),
}


def named(way: str, rows: int) -> str:
    return f"{way}, {rows:,} rows"


def show(played: Played) -> str:
    there = present(played)
    lines, slopes = [], []
    for way, (_, sizes) in WAYS.items():
        points = []
        for rows in sizes:
            turns = there.get(named(way, rows))
            if not turns:
                continue
            training = epoch(turns, "training")
            if training:
                points.append((rows, training))
            speed = f"{rows / training:,.0f}" if training else NOTHING
            own = fact(turns, "own_mib")
            held = f"{mebibytes(turns)} ({own:,.0f} without the files)" if own else mebibytes(turns)
            lines.append([way, f"{rows:,}", seconds(fact(turns, "loading")), seconds(training), speed, held])
        if len(points) > 1:
            slopes.append(f"{way} {slope(points):.2f}")
    head = ["", "rows", "loading, s", "training part of an epoch, s", "rows a second", "peak MiB"]
    return (
        f"{table(head, lines)}\n\nSlope of seconds against rows, both as logarithms (1 is linear): {', '.join(slopes)}."
    )


def slope(points: list[tuple[int, float]]) -> float:
    """The exponent of the power law that fits best by least squares of logarithms."""
    x, y = [log(rows) for rows, _ in points], [log(value) for _, value in points]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    spread = sum((a - mean_x) ** 2 for a in x)
    return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y)) / spread


def bars(played: Played) -> dict[str, float]:
    return {}


WORKLOAD = Workload(
    title="Time and memory against examples",
    what="Ten generated columns, an MLP 10-32-1 (two output units in the ordinary loop), Adam, batches of 1,024. Deepglass keeps "
    "the encoded rows in memory up to 512 MiB, or encodes batch by batch when streaming is asked for. Files are memory-mapped; the "
    "pages of them that were read count in the peak, although the system takes them back whenever it needs them.",
    contestants=tuple(
        Contestant(named(way, rows), run, size={"rows": rows, "epochs": epochs})
        for rows in (10_000, 100_000, 1_000_000, 10_000_000)
        for way, (run, sizes) in WAYS.items()
        for epochs in (sizes.get(rows),)
        if epochs
    ),
    full=Size(rows=10_000_000, epochs=5, batch=1024),
    quick=Size(rows=100_000, epochs=2, batch=1024),
    show=show,
    bars=bars,
    turns=1,
)
