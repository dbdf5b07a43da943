"""Remembering: how long recurrent networks keep what they have read, and what lets them keep it longer."""

from typing import Any

import numpy as np
import torch

from deepglass.data import Dataset, load
from deepglass.data.builtin.sequences import letters, sequences
from deepglass.data.source import texts
from deepglass.experiments.arms import Arm, arms, spread
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.experiments.pictures import sweep
from deepglass.inside.through_time import reach_of
from deepglass.networks import build
from deepglass.report.pictures.figure import CLASS_COLOURS, new_figure, on_paper

SYMBOLS, UNITS = 4, 32  # so that chance is 0.25
LEARNED, LOST = 0.95, 0.5  # accuracies from which, and up to which, a network has learned to remember, or has not
ADAM: dict[str, Any] = {"optimizer": "adam", "learning_rate": 3e-3, "batch_size": 64, "clip_norm": 1.0}
OVER = (5, 20, 50)  # steps over which a gradient is followed
FULL = "symbols"


def short_memory(form: Form) -> Outcome:
    """Name the first of so many symbols with a plain recurrent network, and measure how far back its gradients reach."""
    lengths = (10, 20, 30, 60) if form.data == FULL else (5, 40)
    plain = {"name": "rnn", "units": UNITS, "initialization": "default"}
    found = {t: _first(form, t, {"rnn": {"network": plain}}, learning_rate=1e-3)["rnn"] for t in lengths}
    accuracy = {t: arm.last("accuracy") for t, arm in found.items()}
    kinds: dict[str, dict[str, Any]] = {
        "rnn": plain,
        "rnn, orthogonal": {**plain, "initialization": "auto"},
        "lstm, gate as drawn": {**plain, "name": "lstm", "forget_bias": 0.0},
        "lstm, gate open (2)": {**plain, "name": "lstm", "forget_bias": 2.0},
    }
    reach = {name: _reach(options, form.seeds) for name, options in kinds.items()}
    left = {steps: float(np.median(reach["rnn"][:, steps])) for steps in OVER}
    longest, shortest = lengths[-1], lengths[0]
    return Outcome(
        [
            *({"what": f"first of {t} symbols", "plain": spread(values)} for t, values in accuracy.items()),
            *(
                {"what": f"of a change {steps} steps ago", "plain": f"{left[steps]:.1e}"}
                | {name: f"{float(np.median(values[:, steps])):.1e}" for name, values in reach.items() if name != "rnn"}
                for steps in OVER
            ),
        ],
        _memory_picture(accuracy, reach),
        [
            Expectation(
                f"the first of {shortest} symbols is remembered by most seeds: accuracy above 0.75 on average",
                accuracy[shortest].mean() > 0.75,
                spread(accuracy[shortest]),
            ),
            Expectation(
                f"the first of {longest} by none: accuracy under {LOST}, chance is {1 / SYMBOLS:g}",
                accuracy[longest].max() < LOST,
                spread(accuracy[longest]),
            ),
            Expectation(
                "before training, of a small change a thousandth is left after 20 steps, and a billionth after 50",
                left[20] < 1e-3 and left[50] < 1e-9,
                ", ".join(f"{left[steps]:.1e} after {steps}" for steps in OVER),
            ),
            Expectation(
                "in an LSTM with an open gate, more than a thousandth is left after 50",
                float(np.median(reach["lstm, gate open (2)"][:, 50])) > 1e-3,
                f"{float(np.median(reach['lstm, gate open (2)'][:, 50])):.1e}",
            ),
        ],
    )


