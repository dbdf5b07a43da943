"""On the page: all pictures of a report's page, each as it is embedded in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.report import inside, pictures, tables
from deepglass.report.album import Album
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

SMALL_IMAGE = 64  # pixels a side up to which examples stay an SVG; larger photographs are smaller as one PNG
MOST_RESIDUAL_PICTURES = 4  # numbers an example that get a picture of their own
MOST_METRICS = 6  # that get a curve beside the loss
ACROSS = 2  # of them in a row
WIDE = 9.5  # inches: the width of the page
MOST_IMAGES = 12  # examples drawn as images
MOST_ROWS = 6  # examples drawn as rows or lines, which take more room than images


def pictures_of(contents: Contents, album: Album) -> dict[str, Any]:
    """All pictures of the page by name; None or an empty list where there is nothing to draw."""
    counts = tables.confusion_counts(contents)
    rows, metric = standing_rows(contents)
    forecasts, fillings, drawn, balance = (
        contents.forecasts,
        contents.fillings,
        contents.drawn,
        contents.data.class_counts,
    )
    return {
        "standing": album.svg(
            "scores beside simple models", pictures.standings, rows, metric, unit_of(contents, metric)
        )
        if metric and len(rows) > 1
        else None,
        **_curves(contents, album),
        "confusion": album.svg("confusion matrix", pictures.confusion, counts, contents.classes)
        if counts is not None
        else None,
        **_probabilities(contents, album),
        "examples": _examples(contents, album),
        "surface": _surface(contents, album),
        "residuals": _residuals(contents, album),
        "forecast": album.svg(
            "forecasts and what came, error by step, residuals through time", forecast_picture, forecasts
        )
        if forecasts is not None
        else None,
        "filling": album.svg("what was hidden and what it was filled with", filling_picture, fillings)
        if fillings is not None
        else None,
        "handwriting": album.svg("real drawings, and below them those of the network", drawn_picture, drawn)
        if drawn is not None
        else None,
        "captioned": _captioned(contents, album),
        "told": _told(contents, album),
        "portrait": _portrait(contents, album),
        "received": _received(contents, album),
        "inside": _inside(contents, album),
        "proofs": _proofs(contents, album),
        "balance": album.svg("examples of each class", pictures.class_balance, balance)
        if balance and contents.portrait is None
        else None,
    }


def _proofs(contents: Contents, album: Album) -> list[tuple[list[str], Markup | None]]:
    """What came of trying remedies, the newest first: what is said, and the picture of the pairs."""
    told = []
    for proof in reversed(contents.diagnosis.proofs if contents.diagnosis is not None else ()):
        there = any(tried.control for tried in proof.tried)
        label = "trainings with and without the remedy, and their difference"
        picture = album.svg(label, proved, proof.tried) if there else None
        told.append((proof.text().split("\n"), picture))
    return told


def _curves(contents: Contents, album: Album) -> dict[str, Any]:
    history, best = contents.history, contents.best_epoch
    if not history:
        return {"loss_linear": None, "loss_log": None, "metrics": []}
    names = pictures.metrics_of(history)
    first = "loss" if "loss" in names or not names else names[0]
    others = [n for n in names if n != first][:MOST_METRICS]
    groups = [others[i : i + ACROSS] for i in range(0, len(others), ACROSS)]
    draw = pictures.learning_curves
    return {
        "loss_linear": album.svg(f"{first} over the epochs", draw, history, [first], best_epoch=best),
        "loss_log": album.svg(
            f"{first}, logarithmic, over the epochs", draw, history, [first], best_epoch=best, log=True
        ),
        "metrics": [
            album.svg(
                ", ".join(group),
                draw,
                history,
                group,
                best_epoch=best,
                width=WIDE * len(group) / ACROSS if others[1:] else WIDE,
            )
            for group in groups
        ],
    }


def _probabilities(contents: Contents, album: Album) -> dict[str, Markup | bool | None]:
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
        "calibration": album.svg(
            "how often answers are right, by confidence", pictures.calibration, measured, before=before
        ),
        "calibrated": before is not None,
        "precision_recall": album.svg("precision over recall", pictures.precision_recall, shares, truth, classes),
    }


def _examples(contents: Contents, album: Album) -> Markup | None:
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
        told = [e for e in shown if e.id in whole]
        return album.svg("the most wrong texts", example_texts, told, whole) if whole else None
    large = field.kind == "image" and max(shown[0].raw.shape) > SMALL_IMAGE
    draw = album.png if large else album.svg
    return draw("the most wrong examples", pictures.example_pictures, shown, field)


def most_drawn(contents: Contents) -> int:
    """How many of the most wrong examples are drawn, at most."""
    image = contents.input_field is not None and contents.input_field.kind == "image"
    return MOST_IMAGES if image else MOST_ROWS


def _surface(contents: Contents, album: Album) -> Markup | None:
    if contents.surface is None:
        return None
    unit = contents.answers.unit if contents.answers is not None else ""
    return album.svg(
        "what the network answers over its two inputs",
        pictures.decision_surface,
        contents.surface,
        contents.classes,
        target=contents.target,
        unit=unit,
    )


def _told(contents: Contents, album: Album) -> Markup | None:
    """What the network says of texts, or writes; None for other tasks."""
    told = contents.told
    if told is None:
        return None
    if told.rows:
        return album.svg("texts with what was said of them and what is true", translated_picture, told)
    return album.svg("a text with how surprising each token was, and what the network writes", generated_picture, told)


def _captioned(contents: Contents, album: Album) -> Markup | None:
    """What the network says of images."""
    c = contents.captioned
    if c is None:
        return None
    label = "images, what was said of them and what is true"
    return album.png(label, captioned_pictures, c.images, c.said, c.true, c.right, top=c.top)


def _portrait(contents: Contents, album: Album) -> Markup | None:
    """The picture of the data: of images as PNG, as there are many small ones."""
    if contents.portrait is None:
        return None
    draw = album.png if contents.portrait.pictures else album.svg
    return draw("the data: examples, distributions and links", pictures.portrait_picture, contents.portrait)


def _received(contents: Contents, album: Album) -> Markup | None:
    """What the network is given of some signals: as PNG, for its many points."""
    if contents.received is None:
        return None
    return album.png("what the network receives, over seconds and hertz", pictures.received, contents.received)


def _inside(contents: Contents, album: Album) -> dict[str, Any] | None:
    """What was seen inside while it learned; None where nobody looked."""
    evidence = contents.evidence
    if evidence is None or not evidence.probes:
        return None
    measured = replace(evidence, settings={}, facts={}, notes=[])  # the rest is not shown, and changes with each look
    heard, classes = dict(contents.heard), list(map(str, contents.classes))
    return {
        "seen": inside.how_it_was_seen(evidence),
        "maps": [
            (
                quantity.replace("_", " "),
                album.svg(f"{quantity} by layer and time", pictures.layer_map, measured, quantity),
            )
            for quantity in inside.telling_maps(evidence)
        ],
        "flow": album.svg("gradients from the input to the output, at several times", pictures.gradient_flow, measured),
        "bands": album.svg("what each layer gives over time", pictures.activation_bands, measured),
        "updates": album.svg("share of the weights that a step changes, over time", pictures.update_ratios, measured),
        "maps_heard": album.svg("what each layer gives for one example", pictures.feature_maps, heard, classes)
        if heard
        else None,
        "of_gradients": inside.of_gradients(evidence),
        "of_activations": inside.of_activations(evidence),
        "of_updates": inside.of_updates(evidence),
    }


def _residuals(contents: Contents, album: Album) -> list[Markup | None]:
    answers = contents.answers
    if answers is None or contents.kind != "number" or not len(answers):
        return []
    truth = answers.truth.reshape(len(answers), -1)
    given = answers.given.reshape(len(answers), -1)
    names = answers.columns or tuple(f"{contents.target}[{i}]" for i in range(truth.shape[1]))
    return [
        album.svg(f"residuals of {name}", pictures.residuals, truth[:, i], given[:, i], name=name, unit=answers.unit)
        for i, name in list(enumerate(names))[:MOST_RESIDUAL_PICTURES]
    ]
