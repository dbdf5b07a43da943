"""Look: what goes on inside a network for one example, as numbers, a picture and a display in notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from deepglass.data import Dataset
from deepglass.data.inputs import encode_inputs
from deepglass.errors import DataError
from deepglass.inside.columns import by_column, columns_of
from deepglass.inside.saliency import METHODS, usual_method
from deepglass.inside.seen import Seen, chosen_example, see, split_of
from deepglass.inside.words import words_in
from deepglass.looks import LOOKS, Asked, Looked
from deepglass.looks.looked import titled
from deepglass.names import find
from deepglass.tasks import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure
    from torch import nn

MOST_LINES = 10  # columns that are printed


class Look(Looked):
    """One example inside a network: `.activations`, `.saliency`, `.filters`, and `.exciting`, `.embedding` where asked for.

    In a notebook it shows its picture; `.picture("look.png")` writes it.
    """

    def __init__(self, seen: Seen, name: str = "") -> None:
        super().__init__(titled(name, seen.example, seen.split))
        self.seen, self.name = seen, name

    @property
    def activations(self) -> dict[str, torch.Tensor]:
        """What each layer gives: name -> (1, ...)."""
        return {name: one.values for name, one in self.seen.activations.items()}

    @property
    def filters(self) -> dict[str, torch.Tensor]:
        """The weights of the first layers, or of the one that was named."""
        return {name: one.values for name, one in self.seen.filters.items()}

    @property
    def saliency(self) -> dict[str, torch.Tensor]:
        """What the answer rests on: input -> (1, ...)."""
        return self.seen.saliency.by_input

    @property
    def exciting(self) -> Any:
        """The examples that excite the unit most; None when no unit was named."""
        return self.seen.exciting

    @property
    def embedding(self) -> Any:
        """The examples of the split on a plane; None when it was not asked for."""
        return self.seen.embedding

    def draw(self) -> Figure:
        """All of it, one section below the other."""
        from deepglass.report.pictures.look import look_picture

        return look_picture(self.seen, self.name)

    def lines(self) -> list[str]:
        """The answer, what it rests on, and a line a layer."""
        seen = self.seen
        true = f"true {seen.truth}, " if seen.truth else ""
        chance = f" ({seen.chances[seen.answer]:.3f})" if seen.answer in seen.chances else ""
        lines = [f"  {true}said {seen.answer}{chance}"]
        lines += self._columns()
        lines.append("  layer                     kind            gives            mean   largest  share of 0")
        for name, one in seen.activations.items():
            values = one.values.float()
            shape = "x".join(map(str, values.shape[1:]))
            numbers = (
                f"{float(values.mean()):>9.3g} {float(values.max()):>9.3g} {float((values == 0).float().mean()):>11.2f}"
            )
            lines.append(f"  {name:<25} {one.kind:<15} {shape:<12} {numbers}")
        if seen.exciting is not None:
            best = ", ".join(f"#{i} {v:.3g}" for i, v in zip(seen.exciting.ids.tolist(), seen.exciting.values.tolist()))
            lines.append(f"  unit {seen.exciting.unit} of {seen.exciting.layer} is excited most by {best}")
        return lines

    def to_dict(self) -> dict[str, Any]:
        """The `--json` object of `deepglass look`; of images the saliency is in Python only."""
        seen = self.seen
        layers = [
            {
                "name": name,
                "kind": one.kind,
                "shape": list(one.values.shape[1:]),
                "mean": float(one.values.float().mean()),
                "zeros": float((one.values == 0).float().mean()),
            }
            for name, one in seen.activations.items()
        ]
        found: dict[str, Any] = {
            "method": seen.saliency.method,
            "explained": seen.explained,
            "columns": dict(self._parts()),
        }
        said = {"example": seen.example, "split": seen.split, "truth": seen.truth, "answer": seen.answer}
        content = {**said, "probabilities": seen.chances, "saliency": found, "layers": layers}
        if seen.exciting is not None:
            best = {"examples": seen.exciting.ids.tolist(), "values": seen.exciting.values.tolist()}
            content["exciting"] = {"layer": seen.exciting.layer, "unit": seen.exciting.unit, **best}
        return content

    def _parts(self) -> list[tuple[str, float]]:
        """What each column or word does for the answer, the strongest first; nothing of an image."""
        seen, found = self.seen, []
        for name, values in seen.saliency.by_input.items():
            if seen.fields[name].kind == "text":
                places, words = words_in(seen.fields[name], seen.inputs[name][0])
                found += list(zip(words, values[0][places].tolist()))
                continue
            each = by_column(seen.fields[name], values[0], add=seen.saliency.adds)
            found += [(column, float(v)) for (column, _, _), v in zip(columns_of(seen.fields[name]), each)]
        return sorted(found, key=lambda pair: -abs(pair[1]))

    def _columns(self) -> list[str]:
        parts = self._parts()[:MOST_LINES]
        head = f"  what speaks for {self.seen.explained} ({self.seen.saliency.method}):"
        return [head, *(f"    {value:>+9.3g}  {column}" for column, value in parts)] if parts else []


def look(
    network: nn.Module,
    task: Task,
    data: Dataset,
    example: Any = None,
    *,
    split: str = "validation",
    row: int | None = None,
    layer: str | None = None,
    unit: int | None = None,
    target: str | None = None,
    saliency: str = "auto",
    embedding: str | None = None,
    what: str = "layers",
    name: str = "",
    start: Callable[[], nn.Module] | None = None,
) -> Any:
    """Look inside at one example. Everything is left as it was, and the test split stays behind glass.

    Args:
        example: its number, as reports write it; or a new one: an array, a dictionary, a DataFrame or a file, as for
            `run.predict` (default: the first of the split).
        row: which of several new examples, counted from 0.
        split: where the examples that excite a unit, and those of the embedding, are taken from: "validation" or "train".
        layer: a layer to see closely, by its name in `run.summary` (default: all of them).
        unit: a unit of that layer, or a map of a convolution, counted from 0: also find the examples that excite it most.
        target: the class, or the column, whose output is explained (default: what was answered).
        saliency: gradient, gradient_x_input, integrated_gradients (usual), smooth_grad (usual behind a front), occlusion or
            grad_cam.
        embedding: "pca", "tsne" or "umap": also lay out the split as the layer sees it (default: the last before the output).
        what: "layers" for all of this, or a look of another kind, by its name in `deepglass.looks.LOOKS`, such as "words".
        name: what the picture is headed with.
        start: makes the network as it was before training, for what="filters".
    Returns: a Look; for another `what` what that look has found, which is drawn and printed alike.
    Raises: UnknownName; SettingError; DataError, for an example of the test split, or one that does not fit.
    """
    if saliency != "auto":
        find("saliency method", saliency, METHODS)
    another = find("kind of look", what, {"layers": None, **LOOKS})
    if example is None or isinstance(example, int):
        number = chosen_example(data, example, split)
        inputs = data.read(torch.tensor([number])).pick(list(data.inputs))
    else:
        number, inputs = None, _row(encode_inputs(example, data.fields), row)
    if another is not None:
        place = split_of(data, number)
        return another(Asked(network, task, data, inputs, number, place, layer, unit, target, saliency, name, start))
    seen = see(
        network, task, data, inputs, example=number, split=split, layer=layer, unit=unit, target=target,
        method=usual_method(network) if saliency == "auto" else saliency, plane=embedding,
    )  # fmt: skip
    return Look(seen, name)


def _row(inputs: dict[str, torch.Tensor], row: int | None) -> dict[str, torch.Tensor]:
    """One of the new examples, (1, ...) of each input."""
    count = len(next(iter(inputs.values())))
    if row is None and count != 1:
        raise DataError(f"There are {count} examples to look at. Say which one, from 0: row=0 (--example 0).")
    at = row or 0
    if not 0 <= at < count:
        raise DataError(
            f"There is no example {at} among the {count} new ones, which are counted from 0. Take one of them."
        )
    return {name: values[at : at + 1] for name, values in inputs.items()}
