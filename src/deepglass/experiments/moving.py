"""Moving: what convolutions and pooling do to pictures that are moved or turned."""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from deepglass.data import Dataset, load
from deepglass.experiments.arms import Arm, arms, pictures, spread
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.experiments.looking import accuracy, examples
from deepglass.experiments.pictures import images, sweep

ADAM: dict[str, Any] = {"optimizer": "adam"}
TURNS = (90, 180, 270)  # degrees


def small_translations(form: Form) -> Outcome:
    """Train on digits in their places, and show them moved to the right by some pixels."""
    reach = 4 if form.data == "mnist" else 2  # the embedded digits have 8 pixels
    padding = 0 if form.data == "mnist" else 1
    conv = [{"Conv2d": {"out_channels": maps, "kernel_size": 3, "padding": padding}} for maps in (8, 16)]
    strided = [{"Conv2d": {**c["Conv2d"], "stride": 2}} for c in conv]
    ends = ["Flatten", {"Linear": "outputs"}]
    networks: dict[str, Any] = {
        "convolutions, pooled": [conv[0], "ReLU", {"MaxPool2d": 2}, conv[1], "ReLU", {"MaxPool2d": 2}, *ends],
        "convolutions with stride 2": [strided[0], "ReLU", strided[1], "ReLU", *ends],
        "dense": ["Flatten", {"Linear": 64}, "ReLU", {"Linear": 32}, "ReLU", {"Linear": "outputs"}],
    }
    found = _trained(form, networks, pictures(form, scaling="unit"))
    measured = {
        name: {pixels: _accuracies(arm, lambda x, p=pixels: right(x, p)) for pixels in range(reach)}
        for name, arm in found.items()
    }
    pooled, stride, dense = ({p: float(v.mean()) for p, v in by.items()} for by in measured.values())
    return Outcome(
        [
            {"network": name} | {f"accuracy, moved by {p}": spread(v) for p, v in by.items()}
            for name, by in measured.items()
        ],
        sweep({"accuracy on moved digits": measured}, "pixels to the right"),
        [
            *(
                Expectation(
                    f"moved by {p}: pooled better than with stride, and that better than dense",
                    pooled[p] > stride[p] > dense[p],
                    f"{pooled[p]:.3f}, {stride[p]:.3f}, {dense[p]:.3f}",
                )
                for p in ((1, 2) if form.data == "mnist" else ())
            ),
            Expectation(
                "moved by 1: pooled better than both others by 0.01 or more",
                pooled[1] > max(stride[1], dense[1]) + 0.01,
                f"{pooled[1]:.3f} against {stride[1]:.3f} and {dense[1]:.3f}",
            ),
            Expectation(
                f"only nearly invariant: moved by {reach - 1}, the pooled one loses 0.05 or more",
                pooled[0] - pooled[reach - 1] > 0.05,
                f"{pooled[0]:.3f} to {pooled[reach - 1]:.3f}",
            ),
        ],
    )