def open_gates(form: Form) -> Outcome:
    """Name the first of so many symbols with gated networks, whose gates start as torch draws them, or open."""
    lengths = (30, 60) if form.data == FULL else (20,)
    base = {"units": UNITS, "initialization": "default"}
    sides = {
        **{f"lstm, {bias}": {**base, "name": "lstm", "forget_bias": bias} for bias in (0, 2, 3)},
        **{f"gru, {bias}": {**base, "name": "gru", "gate_bias": bias} for bias in (0, 2)},
    }
    opened = {("lstm", 30): "lstm, 2", ("lstm", 60): "lstm, 3", ("gru", 30): "gru, 2", ("gru", 60): "gru, 2"}
    if form.data != FULL:
        sides = {name: sides[name] for name in ("lstm, 0", "lstm, 2", "gru, 0", "gru, 2")}
        opened = {("lstm", 20): "lstm, 2", ("gru", 20): "gru, 2"}
    found = {t: _first(form, t, {name: {"network": side} for name, side in sides.items()}) for t in lengths}
    accuracy = {name: {t: found[t][name].last("accuracy") for t in lengths} for name in sides}
    return Outcome(
        [
            {"network, bias of its gate": name}
            | {f"accuracy, {t} symbols": spread(accuracy[name][t]) for t in lengths}
            | {f"epochs to {LEARNED}, {t}": _learned_at(found[t][name]) for t in lengths}
            for name in sides
        ],
        sweep({f"the first of {t} symbols: accuracy": _by_epoch(found[t]) for t in lengths}, "epoch"),
        [
            Expectation(
                f"the first of {t} symbols: {name} is ahead of {kind}, 0 by 0.3 or more",
                accuracy[name][t].mean() - accuracy[f"{kind}, 0"][t].mean() > 0.3,
                f"{accuracy[name][t].mean():.2f} against {accuracy[f'{kind}, 0'][t].mean():.2f}",
            )
            for (kind, t), name in opened.items()
        ]
        + [
            Expectation(
                f"{name}: each seed names the first of {t}",
                accuracy[name][t].min() > LEARNED,
                spread(accuracy[name][t]),
            )
            for (kind, t), name in opened.items()
            if t == lengths[0]
        ],
    )


def longer_paths(form: Form) -> Outcome:
    """Copy what came some steps before, and name the first of many symbols, with plain units and with other wirings."""
    delays, lengths = ((5, 20), (30, 100)) if form.data == FULL else ((8,), ())
    base = {"name": "rnn", "units": UNITS, "initialization": "default"}
    measured: dict[str, dict[str, dict[int, np.ndarray]]] = {}
    for what, sizes in (("copy what came so many steps before", delays), ("name the first of so many", lengths)):
        for size in sizes:
            copying = what.startswith("copy")
            sides = {
                "plain": base,
                "leaky": {**base, "time_constants": [1, 4, 16, 64]},
                "skip": {**base, "skip": size if copying else 10},
                "clockwork": {**base, "every": [1, 2, 4, 8]},
            }
            sides = sides if form.data == FULL else {name: sides[name] for name in ("plain", "skip")}
            changes = {name: {"network": side} for name, side in sides.items()}
            found = _copied(form, size, changes) if copying else _first(form, size, changes)
            for name, arm in found.items():
                score = arm.last("accuracy")
                measured.setdefault(what, {}).setdefault(name, {})[size] = _of_copied(score, size) if copying else score
    copy = {name: by[delays[-1]] for name, by in measured["copy what came so many steps before"].items()}
    expected = [
        Expectation(
            f"copying over {delays[-1]} steps: a connection of that delay learns it, plain units do not",
            copy["skip"].min() > LEARNED and copy["plain"].max() < LOST,
            f"{spread(copy['skip'])} against {spread(copy['plain'])}",
        )
    ]
    if lengths:
        first = {name: by[lengths[-1]] for name, by in measured["name the first of so many"].items()}
        expected.append(
            Expectation(
                f"the first of {lengths[-1]}: connections that skip 10 steps are ahead of plain units by 0.3 or more",
                first["skip"].mean() - first["plain"].mean() > 0.3,
                f"{first['skip'].mean():.2f} against {first['plain'].mean():.2f}",
            )
        )
        expected += [
            Expectation(
                f"the first of {lengths[-1]}: {name} units lift every seed off chance by 0.1 or more, plain ones do not",
                first[name].min() > 1 / SYMBOLS + 0.1 > first["plain"].min(),
                f"{first[name].min():.2f} against {first['plain'].min():.2f} at least",
            )
            for name in ("leaky", "clockwork")
        ]
        expected.append(
            Expectation(
                f"leaky units blur: they do not copy over {delays[-1]} steps, accuracy under {LOST}",
                copy["leaky"].max() < LOST,
                spread(copy["leaky"]),
            )
        )
    table = [
        {"wiring": name}
        | {f"{what} ({size})": spread(values) for what, by in measured.items() for size, values in by[name].items()}
        for name in copy
    ]
    return Outcome(table, sweep(measured, "steps"), expected)


