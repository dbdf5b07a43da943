"""Sequences: an LSTM and a transformer on sentences of uneven length."""

from clock import Size
from contest import Contestant, Played
from figures import ORDINARY, accuracy, epoch, fact, present, share
from machine import table

from workloads.epochs import OURS, epoch_bars
from workloads.workload import Workload

TORCH, JAX = {"KERAS_BACKEND": "torch"}, {"KERAS_BACKEND": "jax"}
NETWORKS = ("lstm", "transformer")
ALONE, EXPERT = "Deepglass, `Training` alone", "expert's PyTorch loop"
BESIDE = ", "  # between the name of a contestant and its network
WORDS = 21  # of a sentence of the reviews, on average


def contestants(network: str) -> tuple[Contestant, ...]:
    def one(name: str, run: str, **settings: object) -> Contestant:
        module, _, function = run.partition(":")
        return Contestant(f"{name}{BESIDE}{network}", f"sequences.{module}:{function}", **settings)  # type: ignore[arg-type]

    return (
        one(OURS, f"ours:{network}"),
        one(ORDINARY, f"pytorch:{network}"),
        one("Lightning", f"lightning:{network}", peer=True),
        one("Keras on torch", f"keras:{network}", peer=True, environment=TORCH),
        one("Keras on JAX", f"keras:{network}", peer=True, environment=JAX),
        one(ALONE, f"ours:{network}_alone", tuned=True),
        one(EXPERT, f"expert:{network}", tuned=True),
    )


def show(played: Played) -> str:
    """One table a network: words a second in training, beside the ordinary loop and beside the expert's."""
    return "\n\n".join(f"{network}:\n\n{_table(of(network, played))}" for network in NETWORKS if of(network, played))


def of(network: str, played: Played) -> Played:
    """Those who trained this network, by their own names."""
    end = f"{BESIDE}{network}"
    return {name.removesuffix(end): turns for name, turns in present(played).items() if name.endswith(end)}


def bars(played: Played) -> dict[str, float]:
    """Seconds of an epoch of the LSTM, by name."""
    return epoch_bars("training", of("lstm", played))


def _table(there: Played) -> str:
    words = next((value for turns in there.values() if (value := fact(turns, "words"))), None)
    speeds = {}
    for name, turns in there.items():
        seconds = epoch(turns, "training")
        speeds[name] = words / seconds if seconds and words else None
    rows = []
    for name, turns in there.items():
        speed = speeds[name]
        shares = [share(speed, speeds.get(other)) for other in (ORDINARY, EXPERT)]
        rows.append([name, "-" if speed is None else f"{speed:,.0f}", *shares, accuracy(turns)])
    return table(["", "words a second", "times ordinary", "times the expert's", "accuracy, %"], rows)


WORKLOAD = Workload(
    title="Sequences",
    what="Sentences of film reviews (rt-polarity, 21 words on average, at most 59; generated ones where there is no copy), 9,600 "
    "for training and 1,000 measured after every epoch, Adam, batches of 64. An LSTM of 128 units on 128 numbers a word; an "
    "encoder of two transformer layers, 128 wide, 4 heads, dropout 0.1. Three epochs, of which the later ones count: words a "
    "second in their training part, padding not counted. Keras pads all sentences to 64 words, as its examples do; everybody "
    "else to the longest of a batch.",
    contestants=tuple(c for network in NETWORKS for c in contestants(network)),
    full=Size(rows=9_600, tests=1_000, epochs=3, batch=64),
    quick=Size(rows=128, tests=64, epochs=2, batch=64),
    show=show,
    bars=bars,
    turns=2,
    on_mnist=False,
)