def equivariance(form: Form) -> Outcome:
    """Move a digit, and compare what each operation makes of it with what it made before, moved."""
    digit = torch.from_numpy(np.asarray(load("digits").source.fields["image"].values[form.seeds[0]], dtype=np.float32))
    picture = F.pad(digit.reshape(8, 8), (4, 4, 4, 4))  # whole numbers, so that sums are exact
    sobel = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    random = torch.Generator().manual_seed(form.seeds[0])
    dense = torch.randint(-2, 3, (256, 256), generator=random).float()

    def convolved(x: Tensor) -> Tensor:
        return F.conv2d(x[None, None], sobel[None, None], padding=1)[0, 0]

    operations = {
        "convolution": (convolved, 1),
        "convolution, then 2x2 pooling": (lambda x: F.max_pool2d(convolved(x)[None], 2)[0], 2),
        "dense layer": (lambda x: (dense @ x.flatten()).reshape(16, 16), 1),
    }
    moves = ((2, 1), (2, 2))
    gaps, shown = {}, {}
    for name, (operation, step) in operations.items():
        for move in moves:
            before = operation(picture).roll((move[0] // step, move[1] // step), (0, 1))
            after = operation(picture.roll(move, (0, 1)))
            gaps[name, move] = float((after - before).abs().max())
            if move == moves[0]:
                steps = [picture, operation(picture), picture.roll(move, (0, 1)), after, after - before]
                titles = ["picture", "what comes out", "moved by 2, 1", "what comes out", "difference"]
                shown[name] = [(title, step_.numpy()) for title, step_ in zip(titles, steps)]
    first, second = moves
    return Outcome(
        [
            {"operation": name}
            | {f"moved by {a}, {b}: largest difference": f"{gaps[name, (a, b)]:g}" for a, b in moves}
            for name in operations
        ],
        images({name.replace(", ", ",\n"): row for name, row in shown.items()}),
        [
            *(
                Expectation(
                    f"moved by {a}, {b}: the map of a convolution moves with the picture, exactly",
                    gaps["convolution", (a, b)] == 0,
                    f"difference {gaps['convolution', (a, b)]:g}",
                )
                for a, b in moves
            ),
            Expectation(
                "after 2x2 pooling exactly, where both moves are even",
                gaps["convolution, then 2x2 pooling", second] == 0,
                f"difference {gaps['convolution, then 2x2 pooling', second]:g}",
            ),
            Expectation(
                "and not where one is odd",
                gaps["convolution, then 2x2 pooling", first] > 0,
                f"difference {gaps['convolution, then 2x2 pooling', first]:g}",
            ),
            Expectation(
                "a dense layer: never",
                all(gaps["dense layer", m] > 0 for m in moves),
                f"{gaps['dense layer', first]:g}",
            ),
        ],
    )


def pooled_rotations(form: Form) -> Outcome:
    """Pool over filters that are turned copies of one, and over free ones, and show digits turned by quarters."""
    side, filters = (9, 16) if form.data == "mnist" else (5, 16)
    layers: dict[str, list[Any]] = {
        "one filter": [{"Conv2d": [filters, side]}],
        "largest of 4 turned copies": [{"RotatedConv2d": [filters, side]}],
        "largest of 4 free filters": [{"Conv2d": [4 * filters, side]}, {"Maxout": 4}],
    }
    free = "largest of 4 free filters"
    turned = f"{free}, trained on turned digits"
    layers[turned] = layers[free]
    rest = ["ReLU", "GlobalMaxPool", {"Linear": "outputs"}]
    data = pictures(form, scaling="unit")
    found = _trained(form, {name: [*first, *rest] for name, first in layers.items()}, data, turned=turned)
    measured = {
        name: {90 * k: _accuracies(arm, lambda x, k=k: x.rot90(k, (2, 3))) for k in range(4)}
        for name, arm in found.items()
    }
    upright = {name: by[0] for name, by in measured.items()}
    quarters = {name: np.mean([by[angle] for angle in TURNS], axis=0) for name, by in measured.items()}
    gap = {name: float((upright[name] - quarters[name]).mean()) for name in found}
    copies = measured["largest of 4 turned copies"]
    exact = max(float(np.abs(copies[0] - copies[angle]).max()) for angle in TURNS)
    return Outcome(
        [
            {"first layer": name} | {f"accuracy, turned by {angle}": spread(v) for angle, v in by.items()}
            for name, by in measured.items()
        ],
        sweep({"accuracy on turned digits": measured}, "degrees"),
        [
            Expectation(
                "4 turned copies: as good on digits turned by 90, 180 and 270 degrees, within 0.002",
                exact <= 0.002,
                f"difference {exact:.4f}",
            ),
            *(
                Expectation(f"{name}: loses 0.15 or more", gap[name] >= 0.15, f"{gap[name]:.3f}")
                for name in ("one filter", free)
            ),
            Expectation(
                "free filters learn it from turned digits: they lose 0.05 at most",
                gap[turned] <= 0.05,
                f"{gap[turned]:.3f}",
            ),
            Expectation(
                "and tell more of the turned ones than if they had not seen any",
                quarters[turned].mean() > quarters[free].mean(),
                f"{quarters[turned].mean():.3f} against {quarters[free].mean():.3f}",
            ),
        ],
    )


def right(x: Tensor, pixels: int) -> Tensor:
    """Move pictures to the right over a background of 0; what leaves on that side is lost."""
    return F.pad(x, (pixels, 0))[..., : x.shape[-1]]


def _trained(form: Form, networks: dict[str, list[Any]], data: Dataset, *, turned: str = "") -> dict[str, Arm]:
    """Train lists of layers; the side of that name on digits that are turned by any angle, anew in each epoch."""
    recipe = ADAM if form.data == "mnist" else {**ADAM, "learning_rate": 0.01}
    sides: dict[str, Any] = {n: {"network": {"name": ls, "initialization": "auto"}} for n, ls in networks.items()}
    if turned:
        sides[turned]["data"] = {"augment": {"rotate": 180}}
    return arms(form, sides, data=data, recipe=recipe)


def _accuracies(arm: Arm, change: Any) -> np.ndarray:
    """The accuracy of each seed's network on changed pictures."""
    x, y = examples(arm.trainings[0].data)
    return np.array([accuracy(t.network, change(x), y) for t in arm.trainings])
