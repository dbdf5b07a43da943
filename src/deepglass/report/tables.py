"""Tables: the rows of a report's tables, as text that is ready to be shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import yaml

from deepglass.plurals import counted
from deepglass.report.contents import Contents
from deepglass.report.words import duration, metric_word, number, score
from deepglass.tasks.metrics import by_class

END = "\n..."  # what YAML writes after a lone scalar
CONFUSIONS, EXAMPLES = 8, 12  # rows: more are no longer read
LONG_LIST = 60  # characters of a list beyond which each entry gets a line


@dataclass(frozen=True)
class SpecLine:
    """One line of a spec as YAML; `default` is what stands there usually, for a setting that differs."""

    text: str
    changed: bool = False
    default: str = ""


def spec_lines(spec: Mapping[str, Any], changed: Mapping[str, tuple[Any, Any]]) -> list[SpecLine]:
    """Write a spec as YAML, line by line, and mark what differs from the defaults."""
    return _spec_lines(spec, changed, "", 0)


def _spec_lines(
    values: Mapping[str, Any], changed: Mapping[str, tuple[Any, Any]], prefix: str, depth: int
) -> list[SpecLine]:
    lines: list[SpecLine] = []
    for name, value in values.items():
        dotted = f"{prefix}{name}"
        if isinstance(value, Mapping) and value:
            lines.append(SpecLine("  " * depth + f"{name}:"))
            lines += _spec_lines(value, changed, f"{dotted}.", depth + 1)
            continue
        differs = dotted in changed
        default = _yaml(changed[dotted][0]).removesuffix(END) if differs else ""
        for place, text in enumerate(_entry(name, value)):
            lines.append(SpecLine("  " * depth + text, differs, default if not place else ""))
    return lines


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, default_flow_style=True, width=1000).strip()


def _entry(name: str, value: Any) -> list[str]:
    """One setting as lines of YAML: short lists in brackets, long ones an entry a line."""
    if isinstance(value, list | tuple) and len(_yaml(list(value))) > LONG_LIST:
        return [f"{name}:", *(f"- {_yaml(item).removesuffix(END)}" for item in value)]
    plain = dict(value) if isinstance(value, Mapping) else list(value) if isinstance(value, tuple) else value
    return [f"{name}: {_yaml(plain).removesuffix(END)}"]


def seen_by_one(contents: Contents) -> str:
    """Say what a receptive field is counted in: pixels of an image, samples of a signal (and how long it lasts), steps of a row."""
    field = contents.input_field
    known = [layer.receptive_field for layer in contents.summary.layers] if contents.summary is not None else []
    along = [side for side in known if isinstance(side, int)]
    if field is None or field.kind == "image" or len(along) < len([side for side in known if side is not None]):
        return "the side, in pixels of the input, of what one output depends on"
    if field.kind != "signal" or not field.rate:
        return "how many steps of the input one output depends on"
    longest = max(along, default=1)
    return (
        f"how many samples of the signal one output depends on, at {field.rate:,.6g} a second: "
        f"{counted(longest, 'sample')} are {number(longest / field.rate)} s"
    )


def class_rows(contents: Contents) -> list[dict[str, Any]]:
    """Precision, recall, F1 and the number of validation examples of each class or label."""
    answers = contents.answers
    if answers is None or contents.kind not in ("category", "labels") or not len(answers):
        return []
    names = [str(c) for c in contents.classes]
    if contents.kind == "category":
        shares = by_class(answers.given, answers.truth, len(names))
    else:
        each = [by_class(answers.given[:, i], answers.truth[:, i], 2) for i in range(answers.truth.shape[1])]
        shares = {key: [one[key][1] for one in each] for key in ("precision", "recall", "f1", "support")}
    return [
        {"name": name, "precision": p, "recall": r, "f1": f, "support": int(s)}
        for name, p, r, f, s in zip(names, shares["precision"], shares["recall"], shares["f1"], shares["support"])
    ]


def confusion_counts(contents: Contents) -> np.ndarray | None:
    """Counts of true classes (rows) and predicted ones (columns) on the validation split."""
    answers = contents.answers
    if answers is None or contents.kind != "category" or not len(answers):
        return None
    size = len(contents.classes)
    counts = np.zeros((size, size), dtype=np.int64)
    np.add.at(counts, (answers.truth.astype(int), answers.given.astype(int)), 1)
    return counts


def commonest_confusions(contents: Contents) -> list[tuple[str, str, int, int]]:
    """The pairs of classes that are mixed up most: true, predicted, how often, out of how many."""
    counts = confusion_counts(contents)
    if counts is None:
        return []
    off = counts - np.diag(np.diag(counts))
    order = np.argsort(-off, axis=None, kind="stable")[:CONFUSIONS]
    pairs = [divmod(int(i), len(counts)) for i in order]
    names = [str(c) for c in contents.classes]
    return [(names[a], names[b], int(off[a, b]), int(counts[a].sum())) for a, b in pairs if off[a, b]]


def score_rows(contents: Contents) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """The plain metrics of each split: the names of the splits, and a row of texts for each metric."""
    splits = list(contents.scores)
    names = dict.fromkeys(n for s in contents.scores.values() for n, v in s.items() if _is_number(v))
    rows = []
    for name in names:
        texts = []
        for split in splits:
            value = contents.scores[split].get(name)
            interval = contents.scores[split].get(f"{name}_interval")
            reach = f" ({score(name, interval[0])} to {score(name, interval[1])})" if interval else ""
            texts.append(score(name, value) + reach if _is_number(value) else "-")
        rows.append((metric_word(name), texts))
    return splits, rows


def example_rows(contents: Contents) -> list[dict[str, str]]:
    """The most wrong validation examples in words: id, truth, answer, probability, loss."""
    answers = contents.answers
    if answers is None:
        return []
    rows = []
    for i in answers.most_wrong(EXAMPLES):
        shares = answers.probabilities if contents.kind == "category" else None
        probability = None if shares is None else shares[i, int(answers.given[i])]
        rows.append(
            {
                "id": str(int(answers.ids[i])),
                "truth": said(contents, answers.truth[i]),
                "given": said(contents, answers.given[i]),
                "probability": "" if probability is None else f"{probability:.3f}",
                "loss": number(float(answers.losses[i])),
            }
        )
    return rows


def said(contents: Contents, value: Any) -> str:
    """Write a truth or an answer in the words of the target: a class, labels, or numbers."""
    classes = contents.classes
    if contents.kind == "category":
        return str(classes[int(value)]) if 0 <= int(value) < len(classes) else str(value)
    if contents.kind == "labels":
        return ", ".join(str(c) for c, on in zip(classes, value) if on) or "none"
    return ", ".join(number(float(v)) for v in np.ravel(value)[:4])


def facts(contents: Contents) -> list[tuple[str, str]]:
    """What stands under the title: when, how long, which epoch."""
    rows = [("status", contents.status)]
    if contents.started:
        rows.append(("started", contents.started))
    if contents.seconds:
        rows.append(("took", duration(contents.seconds)))
    best = f", the best is number {contents.best_epoch}" if contents.best_epoch is not None else ""
    rows.append(("epochs", f"{len(contents.history)}{best}"))
    if contents.summary is not None:
        rows.append(("parameters", f"{contents.summary.parameters:,}"))
    return rows


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
