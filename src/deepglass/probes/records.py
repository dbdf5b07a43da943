"""Records: what was fetched from the device, as a record that can be kept."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from deepglass.errors import RunError
from deepglass.probes.evidence import SCHEMA, Evidence, Layer

if TYPE_CHECKING:
    from deepglass.probes.parcel import Key

DIGITS = 6  # significant ones that are kept; float32 has 7


def probe_record(
    step: int, epoch: int, layers: Sequence[Layer], found: "Mapping[Key, Any]", known: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the record of a probe.

    Args:
        found: values by ("network", quantity) or ("layer", name, quantity).
        known: values of the network that are known on the host already.
    """
    network = {key[1]: stored(value) for key, value in found.items() if key[0] == "network"}
    network |= {name: stored(value) for name, value in known.items()}
    places = {layer.name: place for place, layer in enumerate(layers)}
    columns: dict[str, list[Any]] = {}
    for key, value in found.items():
        if key[0] == "layer":
            columns.setdefault(key[2], [None] * len(layers))[places[key[1]]] = stored(value)
    return {"record": "probe", "step": step, "epoch": epoch, "network": network, "layers": columns}


def stored(value: Any) -> Any:
    """A number as it is kept: rounded, whole where it is whole, and as text where JSON has no such number."""
    if isinstance(value, list | tuple):
        return [stored(v) for v in value]
    value = float(value)
    if not math.isfinite(value):
        return str(value)
    return int(value) if value.is_integer() and abs(value) < 2**53 else float(f"{value:.{DIGITS}g}")


def header(layers: Sequence[Layer], facts: Mapping[str, Any], step: int) -> dict[str, Any]:
    """Return the record that says what the columns of the probes after it are."""
    rows = [{**asdict(layer), "shape": None if layer.shape is None else list(layer.shape)} for layer in layers]
    return {"record": "header", "schema": SCHEMA, "step": step, "layers": rows, "facts": dict(facts)}


def layers_from(rows: Sequence[Mapping[str, Any]]) -> tuple[Layer, ...]:
    """Return the layers that a header names; what a newer minor version added is left out."""
    known = Layer.__dataclass_fields__
    plain = [{name: value for name, value in row.items() if name in known} for row in rows]
    return tuple(Layer(**{**row, "shape": None if row["shape"] is None else tuple(row["shape"])}) for row in plain)


def add_records(evidence: Evidence, records: list[dict[str, Any]], place: str) -> None:
    """Add the records of a journal. Raises: RunError, when their schema is newer than ours."""
    for record in records:
        if record.get("record") == "header":
            if record["schema"] > SCHEMA:
                raise RunError(
                    f"{place} was written by a newer Deepglass (schema {record['schema']}, this one reads {SCHEMA}). "
                    "Open it with that version."
                )
            evidence.layers = layers_from(record["layers"])
            evidence.facts |= record["facts"]
        elif record.get("record") == "probe":
            _add_probe(evidence, record)


def _add_probe(evidence: Evidence, record: Mapping[str, Any]) -> None:
    """Add one probe with the losses that came with it."""
    evidence.probes.append({name: record[name] for name in ("step", "epoch", "network", "layers")})
    evidence.losses += [(int(s), float(mean), float(std)) for s, mean, std in record.get("losses", ())]
    evidence.notes += record.get("notes", ())
    evidence.facts["seconds"] = evidence.facts.get("seconds", 0.0) + float(record["network"].get("seconds", 0.0))
