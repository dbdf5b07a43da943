"""Residual: plain networks that get worse with depth, in training too, and what adding the input of a block does."""

from deepglass.experiments.arms import arms, pictures
from deepglass.experiments.depth import CHANCE, UNITS, ladder_picture, ladder_rows
from deepglass.experiments.experiment import Expectation, Form, Outcome

DEPTHS = {4: 1, 12: 5, 22: 10, 42: 20}  # weight layers: blocks of two, beside the first layer and the last
KINDS = {
    "plain": {"skips": False},
    "residual, branches start at 0": {},
    "residual, He's start": {"zero_start": False},
}


def residual(form: Form) -> Outcome:
    """Train plain and residual networks of 4 to 42 weight layers; of the latter, some start each branch at zero."""
    depths = list(DEPTHS) if form.data == "mnist" else [4, 22]
    recipe = {"learning_rate": 0.02 if form.data == "mnist" else 0.1}
    data = pictures(form, scaling="unit")
    found = {}
    for name, kind in KINDS.items():
        network = {"name": "residual_mlp", "width": UNITS, **kind}
        sides = {f"{name}, {d} weight layers": {"network": {**network, "blocks": DEPTHS[d]}} for d in depths}
        found[name] = dict(zip(depths, arms(form, sides, data=data, recipe=recipe).values()))
    deep = depths[-1]
    slack = 0.0 if form.data == "mnist" else 0.05
    close = f", or are within {slack}" if slack else ""
    plain, good, naive = (
        {d: [float(arm.last("accuracy", part).mean()) for part in ("validation", "train")] for d, arm in by.items()}
        for by in found.values()
    )
    return Outcome(
        ladder_rows(found, "weight layers"),
        ladder_picture(found, "weight layers"),
        [
            Expectation(
                f"plain: {deep} layers are worse than 4 by 0.1 or more, and not by overfitting: in training as well",
                all(plain[deep][k] < plain[4][k] - 0.1 for k in (0, 1)),
                f"{plain[deep][0]:.3f} against {plain[4][0]:.3f}, in training {plain[deep][1]:.3f} against {plain[4][1]:.3f}",
            ),
            Expectation(
                f"residual, branches start at 0: {deep} layers are at least as good as 4{close}",
                good[deep][0] >= good[4][0] - slack,
                f"{good[deep][0]:.3f} against {good[4][0]:.3f}",
            ),
            Expectation(
                f"residual, He's start: {deep} layers diverge to chance, under {CHANCE} or no number",
                not naive[deep][0] > CHANCE,
                f"{naive[deep][0]:.3f}; 4 layers {naive[4][0]:.3f}",
            ),
        ],
    )
