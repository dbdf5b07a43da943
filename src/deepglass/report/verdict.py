"""Verdict: how good the network is, in one or two sentences, beside what simple models reach."""

from collections.abc import Mapping
from typing import Any

from deepglass.report.contents import Contents
from deepglass.report.pictures.standing import Standing
from deepglass.report.words import IN_TARGET_UNIT, compared_words, metric_word, score, with_unit
from deepglass.tasks.metrics import wilson_interval

HEADLINE = {"category": ("accuracy",), "labels": ("subset_accuracy",), "number": ("r2", "mae"), "series": ("mae",)} | {
    "language_modelling": ("loss",),
    "tagging": ("f1_micro", "accuracy"),
    "translation": ("bleu", "sequence_accuracy"),
}
COUNTED = ("accuracy", "subset_accuracy")  # shares of examples, whose interval follows from their number
VERDICTS = ("better", "within noise", "worse")
CHOSEN_HERE = (
    "The best epoch was chosen on these same examples, so the figure is a little too kind; "
    "the test split has the last word."
)


def headline(contents: Contents, split: str = "validation") -> str | None:
    """The metric that the verdict speaks of: the usual one for the target, else what the training watched."""
    scores = contents.scores.get(split, {})
    usual = (*HEADLINE.get(contents.kind, ()), contents.monitor, "loss")
    return next((name for name in usual if isinstance(scores.get(name), int | float)), None)


def verdict(contents: Contents, split: str = "validation") -> list[str]:
    """Say in sentences how good the network is on a split; empty when nothing was measured there."""
    scores, metric = contents.scores.get(split, {}), headline(contents, split)
    if metric is None:
        return []
    count = _examples(contents, split)
    on = f" on {count:,} {split} examples" if count else f" on the {split} split"
    interval = interval_of(scores, metric, count)
    second = ""
    if contents.kind == "number" and metric == "r2" and scores.get("mae") is not None:
        second = f" and {_amount('mae', scores['mae'], contents)}"
    of = f" of {metric_word(metric)}" if second else ""
    reach = f" (95 % interval{of} {score(metric, interval[0])} to {score(metric, interval[1])})" if interval else ""
    sentence = f"{_amount(metric, scores[metric], contents)}{second}{on}{reach}"
    beside = _beside(contents, metric) if split == "validation" else []
    sentences = [sentence + ("; " + ", ".join(beside) if beside else "") + "."]
    if split == "validation":
        sentences += _compared(contents)
        chosen = contents.spec.get("recipe", {}).get("early_stopping", True)  # else the last epoch's weights stand
        if chosen and contents.best_epoch is not None and len(contents.history) > 1:
            sentences.append(CHOSEN_HERE)
    return sentences


def interval_of(scores: Mapping[str, Any], metric: str, count: int | None) -> tuple[float, float] | None:
    """Where the true value may lie, by the choice of examples: as given, or computed where the metric counts examples."""
    given = scores.get(f"{metric}_interval")
    if given is not None:
        return float(given[0]), float(given[1])
    if metric in COUNTED and count and scores.get(metric) is not None:
        return wilson_interval(round(scores[metric] * count), count)
    return None


def standing_rows(contents: Contents) -> tuple[list[Standing], str | None]:
    """The network and the baselines with their scores, and the metric that they are compared by."""
    metric = headline(contents)
    if metric is None:
        return [], None
    count = _examples(contents, "validation")
    models = {"this network": contents.scores["validation"], **contents.baselines}
    rows = [
        Standing(name, float(s[metric]), interval_of(s, metric, count), own=name == "this network")
        for name, s in models.items()
        if s.get(metric) is not None
    ]
    return rows, metric


def unit_of(contents: Contents, metric: str) -> str:
    """The unit of a metric: that of the target for an error, none for a share."""
    return contents.answers.unit if contents.answers is not None and metric in IN_TARGET_UNIT else ""


def _amount(metric: str, value: Any, contents: Contents) -> str:
    if metric == "mae":
        return f"a mean absolute error of {with_unit(score(metric, value), unit_of(contents, metric))}"
    if metric == "loss" and "unit" in contents.scores.get("validation", {}):
        return f"a loss of {score(metric, value)} {contents.scores['validation']['unit']}"
    if metric in ("r2", "loss", "bleu"):
        return f"{metric_word(metric)} {score(metric, value)}"
    return f"{score(metric, value)} {metric_word(metric)}"


def _examples(contents: Contents, split: str) -> int | None:
    count = contents.scores.get(split, {}).get("examples")
    if count is None and split == "validation" and contents.answers is not None:
        return len(contents.answers)
    return int(count) if count is not None else None


def _beside(contents: Contents, metric: str) -> list[str]:
    parts: list[str] = []
    for name, scores in contents.baselines.items():
        if scores.get(metric) is None:
            continue
        value = score(metric, scores[metric])
        if name in ("majority class", "mean"):
            usual = "the mean" if name == "mean" else "the commonest class"
            who = f"always answering {scores['answer']!r}" if "answer" in scores else f"always answering {usual}"
        else:
            who = name if name.endswith("s") else ("an " if name[:1] in "aeiou" else "a ") + name
        verb = "give" if who == name else "gives"  # several, as trees or counts
        parts.append(f"{who} {verb} {value}" if not parts else f"{who} {value}")
    return parts


def _compared(contents: Contents) -> list[str]:
    """Say which simple models are better than the network, as good as far as these examples can tell, or worse."""
    judged = {n: s["compared"] for n, s in contents.baselines.items() if "compared" in s}
    of = {verdict: [n for n, c in judged.items() if c["verdict"] == verdict] for verdict in VERDICTS}

    def amount(name: str) -> str:
        return compared_words(judged[name], unit_of(contents, judged[name]["metric"]))

    verbs = {name: "are" if name.endswith("s") and name != "majority class" else "is" for name in of["better"]}
    sentences = [f"The {name} {verb} {amount(name)}." for name, verb in verbs.items()]
    if of["within noise"]:
        level = ", ".join(of["within noise"])
        sentences.append(f"Within noise, so these examples do not tell it from the network: {level}.")
    if of["worse"]:
        worse = [f"{name} {amount(name).removeprefix('worse ')}" for name in of["worse"]]
        sentences.append(f"Worse than the network: {', '.join(worse)}.")
    return sentences
