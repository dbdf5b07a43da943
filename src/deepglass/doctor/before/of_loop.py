"""Of a loop: what a sample of somebody's own batches tells of data, loss and target, in the sections that a run has too."""

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from deepglass.doctor.before.asked import of_asked
from deepglass.doctor.before.batches import inputs_of, mixture_of_classes, mixture_of_numbers, narrowed, once_each
from deepglass.doctor.before.columns import leaking
from deepglass.doctor.before.copies import of_copies
from deepglass.doctor.before.inputs import facts_of
from deepglass.doctor.before.labels import FEWEST, of_classes, of_numbers, of_several
from deepglass.doctor.before.places import MOST_CLASSES, categories, is_of_places, of_places
from deepglass.doctor.reading import weighted
from deepglass.probes.evidence import Evidence
from deepglass.probes.examples import Kept
from deepglass.probes.told import Told
from deepglass.tasks.fit import RANGES

FEWEST_NAMES, MOST_NAMES = 3, 30  # different whole numbers, between which they may be names of classes
SEVERAL = 8  # numbers a row at most, for which cheap models are asked: more are pictures or series
AGREE = 0.5  # share of the batches whose loss was read as the commonest one
ROUNDED = 1e-4  # of the largest number, by which targets that were worked out from a difference may miss the inputs
TOLERANCE = 1e-3  # by which probabilities may miss 0, 1 and a sum of 1


def of_loop(evidence: Evidence) -> dict[str, dict[str, Any]]:
    """Return the sections inputs, output, own_loss, target, batch, labels, baselines and judged, as far as batches tell.

    Rows that came several times count once. Nothing here is seen by the loop.
    """
    trained, asked = evidence.examples
    evidence.examples = None
    kept = [k for k in trained if k.rows]
    if not kept:
        return {}
    found: dict[str, dict[str, Any]] = {}
    inputs = inputs_of(kept)
    if inputs is not None:
        found["inputs"] = {"inputs": facts_of(inputs, np.arange(len(inputs)))}
        found["asked"] = of_asked(inputs, [k for k in asked if k.rows], kept)
    found["through_time"] = {"heard": list(kept[-1].heard)} if kept[-1].heard else {}
    found["batch"] = {"size": int(np.median([k.size for k in kept])), "examples": math.inf}
    told = _commonest(kept)
    if told is None:
        return found
    same = [k for k in kept if k.told is not None and k.told.loss == told.loss]
    found["output"] = _output(told, same)
    found["own_loss"] = _own_loss(told)
    shapes = [k.targets.shape[1:] for k in same if k.targets is not None]
    answered = [k for k in same if k.targets is not None and k.targets.shape[1:] == max(set(shapes), key=shapes.count)]
    if not answered:
        return found
    found |= _of_targets(told, answered, found, min((y.units or 0 for y in weighted(evidence)[:-1]), default=0))
    if inputs is not None and "target" in found:
        found["leakage"] = leaking(inputs_of(answered), answered, found["target"]["kind"])
    return {name: section for name, section in found.items() if section}


def _commonest(kept: Sequence[Kept]) -> Told | None:
    losses = [k.told.loss for k in kept if k.told is not None]
    most = max(set(losses), key=losses.count, default=None)
    if most is None or losses.count(most) < AGREE * len(kept):
        return None
    return next(k.told for k in kept if k.told is not None and k.told.loss == most)


def _output(told: Told, kept: Sequence[Kept]) -> dict[str, Any]:
    """As `before.output` says it of a run; sign, softmax_axis and softmax_size are a loop's alone."""
    units = math.prod(told.shape[1:]) if len(told.shape) > 1 else 1
    is_category = _is_category(told, kept)
    low, high = RANGES.get(told.activation, (None, None))
    return {
        "last_layer": told.activation,
        "gives": _gives(told, kept),
        "outputs": units,
        "loss": told.loss,
        "own_loss": told.loss == "own",
        "takes": told.takes,
        "loss_for": "category" if told.takes != "values" else "number",
        "target": "category" if is_category else "number",
        "classes": max(2, units) if is_category else 0,
        "low": None if low == -math.inf else low,
        "high": None if high == math.inf else high,
        "sign": told.sign,
        "softmax_axis": told.softmax_axis,
        "softmax_size": told.softmax_size,
        "by_hand": told.by_hand,
        "weighs_classes": told.weighs_classes,
    }


