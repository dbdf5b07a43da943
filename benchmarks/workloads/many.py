"""Many small networks: a search over rates and penalties."""

from clock import Size
from contest import Contestant, Played
from figures import NOTHING, ORDINARY, fact, mebibytes, present, seconds, share
from machine import table

from workloads.workload import Workload

FULL = Size(epochs=5, batch=128, candidates=128)
FEW = {"candidates": 4}
EXTRAPOLATED = ("Keras on torch", "Keras on JAX")


def in_all(played: Played) -> dict[str, float]:
    """Seconds for all candidates; from a few of them where more would take too long."""
    found = {name: fact(turns, "seconds") for name, turns in present(played).items()}
    times = FULL.candidates / FEW["candidates"]
    return {n: v * (times if n in EXTRAPOLATED else 1) for n, v in found.items() if v is not None}


def show(played: Played) -> str:
    all_seconds = in_all(played)
    rows = []
    for name, turns in present(played).items():
        best = fact(turns, "best")
        row = [f"{name} (extrapolated)" if name in EXTRAPOLATED else name, seconds(all_seconds[name])]
        row += [share(all_seconds[name], all_seconds.get(ORDINARY)), NOTHING if best is None else f"{100 * best:.2f}"]
        rows.append([*row, mebibytes(turns)])
    return table(["", "s in all", "of ordinary", "best accuracy, %", "peak MiB"], rows)


WORKLOAD = Workload(
    title="128 MLPs on digits",
    what="64-100-10, Adam, batches of 128, 1,437 examples, 5 epochs, 8 rates and 16 penalties of each library's own kind, every "
    "network judged once on the same 360 examples. GridSearchCV has two processes of its own, whose memory is not counted. "
    f"Keras trains {FEW['candidates']} of the networks, and the seconds are those times {FULL.candidates // FEW['candidates']}.",
    contestants=(
        Contestant("Deepglass, stacked", "ours:stacked"),
        Contestant("Deepglass, one run after another", "ours:many"),
        Contestant(ORDINARY, "pytorch:many"),
        Contestant("scikit-learn, GridSearchCV(n_jobs=2)", "scikit:many", peer=True),
        Contestant("Keras on torch", "keras:many", peer=True, size=FEW, environment={"KERAS_BACKEND": "torch"}),
        Contestant("Keras on JAX", "keras:many", peer=True, size=FEW, environment={"KERAS_BACKEND": "jax"}),
    ),
    full=FULL,
    quick=Size(epochs=2, batch=128, candidates=4),
    show=show,
    bars=in_all,
    turns=2,
)
