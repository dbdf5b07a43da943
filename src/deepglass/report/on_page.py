"""On the page: all pictures of a report's page, each as it is embedded in it."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.report import inside, pictures, tables
from deepglass.report.contents import Contents
from deepglass.report.pictures.captioned import captioned_pictures
from deepglass.report.pictures.drawings import drawn_picture
from deepglass.report.pictures.example_texts import example_texts
from deepglass.report.pictures.filling import filling_picture
from deepglass.report.pictures.forecast import forecast_picture
from deepglass.report.pictures.generated import generated_picture
from deepglass.report.pictures.proved import proved
from deepglass.report.pictures.translated import translated_picture
from deepglass.report.pictures.words import coloured
from deepglass.report.verdict import standing_rows, unit_of
from deepglass.tasks.calibration import reliability, sureness

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.figure import Figure

SMALL_IMAGE = 64  # pixels a side up to which examples stay an SVG; larger photographs are smaller as one PNG
MOST_RESIDUAL_PICTURES = 4  # numbers an example that get a picture of their own
MOST_METRICS = 6  # that get a curve beside the loss
ACROSS = 2  # of them in a row
WIDE = 9.5  # inches: the width of the page
MOST_IMAGES = 12  # examples drawn as images
MOST_ROWS = 6  # examples drawn as rows or lines, which take more room than images


def pictures_of(contents: Contents) -> dict[str, Any]:
    """All pictures of the page by name; None or an empty list where there is nothing to draw."""
    counts = tables.confusion_counts(contents)
    rows, metric = standing_rows(contents)
    return {
        "standing": _svg(pictures.standings(rows, metric, unit_of(contents, metric)), "scores beside simple models")
        if metric and len(rows) > 1
        else None,
        **_curves(contents),
        "confusion": _svg(pictures.confusion(counts, contents.classes), "confusion matrix")
        if counts is not None
        else None,
        **_probabilities(contents),
        "examples": _examples(contents),
        "surface": _surface(contents),
        "residuals": _residuals(contents),
        "forecast": _svg(
            forecast_picture(contents.forecasts), "forecasts and what came, error by step, residuals through time"
        )
        if contents.forecasts is not None
        else None,
        "filling": _svg(filling_picture(contents.fillings), "what was hidden and what it was filled with")
        if contents.fillings is not None
        else None,
        "handwriting": _svg(drawn_picture(contents.drawn), "real drawings, and below them those of the network")
        if contents.drawn is not None
        else None,
        "captioned": _captioned(contents),
        "told": _told(contents),
        "portrait": _portrait(contents),
        "received": _received(contents),
        "inside": _inside(contents),
        "proofs": _proofs(contents),
        "balance": _svg(pictures.class_balance(contents.data.class_counts), "examples of each class")
        if contents.data.class_counts and contents.portrait is None
        else None,
    }


def _proofs(contents: Contents) -> list[tuple[list[str], Markup | None]]:
    """What came of trying remedies, the newest first: what is said, and the picture of the pairs."""
    told = []
    for proof in reversed(contents.diagnosis.proofs if contents.diagnosis is not None else ()):
        there = any(tried.control for tried in proof.tried)
        picture = (
            _svg(proved(proof.tried), "trainings with and without the remedy, and their difference") if there else None
        )
        told.append((proof.text().split("\n"), picture))
    return told


def _curves(contents: Contents) -> dict[str, Any]:
    history, best = contents.history, contents.best_epoch
    if not history:
        return {"loss_linear": None, "loss_log": None, "metrics": []}
    names = pictures.metrics_of(history)
    first = "loss" if "loss" in names or not names else names[0]
    others = [n for n in names if n != first][:MOST_METRICS]
    groups = [others[i : i + ACROSS] for i in range(0, len(others), ACROSS)]
    return {
        "loss_linear": _svg(pictures.learning_curves(history, [first], best_epoch=best), f"{first} over the epochs"),
        "loss_log": _svg(
            pictures.learning_curves(history, [first], best_epoch=best, log=True),
            f"{first}, logarithmic, over the epochs",
        ),
        "metrics": [
            _svg(
                pictures.learning_curves(
                    history, group, best_epoch=best, width=WIDE * len(group) / ACROSS if others[1:] else WIDE
                ),
                ", ".join(group),
            )
            for group in groups
        ],
    }


def _probabilities(contents: Contents) -> dict[str, Markup | bool | None]:
    """How far the probabilities of a classifier can be believed, and what each threshold finds."""
    answers = contents.answers
    if answers is None or answers.probabilities is None or not len(answers):
        return {"calibration": None, "calibrated": False, "precision_recall": None}
    shares, truth, classes = answers.probabilities, answers.truth, list(contents.classes)
    measured = reliability(*sureness(shares, truth))
    before = contents.scores.get("validation", {}).get("calibration_error_before")
    if truth.ndim == 1:
        shares, truth = shares[:, : len(classes)], truth[:, None] == np.arange(len(classes))
        if len(classes) == 2:
            shares, truth, classes = shares[:, 1:], truth[:, 1:], classes[1:]
    return {
        "calibration": _svg(
            pictures.calibration(measured, before=before), "how often answers are right, by confidence"
        ),
        "calibrated": before is not None,
        "precision_recall": _svg(pictures.precision_recall(shares, truth, classes), "precision over recall"),
    }


def _examples(contents: Contents) -> Markup | None:
    answers, field = contents.answers, contents.input_field
    if answers is None or field is None or not contents.examples:
        return None
    shown = []
    for i, row in zip(answers.most_wrong(), tables.example_rows(contents)):
        example = int(answers.ids[i])
        if example in contents.examples:
            sure = float(row["probability"]) if row["probability"] else None
            raw = np.asarray(contents.examples[example])
            shown.append(pictures.Example(example, raw, row["truth"], row["given"], sure, float(answers.losses[i])))
    if not shown:
        return None
    shown = shown[: most_drawn(contents)]
    if field.kind == "text":
        whole = {id: [coloured(text) for text in texts] for id, texts in contents.texts.items()}
        return (
            _svg(example_texts([e for e in shown if e.id in whole], whole), "the most wrong texts") if whole else None
        )
    large = field.kind == "image" and max(shown[0].raw.shape) > SMALL_IMAGE
    return (_png if large else _svg)(pictures.example_pictures(shown, field), "the most wrong examples")


def most_drawn(contents: Contents) -> int:
    """How many of the most wrong examples are drawn, at most."""
    image = contents.input_field is not None and contents.input_field.kind == "image"
    return MOST_IMAGES if image else MOST_ROWS


def _surface(contents: Contents) -> Markup | None:
    if contents.surface is None:
        return None
    unit = contents.answers.unit if contents.answers is not None else ""
    figure = pictures.decision_surface(contents.surface, contents.classes, target=contents.target, unit=unit)
    return _svg(figure, "what the network answers over its two inputs")


def _told(contents: Contents) -> Markup | None:
    """What the network says of texts, or writes; None for other tasks."""
    told = contents.told
    if told is None:
        return None
    if told.rows:
        return _svg(translated_picture(told), "texts with what was said of them and what is true")
    return _svg(generated_picture(told), "a text with how surprising each token was, and what the network writes")


def _captioned(contents: Contents) -> Markup | None:
    """What the network says of images."""
    c = contents.captioned
    if c is None:
        return None
    return _png(
        captioned_pictures(c.images, c.said, c.true, c.right, top=c.top),
        "images, what was said of them and what is true",
    )


def _portrait(contents: Contents) -> Markup | None:
    """The picture of the data: of images as PNG, as there are many small ones."""
    if contents.portrait is None:
        return None
    draw = _png if contents.portrait.pictures else _svg
    return draw(pictures.portrait_picture(contents.portrait), "the data: examples, distributions and links")


def _received(contents: Contents) -> Markup | None:
    """What the network is given of some signals: as PNG, for its many points."""
    if contents.received is None:
        return None
    return _png(pictures.received(contents.received), "what the network receives, over seconds and hertz")


def _inside(contents: Contents) -> dict[str, Any] | None:
    """What was seen inside while it learned; None where nobody looked."""
    evidence = contents.evidence
    if evidence is None or not evidence.probes:
        return None
    drawn = {
        "flow": (pictures.gradient_flow(evidence), "gradients from the input to the output, at several times"),
        "bands": (pictures.activation_bands(evidence), "what each layer gives over time"),
        "updates": (pictures.update_ratios(evidence), "share of the weights that a step changes, over time"),
        "maps_heard": (
            pictures.feature_maps(dict(contents.heard), list(map(str, contents.classes))) if contents.heard else None,
            "what each layer gives for one example",
        ),
    }
    return {
        "seen": inside.how_it_was_seen(evidence),
        "maps": [
            (quantity.replace("_", " "), _svg(pictures.layer_map(evidence, quantity), f"{quantity} by layer and time"))
            for quantity in inside.telling_maps(evidence)
        ],
        **{name: None if figure is None else _svg(figure, label) for name, (figure, label) in drawn.items()},
        "of_gradients": inside.of_gradients(evidence),
        "of_activations": inside.of_activations(evidence),
        "of_updates": inside.of_updates(evidence),
    }


def _residuals(contents: Contents) -> list[Markup]:
    answers = contents.answers
    if answers is None or contents.kind != "number" or not len(answers):
        return []
    truth = answers.truth.reshape(len(answers), -1)
    given = answers.given.reshape(len(answers), -1)
    names = answers.columns or tuple(f"{contents.target}[{i}]" for i in range(truth.shape[1]))
    return [
        _svg(pictures.residuals(truth[:, i], given[:, i], name=name, unit=answers.unit), f"residuals of {name}")
        for i, name in list(enumerate(names))[:MOST_RESIDUAL_PICTURES]
    ]


def _svg(figure: Figure, label: str) -> Markup:
    from markupsafe import Markup

    return Markup(pictures.to_svg(figure, label))


def _png(figure: Figure, label: str) -> Markup:
    from markupsafe import Markup

    data = base64.b64encode(pictures.to_png(figure)).decode()
    return Markup(f'<img alt="{escape(label)}" src="data:image/png;base64,{data}">')