def _gives(told: Told, kept: Sequence[Kept]) -> str:
    """What the loss was given: by the last activation, and for losses of probabilities by measurement."""
    if told.takes in ("log_probabilities", "probabilities"):
        answers = [k.answers for k in kept if k.answers is not None]
        y = torch.cat([a.reshape(len(a), -1).float() for a in answers]) if answers else None
        if y is not None and told.takes == "probabilities":
            if told.ends_linear:
                return "logits"  # they happen to lie between 0 and 1, or are cut off there
            return "probabilities" if bool(((y >= 0) & (y <= 1)).all()) else "logits"
        if y is not None and len(told.shape) == 2 and bool(torch.isfinite(y).all()):
            if bool((y.logsumexp(1).abs() < 0.01).all()):
                return "log_probabilities"
            in_range = bool(((y >= 0) & (y <= 1 + TOLERANCE)).all())
            return "probabilities" if in_range else "logits"
        return told.takes
    if told.takes in ("logits", "scores"):
        return {"softmax": "probabilities", "sigmoid": "probabilities"}.get(told.activation, "logits")
    return "values"


def _own_loss(told: Told) -> dict[str, Any]:
    """Shapes that spread over each other, and a logarithm that can meet 0."""
    found: dict[str, Any] = {}
    rows = told.shape[0] if told.shape else 0
    spread = math.prod(told.compared) > math.prod(told.shape) and told.takes in ("values", "probabilities")
    if spread and rows > 1 and math.prod(told.compared) == rows * math.prod(told.shape):
        found |= {"order_matters": False, "output_shape": list(told.shape), "target_shape": [rows]}
    if told.has_bare_logarithm:
        found["not_finite_at"] = 30.0 if told.loss == "own" or told.by_hand else 120.0
    return found


def _is_category(told: Told, kept: Sequence[Kept]) -> bool:
    if told.loss in ("cross_entropy", "negative_log_likelihood", "multi_margin"):
        return True
    if not told.loss.startswith(("binary", "hinge")):
        return False
    return math.prod(told.shape[1:]) == 1 if told.shape else False


def _of_targets(told: Told, kept: Sequence[Kept], known: dict[str, Any], narrowest: int) -> dict[str, Any]:
    targets = torch.cat([k.targets for k in kept if k.targets is not None])
    if told.by_hand and not told.is_plain and told.loss in ("mse", "mae"):
        return {}  # the difference was taken of something else than the outputs, so it does not tell the targets
    is_category = known["output"]["target"] == "category"
    own = inputs_of(kept)
    x = None if own is None else own.reshape(len(own), -1)
    once = once_each(own, targets) if own is not None else np.arange(len(targets))
    if is_of_places(told, targets):
        return of_places(targets, once, kept, told, known["output"]["classes"])
    y = targets.reshape(len(targets), -1).double().cpu().numpy()
    found: dict[str, Any] = {}
    if is_category and y.shape[1] == 1 and np.isfinite(y).all():
        values = y[:, 0]
        if told.loss == "hinge" and set(values.tolist()) <= {-1.0, 1.0}:
            values = (values + 1) / 2
        whole = bool((values == values.round()).all()) and values.min() >= 0
        binary = told.loss.startswith("binary")
        found["target"] = categories(values[once], known["output"]["classes"], whole=whole, binary=binary)
        found["target"]["has_no_sides"] = told.loss == "hinge" and bool(y.min() >= 0)
        found["batch"] = {**known["batch"], "mixture": mixture_of_classes(kept)}
        codes = values.round().astype(int)
        if whole and codes.max() < MOST_CLASSES:
            found |= _classes(x, codes, once, kept, told, known["output"]["classes"])
    elif not is_category and np.isfinite(y).all():
        found["target"] = _numbers(y[once])
        found["batch"] = {**known["batch"], "mixture": mixture_of_numbers(kept)}
        found |= _quantities(x, y, once, kept, told, narrowest)
    elif not np.isfinite(y).all():
        found["target"] = {
            "name": "target",
            "kind": known["output"]["target"],
            "not_finite": int((~np.isfinite(y)).sum()),
        }
    return found


def _numbers(y: np.ndarray) -> dict[str, Any]:
    from deepglass.doctor.before.target import of_numbers as facts

    return {"name": "target", "kind": "number", "rows": len(y), **facts(y), "codes": False, "scaling": "none"}


