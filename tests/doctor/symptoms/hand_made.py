"""Hand-made evidence: what a run would have measured, written down."""

from typing import Any

from deepglass.doctor.finding import Finding
from deepglass.doctor.symptoms import SYMPTOMS
from deepglass.probes.evidence import Evidence, Layer


def found(name: str, evidence: Evidence) -> list[Finding]:
    """What one symptom says; nothing where its needs are not there."""
    symptom = SYMPTOMS[name]
    return list(symptom.look(evidence)) if all(evidence.has(need) for need in symptom.needs) else []


def before(**sections: Any) -> Evidence:
    return Evidence("run", before=sections)


def chain(*kinds: str, units: int = 8, **known: Any) -> tuple[Layer, ...]:
    """Layers called one after the other; Linear and the like have 72 parameters."""
    weighted = ("Linear", "Conv2d", "BatchNorm1d")
    return tuple(
        Layer(
            f"{kind.lower()}{n}",
            kind,
            (units,),
            n,
            *((72, 72, 72) if kind in weighted else (0, 0, 0)),
            units=units,
            is_activation=kind in ("ReLU", "Sigmoid", "Tanh", "Softmax"),
            bounded=kind in ("Sigmoid", "Tanh", "Softmax"),
            **known,
        )
        for n, kind in enumerate(kinds)
    )


def look(
    layers: tuple[Layer, ...], *, network: dict[str, Any] | None = None, step: int = 0, **quantities: Any
) -> Evidence:
    """Evidence of one look at some layers; a quantity is a list, one number a layer."""
    probe = {"step": step, "epoch": 1, "network": network or {}, "layers": quantities}
    return Evidence("run", layers=layers, probes=[probe])
