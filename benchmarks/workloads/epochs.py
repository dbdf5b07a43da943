"""Epochs: the tables of workloads in which everybody trains one network for some epochs."""

from collections.abc import Sequence
from functools import partial

from contest import Contestant, Played
from figures import ORDINARY, accuracy, epoch, mebibytes, present, reached, seconds, share
from machine import table

OURS = "Deepglass"


def epoch_tables(contestants: Sequence[Contestant], target: float, played: Played) -> str:
    """Two tables: as the documentation shows it, and as somebody tuned it. Both stand beside the ordinary loop."""
    tuned = {c.name for c in contestants if c.tuned}
    there = present(played)
    plain = {name: turns for name, turns in there.items() if name not in tuned}
    expert = {name: turns for name, turns in there.items() if name in tuned or name == ORDINARY}
    parts = ["As the documentation of each shows it:", _table(plain, target)]
    if tuned & set(there):
        parts += ["As somebody tunes it who knows it well:", _table(expert, target)]
    return "\n\n".join(parts)


def epoch_bars(part: str, played: Played) -> dict[str, float]:
    """Seconds of an epoch by name. Those who do not measure are drawn with their training part."""
    found = {name: epoch(turns, part) or epoch(turns, "training") for name, turns in present(played).items()}
    return {name: value for name, value in found.items() if value is not None}


whole_bars = partial(epoch_bars, "whole")


def _table(played: Played, target: float) -> str:
    ordinary = {part: epoch(played.get(ORDINARY, ()), part) for part in ("training", "whole")}
    head = ["", "training part, s", "of ordinary", "whole epoch, s", "of ordinary", f"s to {target:.1%}"]
    rows = []
    for name, turns in played.items():
        row = [name]
        for part in ("training", "whole"):
            value = epoch(turns, part)
            row += [seconds(value), share(value, ordinary[part])]
        rows.append([*row, seconds(reached(turns, target)), accuracy_after(played, name), mebibytes(turns)])
    return table([*head, "accuracy, %", "peak MiB"], rows)


def accuracy_after(played: Played, name: str) -> str:
    """The accuracy, with the number of epochs where it is smaller than others'."""
    epochs = {
        n: max((len(f.get("epochs", ())) or f.get("epochs_in_all", 0) for f in t), default=0) for n, t in played.items()
    }
    text = accuracy(played[name])
    return text if epochs[name] == max(epochs.values()) else f"{text} after {epochs[name]} epochs"
