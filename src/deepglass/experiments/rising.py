"""Rising: the norm of the gradient, which may grow while training goes well, beside the loss."""

import numpy as np

from deepglass.experiments.arms import arms, pictures, spread
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.experiments.pictures import curves

NEVER = 1e9  # a norm at which nothing is clipped: gradients are measured where they could be
PLAIN, HELD_BACK = "torch's start, plain descent", "He's start, momentum"


def rising_gradients(form: Form) -> Outcome:
    """Train from small weights by plain descent, and from He's with momentum, and measure every step's gradient.

    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 8.2.2, figure 8.1.
    """
    rate = 0.01 if form.data == "mnist" else 0.05
    sides = {
        PLAIN: {
            "network": {"name": "convnet", "filters": [8, 16], "dropout": 0.0, "initialization": "default"},
            "learning_rate": rate,
        },
        HELD_BACK: {
            "network": {"hidden": [128, 64], "initialization": "he"},
            "optimizer": "momentum",
            "learning_rate": 0.01,
        },
    }
    found = arms(form, sides, data=pictures(form), recipe={"clip_norm": NEVER})
    norms = {name: arm.curve("gradient_norm", "running").mean(axis=0) for name, arm in found.items()}
    losses = {name: arm.curve("loss", "train").mean(axis=0) for name, arm in found.items()}
    rises, held_back = norms[PLAIN], norms[HELD_BACK]
    return Outcome(
        [
            {"side": name}
            | {f"gradient norm, epoch {k + 1}": f"{norm[k]:.2f}" for k in (0, 1, len(norm) - 1)}
            | {"train loss, first and last": f"{losses[name][0]:.3f}, {losses[name][-1]:.3f}"}
            | {"accuracy, validation": spread(found[name].last("accuracy"))}
            for name, norm in norms.items()
        ],
        curves(found, [("loss", "train"), ("gradient_norm", "running")]),
        [
            Expectation(
                f"{PLAIN}: the gradient of a later epoch is larger than that of the first",
                float(rises[1:].max()) > rises[0],
                f"{rises[0]:.2f}, then up to {rises[1:].max():.2f}",
            ),
            Expectation(
                "while the loss falls to less than half",
                losses[PLAIN][-1] < 0.5 * losses[PLAIN][0],
                f"{losses[PLAIN][0]:.3f} to {losses[PLAIN][-1]:.3f}",
            ),
            Expectation(
                f"{HELD_BACK}: it is largest in the first epoch",
                bool(np.argmax(held_back) == 0),
                f"{held_back[0]:.2f}, then down to {held_back[1:].min():.2f}",
            ),
        ],
    )
