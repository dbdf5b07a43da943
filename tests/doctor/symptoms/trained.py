"""Hand-made evidence of a training: five looks at two or more layers, and curves."""

from typing import Any

from hand_made import chain

from deepglass.probes.evidence import Evidence, Layer

STEPS = (0, 8, 32, 128, 256)
DENSE = chain("Linear", "ReLU", "Linear", "ReLU", "Linear")
POOR = {"accuracy": {"constant": 0.25, "linear": 0.9, "best": 0.9}}  # what the run is compared with


def epochs(train: list[float], validation: list[float] | None = None, **scores: list[float]) -> list[dict[str, Any]]:
    """Records of epochs; `scores` are of the validation split."""
    seen = validation or [None] * len(train)  # type: ignore[list-item]
    return [
        {
            "epoch": n + 1,
            "train": {"loss": a},
            "validation": {} if b is None else {"loss": b, **{name: values[n] for name, values in scores.items()}},
        }
        for n, (a, b) in enumerate(zip(train, seen, strict=True))
    ]


def losses(*values: float) -> list[tuple[int, float, float]]:
    """Windows of ten steps each."""
    return [(10 * (n + 1), value, 0.0) for n, value in enumerate(values)]


def trained(
    accuracy: float | None = 0.3,
    *,
    layers: tuple[Layer, ...] = DENSE,
    network: dict[str, Any] | None = None,
    of_layers: dict[str, list[Any]] | None = None,
    recipe: dict[str, Any] | None = None,
    **known: Any,
) -> Evidence:
    """A run with looks. A network's quantity is one value for all looks or a list of five; a layer's is a list, one number a layer.

    accuracy: of the validation split, beside a constant answer of 0.25 and a linear model of 0.9: 0.3 is poor, 0.95 does well.
    """
    probes = []
    for n, step in enumerate(STEPS):
        here = {q: v[n] if isinstance(v, list) else v for q, v in (network or {}).items()}
        probes.append({"step": step, "epoch": 1, "network": here, "layers": of_layers or {}})
    settings = {"recipe": {"optimizer": "sgd", "learning_rate": 0.1, **(recipe or {})}} if recipe is not None else {}
    scores = epochs([1.4, 1.3], [1.4, 1.3], accuracy=[0.25, accuracy]) if accuracy is not None else []
    given = {"epochs": scores, "before": {"baselines": POOR}, "settings": settings, "facts": {"rows": 128}}
    known = {**given, **known}
    return Evidence("run", layers=layers, probes=probes, **known)