def _classes(
    x: np.ndarray | None, codes: np.ndarray, once: np.ndarray, kept: Sequence[Kept], told: Told, classes: int
) -> dict[str, Any]:
    """Labels against cheap models, and how often the network is right about them in the end."""
    found: dict[str, Any] = {}
    counts = np.bincount(codes[once], minlength=classes)
    constant = float(counts.max() / counts.sum())
    said = _answers(kept, told)
    if said is not None and len(said) == len(codes):
        right = (said == codes)[once]
        recalls = [right[codes[once] == c].mean() for c in np.unique(codes[once])]
        found["judged"] = {
            "accuracy": float(right.mean()),
            "balanced_accuracy": float(np.mean(recalls)),
            "rows": len(once),
            "predicted": np.bincount(said[once], minlength=len(counts)).tolist()[: len(counts)],
        }
    if x is None or not np.isfinite(x).all() or len(once) < FEWEST or len(np.unique(codes[once])) < 2:
        found["baselines"] = {"accuracy": {"constant": constant}}
        return found
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found["labels"] = of_classes(narrowed(x[once]), codes[once], once, [str(c) for c in range(len(counts))])
    best = found["labels"].get("accuracy")
    found["baselines"] = {"accuracy": {"constant": constant, **({} if best is None else {"best": best})}}
    found["baselines"]["balanced_accuracy"] = {"constant": 1 / len(np.unique(codes[once]))}
    return found


def _quantities(
    x: np.ndarray | None, y: np.ndarray, once: np.ndarray, kept: Sequence[Kept], told: Told, narrowest: int
) -> dict[str, Any]:
    found: dict[str, Any] = {"baselines": {"r2": {"constant": 0.0}}}
    said = [k.output for k in kept]
    spread = float(y[once].var(0).sum())
    outputs = [o for o in said if o is not None]
    if told.is_plain and len(outputs) == len(said) and spread > 0:
        answers = torch.cat([o.reshape(len(o), -1) for o in outputs]).double().cpu().numpy()
        if answers.shape == y.shape:
            error = (answers - y)[once]
            found["judged"] = {"r2": float(1 - (error**2).mean(0).sum() / spread), "rows": len(once)}
            found["judged"]["spread"] = float(np.sqrt(answers[once].var(0).sum() / spread))
    if x is None or not np.isfinite(x).all() or len(once) < FEWEST or not spread > 0:
        return found
    if x.shape == y.shape and np.allclose(x, y, atol=ROUNDED * np.abs(y).max()):  # an autoencoder
        if narrowest:
            found["baselines"]["r2"]["best"] = of_copies(y[once], narrowest)
        return found
    if y.shape[1] > SEVERAL:
        return found
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found["labels"] = (
            of_several(narrowed(x[once]), y[once]) if y.shape[1] > 1 else of_numbers(narrowed(x[once]), y[once, 0])
        )
    found["baselines"]["r2"]["best"] = max(0.0, found["labels"].get("r2", 0.0))
    if y.shape[1] > 1:
        return found
    values, codes = np.unique(y[once, 0], return_inverse=True)
    if FEWEST_NAMES <= len(values) <= MOST_NAMES and (values == values.round()).all() and np.ptp(values) < MOST_NAMES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            names = of_classes(narrowed(x[once]), codes, once, [str(int(v)) for v in values])
        if "within" in names:
            found["names"] = {**names, "classes": len(values)}
    return found


def _answers(kept: Sequence[Kept], told: Told) -> np.ndarray | None:
    """The class that the network gives each row in the end."""
    outputs = [k.output for k in kept]
    if any(o is None or o.ndim > 2 for o in outputs):
        return None
    y = torch.cat([o.reshape(len(o), -1) for o in outputs if o is not None]).float()
    if y.shape[1] > 1:
        return y.argmax(1).cpu().numpy()
    if told.takes == "probabilities" and bool(((y >= 0) & (y <= 1)).all()):  # else the sigmoid stands in the loop
        return (y[:, 0] > 0.5).long().cpu().numpy()
    if told.takes == "logits" and told.activation in ("sigmoid", "softmax") and told.is_plain:
        return (y[:, 0] > 0.5).long().cpu().numpy()
    return (y[:, 0] > 0).long().cpu().numpy()