def _first(form: Form, length: int, sides: dict[str, Any], **recipe: Any) -> dict[str, Arm]:
    """Train on one-hot symbols, of which the first is the class."""
    random = np.random.default_rng(length)
    codes = random.integers(SYMBOLS, size=(form.examples + form.held_out, length))
    symbols = np.eye(SYMBOLS, dtype=np.float32)[codes]
    names = np.array(letters(SYMBOLS))[codes[:, 0]]
    data = load((symbols, names), kinds={"x": "series"}, validation=form.held_out, test=0, scaling="none")
    return arms(form, sides, data=data, recipe={**ADAM, **recipe})


def _copied(form: Form, delay: int, sides: dict[str, Any]) -> dict[str, Arm]:
    """Train on texts of symbols, each marked with the symbol that came `delay` steps before."""
    random = np.random.default_rng(delay)
    rows = np.array(letters(SYMBOLS))[
        random.integers(SYMBOLS, size=(form.examples + form.held_out, 2 * delay))
    ].tolist()
    source = sequences(
        "copy",
        {
            "text": texts(rows, level="tokens"),
            "tags": texts([["-"] * delay + row[:-delay] for row in rows], level="tokens", aligned=True),
        },
        "tags",
        note=f"Symbols, each marked with the one {delay} steps before.",
        description="copy what came some steps before",
        source="generated; symbols drawn evenly",
    )
    data: Dataset = load(source, validation=form.held_out, test=0)
    return arms(form, sides, data=data, recipe=ADAM)


def _of_copied(accuracy: np.ndarray, delay: int) -> np.ndarray:
    """The accuracy on what is copied: the first half of the marks say that there is nothing to copy yet, and any network learns
    these."""
    return np.maximum(0.0, 2 * accuracy - 1)


def _reach(options: dict[str, Any], seeds: tuple[int, ...]) -> np.ndarray:
    """By seed, how much of a small change is left so many steps later, before any training: (seeds, steps + 1)."""
    found = []
    for seed in seeds:
        network = build(options, inputs=(OVER[-1], SYMBOLS), outputs=SYMBOLS, seed=seed).double()
        layer = next(m for m in network.modules() if isinstance(m, torch.nn.RNNBase)).requires_grad_(False)
        random = torch.Generator().manual_seed(seed)
        codes = torch.randint(SYMBOLS, (1, OVER[-1]), generator=random)
        symbols = torch.nn.functional.one_hot(codes, SYMBOLS).double()
        found.append(reach_of(layer, symbols).flip(0).numpy())
    return np.array(found)


def _by_epoch(sides: dict[str, Arm]) -> dict[str, dict[int, np.ndarray]]:
    curves = {name: arm.curve("accuracy") for name, arm in sides.items()}
    return {name: {k + 1: curve[:, k] for k in range(curve.shape[1])} for name, curve in curves.items()}


def _learned_at(arm: Arm) -> str:
    """The epoch from which each seed had learned it, in words."""
    epochs = [np.flatnonzero(curve > LEARNED) for curve in arm.curve("accuracy")]
    return ", ".join(str(found[0] + 1) if len(found) else "never" for found in epochs)


@on_paper
def _memory_picture(accuracy: dict[int, np.ndarray], reach: dict[str, np.ndarray]) -> Any:
    figure, (left, right) = new_figure(10.5, 3.9, 1, 2)
    left.plot(list(accuracy), [v.mean() for v in accuracy.values()], color=CLASS_COLOURS[0], marker="_")
    for length, values in accuracy.items():
        left.plot(np.full(len(values), length), values, "o", color=CLASS_COLOURS[0], alpha=0.6, markersize=5)
    left.axhline(1 / SYMBOLS, color=CLASS_COLOURS[-1], linewidth=1, linestyle="--")
    left.set_ylim(0, 1.05)
    left.set_xlabel("symbols")
    left.set_title("naming the first one: accuracy (dashes: chance)")
    for colour, (name, values) in zip(CLASS_COLOURS, reach.items()):
        right.plot(np.arange(values.shape[1]), np.median(values, axis=0), color=colour, label=name)
    right.set_yscale("log")
    right.yaxis.set_major_formatter(lambda value, place: f"{value:g}")
    right.yaxis.set_minor_formatter(lambda value, place: "")
    right.set_xlabel("steps later")
    right.set_title("how much of a small change is left, untrained")
    right.legend()
    return figure
