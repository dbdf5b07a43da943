"""Saliency: what an answer rests on: over the image, or a bar for each column."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import torch

from deepglass.data import Field
from deepglass.inside import Saliency, by_column, columns_of
from deepglass.inside.columns import values_of
from deepglass.inside.saliency import SHARED_OUT
from deepglass.inside.words import of_texts
from deepglass.report.pictures.colours import bar, bare, reach, signed
from deepglass.report.pictures.figure import BLUE, QUIET, VERMILLION
from deepglass.report.pictures.mosaic import picture_of
from deepglass.report.pictures.signals import BANDS, waveform
from deepglass.report.pictures.words import HEAD, LINE, coloured, lines_of, text_panel
from deepglass.report.words import number, short

MOST_COLUMNS = 14  # of more, those that count most
PALE = 0.35  # how much of an image is left under the colours
LETTERS = 140  # of a line below
TEXT_WIDTH = 6.2  # inches of a text beside the probabilities
WORDS = {
    "gradient": (
        "gradient",
        "how much the output rises when a number here grows by 1 on its encoded scale, all else left alone",
    ),
    "gradient_x_input": (
        "gradient × input",
        "what a number here would add to the output if the network were a straight line",
    ),
    "integrated_gradients": ("integrated gradients", "what a number here adds to the output"),
    "smooth_grad": ("SmoothGrad", "the gradient, averaged over noisy copies, so that what is left is not by chance"),
    "occlusion": ("occlusion", "how much the output falls when this part is covered"),
    "grad_cam": (
        "Grad-CAM",
        "where the maps of a late convolution speak for the output; what speaks against it is left out",
    ),
}
FOR, RAISES = ("Orange speaks for it", "blue against it"), ("Orange raises it", "blue lowers it")
LIKE_GRADIENT = ("gradient", "smooth_grad")  # which say how steep it is, and do not add up


def saliency_height(fields: dict[str, Field], inputs: dict[str, torch.Tensor]) -> float:
    """Inches that `saliency_panels` needs."""
    return 1.15 + sum(_height(field, inputs[name]) for name, field in fields.items())


def _height(field: Field, values: torch.Tensor) -> float:
    if field.kind == "image":
        return 2.6
    if field.kind == "text":
        (found,) = of_texts({field.name: field}, {field.name: values}, {field.name: values})
        return HEAD + LINE * max(4, len(lines_of(coloured(found), TEXT_WIDTH)))
    return _bars_height(field)


def _bars_height(field: Field) -> float:
    return 0.75 + 0.26 * min(MOST_COLUMNS, max(3, len(columns_of(field))))


def saliency_panels(place: Any, seen: Any) -> None:
    """Draw what the answer rests on, an input after the other. Args: seen: a `Seen` of one example."""
    found: Saliency = seen.saliency
    name, sentence = WORDS.get(found.method, (found.method, ""))
    what = short(seen.explained, 30)
    legend = FOR if seen.chances else RAISES
    title = f"What speaks for '{what}'" if seen.chances else f"What the answer for {what} rests on"
    place.suptitle(f"{title}: {name}", x=0.01, ha="left", fontsize=11, fontweight="bold")
    kinds = {field.kind for field in seen.fields.values()}
    if kinds == {"text"}:
        sentence = sentence.replace("a number here", "a word").replace("this part is covered", "this word is left out")
    told = textwrap.wrap(f"{sentence[:1].upper()}{sentence[1:]}. {_sum(found, kinds, bool(seen.chances))}", LETTERS)
    place.supxlabel("\n".join(told), x=0.01, ha="left", fontsize=8.5, color=QUIET)
    drawn = [n for n in seen.fields if n in found.by_input]
    heights = [_height(seen.fields[n], seen.inputs[n]) for n in drawn]
    parts = place.subfigures(len(drawn), 1, squeeze=False, height_ratios=heights)[:, 0]
    for part, one in zip(parts, drawn):
        field, values = seen.fields[one], found.by_input[one][0]
        chances = seen.chances if one == drawn[0] else {}
        if field.kind == "image":
            _over_image(part, field, seen.inputs[one][0], values, found.method, chances, legend)
        elif field.kind == "signal":
            _over_signal(part, field, seen.inputs[one][0], values, found, chances, legend)
        elif field.kind == "text":
            _over_words(part, field, seen.inputs[one][0], values, chances, legend, len(drawn) > 1)
        elif _is_series(field):
            _over_series(part, field, values, found.method, chances, legend)
        elif columns_of(field):
            _columns(part, field, seen.inputs[one][0], values, found, chances, legend, len(drawn) > 1)


def _sum(found: Saliency, kinds: set[str], classes: bool) -> str:
    """What the parts add up to. Args: kinds: those of the inputs."""
    output = "The output" if classes else "The output, on the scale of training,"
    start, score, total = float(found.start[0]), float(found.score[0]), float(found.sums[0])
    if found.method not in SHARED_OUT:
        return f"{output} is {number(score)}."
    nothing = " and ".join(
        [
            *["a black image"] * ("image" in kinds),
            *["a signal that stands still at its mean"] * ("signal" in kinds),
            *["words with the vector of padding"] * ("text" in kinds),
            *["columns at 0 on the encoded scale (usually their training mean)"]
            * bool(kinds - {"image", "signal", "text"}),
        ]
    )
    return (
        f"{output} is {number(score)}, and would be {number(start)} for {nothing}: a difference of {number(score - start)}. All "
        f"parts together are {number(total)}."
    )


def _over_image(
    place: Any,
    field: Field,
    encoded: torch.Tensor,
    values: torch.Tensor,
    method: str,
    chances: dict[str, float],
    legend: tuple[str, str],
) -> None:
    """The image, what it rests on over the pale image, and the probabilities."""
    left, middle, right = place.subplots(1, 3, width_ratios=[1, 1, 1.15])
    picture = shown_image(field, encoded)
    left.imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    left.set_title("The example", fontsize=9.5, fontweight="normal")
    flat = _one_channel(values.float().numpy(), method)
    most = reach(flat)
    grey = picture.mean(axis=2) if picture.ndim == 3 else picture
    middle.imshow(1 - PALE + PALE * grey, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    strength = np.clip(np.abs(flat) / most, 0, 1) ** 0.5  # so that weak parts can be seen
    over = middle.imshow(flat, cmap=signed(), vmin=-most, vmax=most, alpha=strength, interpolation="nearest")
    one_sided = method == "grad_cam"
    middle.set_title(legend[0] if one_sided else ", ".join(legend), fontsize=9.5, fontweight="normal")
    for panel in (left, middle):
        bare(panel)
        panel.set_anchor("NW")
    bar(place, middle, over, low=0.0 if one_sided else -most)
    _chances(right, chances)


def _over_words(
    place: Any,
    field: Field,
    codes: torch.Tensor,
    values: torch.Tensor,
    chances: dict[str, float],
    legend: tuple[str, str],
    named: bool,
) -> None:
    """The text, its words on the colour of what they do, and the probabilities."""
    left, right = place.subplots(1, 2, width_ratios=[2.4, 1])
    (found,) = of_texts({field.name: field}, {field.name: codes[None]}, {field.name: values[None]})
    text = coloured(found, f"{field.name}: " * named + ", ".join(legend))
    lines = lines_of(text, TEXT_WIDTH)
    text_panel(left, text, lines, (TEXT_WIDTH, HEAD + LINE * max(4, len(lines))))
    _chances(right, chances)


def _over_signal(
    place: Any,
    field: Field,
    encoded: torch.Tensor,
    values: torch.Tensor,
    found: Saliency,
    chances: dict[str, float],
    legend: tuple[str, str],
) -> None:
    """The signal over seconds, below it what its stretches do as colour, a row a channel, and the probabilities."""
    grid = place.add_gridspec(2, 2, width_ratios=[2, 1], height_ratios=[1, 1])
    above, below = place.add_subplot(grid[0, 0]), place.add_subplot(grid[1, 0])
    signal = np.asarray(field.decode(encoded[None])[0])
    waveform(above, signal, field.rate, field.channels)
    above.set_title("The example", fontsize=9.5, fontweight="normal")
    channels, samples = signal.shape
    parts = np.array_split(values.float().numpy(), min(BANDS, samples), axis=1)
    coloured = np.stack([p.sum(axis=1) if found.adds else _furthest(p, axis=1) for p in parts], axis=1)
    most, seconds = reach(coloured), samples / field.rate
    picture = below.imshow(
        coloured,
        aspect="auto",
        cmap=signed(),
        vmin=-most,
        vmax=most,
        interpolation="nearest",
        extent=(0, seconds, channels, 0),
    )
    lanes = [short(str(n), 8) for n in field.channels or range(1, channels + 1)] if channels > 1 else []
    below.set_yticks(np.arange(len(lanes)) + 0.5, lanes)
    below.set_xlabel(f"{short(field.name, 16)}: seconds, in {coloured.shape[1]} stretches", fontsize=8.5)
    below.tick_params(labelsize=7.5)
    below.grid(False)
    below.set_title(f"{legend[0]}, {legend[1]}", fontsize=9.5, fontweight="normal")
    bar(place, below, picture)
    _chances(place.add_subplot(grid[:, 1]), chances)


def _is_series(field: Field) -> bool:
    return len(field.shape) == 2 and int(np.prod(field.shape)) > MOST_COLUMNS


def _over_series(
    place: Any, field: Field, values: torch.Tensor, method: str, chances: dict[str, float], legend: tuple[str, str]
) -> None:
    """What the numbers of a series or a grid do, as colour: the first axis downwards."""
    left, right = place.subplots(1, 2, width_ratios=[2, 1])
    grid = values.float().numpy()
    most = reach(grid)
    picture = left.imshow(grid, aspect="auto", cmap=signed(), vmin=-most, vmax=most, interpolation="nearest")
    left.grid(False)
    left.set_xlabel(f"{short(field.name, 16)}: second index", fontsize=8.5)
    left.set_ylabel("first index", fontsize=8.5)
    left.tick_params(labelsize=7.5)
    left.set_title(f"{legend[0]}, {legend[1]}", fontsize=9.5, fontweight="normal")
    bar(place, left, picture)
    _chances(right, chances)


def shown_image(field: Field, encoded: torch.Tensor) -> np.ndarray:
    """An encoded image as a picture from 0 to 1."""
    raw = field.decode(encoded[None])[0]
    low, high = min(0.0, float(raw.min())), float(field.encoding.get("top") or raw.max())
    return np.asarray(((picture_of(raw) - low) / max(high - low, 1e-12)).clip(0, 1))


def _one_channel(values: np.ndarray, method: str) -> np.ndarray:
    """The channels of a pixel as one number: their sum, or of gradients the one furthest from 0."""
    if method not in LIKE_GRADIENT:
        return np.asarray(values.mean(axis=0) if method == "occlusion" else values.sum(axis=0))
    return _furthest(values, axis=0)


def _furthest(values: np.ndarray, axis: int) -> np.ndarray:
    """The number furthest from 0 along an axis."""
    place = np.expand_dims(np.abs(values).argmax(axis=axis), axis)
    return np.asarray(np.take_along_axis(values, place, axis=axis).squeeze(axis))


def _columns(
    place: Any,
    field: Field,
    encoded: torch.Tensor,
    values: torch.Tensor,
    found: Saliency,
    chances: dict[str, float],
    legend: tuple[str, str],
    named: bool,
) -> None:
    """A bar for each column beside its value, the largest first, and the probabilities."""
    left, right = place.subplots(1, 2, width_ratios=[2, 1])
    each = by_column(field, values, add=found.adds).numpy()
    names, said = [name for name, _, _ in columns_of(field)], values_of(field, encoded)
    order = np.argsort(-np.abs(each), kind="stable")[:MOST_COLUMNS]
    left.barh(range(len(order)), each[order], color=[VERMILLION if each[i] > 0 else BLUE for i in order], height=0.62)
    left.axvline(0, color=QUIET, linewidth=0.8)
    texts = [f"{short(names[i], 22)} = {said[i] if isinstance(said[i], str) else number(said[i])}" for i in order]
    left.set_yticks(range(len(order)), texts, fontsize=9)
    left.set_ylim(max(len(order), 3) - 0.4, -0.6)
    left.tick_params(axis="y", length=0)
    left.grid(False, axis="y")
    left.set_xlabel("slope" if found.method in LIKE_GRADIENT else "part of the output", fontsize=8.5)
    few = f", the {len(order)} strongest of {len(each)} columns" if len(order) < len(each) else ""
    what = f"{short(field.name, 20)}: " if named else ""
    left.set_title(f"{what}{', '.join(legend)}{few}", fontsize=9.5, fontweight="normal")
    _chances(right, chances)


def _chances(panel: Any, chances: dict[str, float]) -> None:
    """The probability of each class, the likeliest first."""
    if not chances:
        panel.set_visible(False)
        return
    best = sorted(chances.items(), key=lambda pair: -pair[1])[:10]
    panel.barh(range(len(best)), [p for _, p in best], color=QUIET, height=0.62)
    for place, (_, p) in enumerate(best):
        panel.annotate(f"{p:.3f}", (p, place), xytext=(3, 0), textcoords="offset points", va="center", fontsize=8)
    panel.set_yticks(range(len(best)), [short(n, 16) for n, _ in best], fontsize=9)
    panel.set_ylim(max(len(best), 3) - 0.4, -0.6)
    panel.set_xlim(0, 1.25)
    panel.set_xticks([0, 0.5, 1])
    panel.tick_params(axis="both", length=0, labelsize=8)
    panel.grid(False, axis="y")
    few = f" ({len(best)} of {len(chances)})" if len(best) < len(chances) else ""
    panel.set_title(f"Probability of each class{few}", fontsize=9.5, fontweight="normal")
