"""Described: the layers of a network as plain facts, for evidence."""

from collections.abc import Iterable

from deepglass.probes.activations import ACTIVATIONS, STEEPNESS
from deepglass.probes.evidence import Layer
from deepglass.probes.layers import Part
from deepglass.probes.recorder import Recorder


def layers_of(
    parts: Iterable[Part], recorder: Recorder, optimized: set[int] | None, passes: int, known: tuple[Layer, ...] = ()
) -> tuple[Layer, ...]:
    """Describe layers: those `known` first, then those heard by the recorder, then those that were never called."""
    by_name = {part.name: part for part in parts}
    seen = {layer.name for layer in known}
    layers = list(known)
    for name in [*recorder.heard, *(n for n, part in by_name.items() if n not in recorder.heard and part.parameters)]:
        if name in seen:
            continue
        outputs, part = recorder.heard.get(name), by_name.get(name)
        own = [] if part is None else list(part.parameters.values())
        kind = outputs.kind if outputs is not None else type(by_name[name].module).__name__
        layers.append(
            Layer(
                name=name,
                kind=kind,
                shape=None if outputs is None else outputs.shape,
                depth=None if outputs is None else len(layers),
                parameters=sum(p.numel() for p in own),
                trainable=sum(p.numel() for p in own if p.requires_grad),
                optimized=None if optimized is None else sum(p.numel() for p in own if id(p) in optimized),
                units=None if outputs is None else outputs.units,
                calls=0 if outputs is None else max(1, outputs.calls // passes),
                is_activation=kind in ACTIVATIONS,
                bounded=kind in STEEPNESS,
            )
        )
    return tuple(layers)
