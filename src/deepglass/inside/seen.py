"""Seen: all that a look inside at one example of a run gives, as plain numbers and words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.data import Dataset, Field
from deepglass.data.batches import raw_scale
from deepglass.errors import DataError, SettingError
from deepglass.inside.activations import Activation, activations
from deepglass.inside.columns import columns_of
from deepglass.inside.embedding import Embedding, embedding
from deepglass.inside.exciting import Exciting, exciting
from deepglass.inside.filters import Filters, filters
from deepglass.inside.of_data import INPUT, opened
from deepglass.inside.saliency import Saliency, saliency
from deepglass.inside.undisturbed import device_of, undisturbed
from deepglass.names import suggestion
from deepglass.tasks import Supervised, Task

NEAR = 3  # examples that are named to whoever asks for one that cannot be shown


@dataclass(frozen=True)
class Seen:
    """One example inside a network.

    Args:
        example: its number in the data, as a report writes it; None for a new one. split: where it comes from.
        fields: the inputs by name; inputs: the same, encoded (1, ...).
        truth, answer: in words; chances: class -> probability, where there are any.
        explained: the part of the answer that the saliency is about, in words.
        outputs: names for the numbers of the last layer.
        others, truths: the examples that excite the unit, encoded, and what they are.
        targets: of each example of the embedding: a code into `classes`, or a number.
    """

    example: int | None
    split: str
    fields: dict[str, Field]
    inputs: dict[str, Tensor]
    truth: str
    answer: str
    chances: dict[str, float]
    explained: str
    outputs: list[str]
    activations: dict[str, Activation]
    saliency: Saliency
    filters: dict[str, Filters] = field(default_factory=dict)
    exciting: Exciting | None = None
    others: dict[str, Tensor] = field(default_factory=dict)
    truths: list[str] = field(default_factory=list)
    embedding: Embedding | None = None
    targets: np.ndarray | None = None
    classes: list[str] = field(default_factory=list)
    target: str = ""


def see(
    network: nn.Module,
    task: Task,
    data: Dataset,
    inputs: Mapping[str, Tensor],
    *,
    example: int | None,
    split: str,
    layer: str | None = None,
    unit: int | None = None,
    target: str | None = None,
    method: str = "integrated_gradients",
    plane: str | None = None,
) -> Seen:
    """Look inside at one encoded example (1, ...) of each input.

    Args: as of `Run.look`; `method` is that of the saliency, `plane` that of the embedding.
    """
    place = device_of(network)
    given = {name: value.to(place) for name, value in inputs.items()}
    with undisturbed(network):
        said = task.decode(task.predict(network, given))
    answer, chances = said_in_words(said)
    score, explained = explained_by(task, said, target)
    fields = dict(data.inputs)
    groups = {n: [(start, end) for _, start, end in columns_of(f)] for n, f in fields.items()}
    shown = None if layer in (None, INPUT) else [str(layer)]
    found: dict[str, Any] = {}
    if unit is not None:
        if layer is None:
            raise SettingError(f"unit={unit} of which layer? Name it: layer='...' (--layer NAME).")
        strongest = exciting(network, data, layer, unit, split=split)
        batch = data.read(strongest.ids)
        found |= {"exciting": strongest, "others": batch.pick(list(fields)), "truths": truths_of(data, batch)}
    if plane is not None:
        laid = embedding(network, data, layer, plane, split=split)
        found |= {"embedding": laid, **_coloured(data, laid)}
    truth = truths_of(data, data.read(torch.tensor([example])))[0] if example is not None else ""
    return Seen(
        example=example,
        split=split_of(data, example),
        fields=fields,
        inputs={n: v.cpu() for n, v in given.items()},
        truth=truth,
        answer=answer,
        chances=chances,
        explained=explained,
        outputs=_output_names(task),
        activations=activations(network, given, shown),
        saliency=saliency(network, given, score, method, baseline=_baseline(fields), groups=groups),
        filters=_filters(network, shown),
        target=next(iter(data.targets), ""),
        **found,
    )


def chosen_example(data: Dataset, example: int | None, split: str) -> int:
    """The number of the example to look at: the first of the split, unless one is named.

    Raises: DataError, for one of the test split, which is behind glass, or one that is not there.
    """
    ids = opened(data, split)[1]
    if example is None:
        return int(ids[0])
    if split_of(data, example):
        return example
    near = ids[(ids - example).abs().argsort()[:NEAR]].sort().values.tolist()
    why = "is in the test split, which is behind glass" if 0 <= example < len(data.source) else "is not there"
    raise DataError(
        f"Example {example} of {data.name} {why}. Take one of the {split} split, such as {', '.join(map(str, near))}."
    )


def split_of(data: Dataset, example: int | None) -> str:
    """The split that an example may be looked at in; nothing for one of the test split, or one that is not there."""
    for name in ("validation", "train"):
        if example is not None and bool((data.members(name) == example).any()):
            return name
    return ""


def said_in_words(said: Mapping[str, Any]) -> tuple[str, dict[str, float]]:
    """The answer in words, and the probability of each class."""
    chances = {n[2:-1]: float(v[0]) for n, v in said.items() if n.startswith("p(") and n.endswith(")")}
    own = {n: v[0] for n, v in said.items() if n != "probability" and not (n.startswith("p(") and n.endswith(")"))}
    parts = [_word(v) if len(own) == 1 else f"{n} {_word(v)}" for n, v in own.items()]
    return ", ".join(parts), chances


def _word(value: Any) -> str:
    if np.ndim(value):
        return f"{np.size(value)} numbers"
    return f"{float(value):.4g}" if isinstance(value, float | np.floating) else str(value) or "none"


def explained_by(
    task: Task, said: Mapping[str, Any], wanted: str | None
) -> tuple[int | Callable[[Tensor], Tensor] | None, str]:
    """Which output is explained, for `saliency`, and in words: what was answered, unless something else is wanted."""
    if not isinstance(task, Supervised):
        if wanted is not None:
            raise SettingError(
                f"The task {task.name!r} has no classes or columns to choose target={wanted!r} from. Leave target out."
            )
        return None, "the largest output"
    names = [str(c) for c in task.field.classes] or list(getattr(task, "columns", [task.field.name]))
    if wanted is not None and wanted not in names:
        raise SettingError(
            f"There is no {wanted!r} to explain.{suggestion(wanted, names)} There are: {', '.join(names)}."
        )
    if task.field.kind in ("number", "series"):
        code = names.index(wanted) if wanted is not None else 0
        return (lambda output: output.reshape(len(output), -1)[:, code]), names[code]
    if wanted is not None:
        code = names.index(wanted)
    elif task.field.kind == "labels":
        code = int(np.argmax([said[f"p({c})"][0] for c in names]))
    else:
        code = names.index(str(said[task.field.name][0]))
    single = task.field.kind == "category" and task.outputs == 1
    if not single:
        return code, names[code]
    sign = 1.0 if code else -1.0  # one output speaks for the second class, and against the first
    return (lambda output: sign * output.reshape(len(output), -1)[:, 0]), names[code]


def _output_names(task: Task) -> list[str]:
    if not isinstance(task, Supervised):
        return []
    classes = [str(c) for c in task.field.classes]
    if task.field.kind in ("number", "series"):
        return list(getattr(task, "columns", []))
    return classes[1:] if task.outputs == 1 else classes


def _baseline(fields: Mapping[str, Field]) -> dict[str, Tensor | float]:
    """What counts as nothing there: black of an image; else 0, which is the training mean of a scaled number."""
    return {n: raw_scale(f)[0].expand(f.shape) if f.kind == "image" else 0.0 for n, f in fields.items()}


def _filters(network: nn.Module, layers: list[str] | None) -> dict[str, Filters]:
    """Of the named layer, or of the first ones; none where there are none."""
    try:
        return filters(network, layers)
    except SettingError:
        return {}


def truths_of(data: Dataset, batch: Any) -> list[str]:
    for name, one in data.targets.items():
        decoded = one.decode(batch[name])
        return [_word(np.ravel(v)[0] if np.size(v) == 1 else v) for v in decoded]
    return [""] * len(batch)


def _coloured(data: Dataset, laid: Embedding) -> dict[str, Any]:
    """What the points of an embedding are coloured by: the first target, where it is a class or a number."""
    for name, one in data.targets.items():
        values = data.read(laid.ids)[name]
        if one.kind == "category":
            return {"targets": values.cpu().numpy(), "classes": [str(c) for c in one.classes]}
        if one.kind == "number":
            return {"targets": one.decode(values).reshape(len(values), -1)[:, 0]}
    return {}
