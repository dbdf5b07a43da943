"""Copy: raw data as tensors and plain facts, so that a run folder can keep what only lived in memory."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from torch import Tensor

from deepglass.data.ragged import Ragged
from deepglass.data.shared import as_tensor
from deepglass.data.source import Column, Raw, Source
from deepglass.data.windows import Windows

BESIDE = ("weights", "groups", "times", "spans")  # what a source knows of its examples beside the fields


def source_to_tensors(source: Source) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the values of a source as tensors by name, and its facts as plain data."""
    tensors: dict[str, Tensor] = {}
    for name, raw in source.fields.items():
        if isinstance(raw.values, Ragged):
            tensors[f"{name}.values"], tensors[f"{name}.offsets"] = raw.values.values, raw.values.offsets
        elif isinstance(raw.values, Windows):
            tensors[f"{name}.values"], tensors[f"{name}.starts"] = raw.values.values, raw.values.starts
        else:
            tensors[name] = as_tensor(raw.values)
    for name in BESIDE:
        if getattr(source, name) is not None:
            tensors[f"source.{name}"] = as_tensor(getattr(source, name))
    for name, ids in (source.splits or {}).items():
        tensors[f"source.splits.{name}"] = as_tensor(np.asarray(ids, dtype=np.int64))
    facts = {
        "name": source.name,
        "inputs": list(source.inputs),
        "targets": list(source.targets),
        "notes": list(source.notes),
        "splits": sorted(source.splits or {}),
        "fields": {
            name: {
                "kind": raw.kind,
                "classes": list(raw.classes),
                "columns": [asdict(c) for c in raw.columns],
                "unit": raw.unit,
                "top": raw.top,
                "rate": raw.rate,
                "shares": raw.shares,
                "aligned": raw.aligned,
                **({"length": raw.values.length} if isinstance(raw.values, Windows) else {}),
                "reading": dict(raw.reading),
            }
            for name, raw in source.fields.items()
        },
    }
    return tensors, facts


def source_from_tensors(tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> Source:
    """Make the source again."""
    fields = {}
    for name, about in facts["fields"].items():
        values: Any
        if "length" in about:
            values = Windows(tensors[f"{name}.values"], tensors[f"{name}.starts"], about["length"])
        elif f"{name}.offsets" in tensors:
            values = Ragged(tensors[f"{name}.values"], tensors[f"{name}.offsets"])
        else:
            values = tensors[name].numpy()
        columns = tuple(Column(**{**c, "classes": tuple(c["classes"])}) for c in about["columns"])
        reading = about.get("reading", {})
        fields[name] = Raw(
            about["kind"],
            values,
            tuple(about["classes"]),
            columns,
            about["unit"],
            reading,
            about.get("top"),
            about.get("rate", 0.0),
            about.get("shares", ""),
            about.get("aligned", False),
        )
    beside: dict[str, Any] = {n: tensors[f"source.{n}"].numpy() for n in BESIDE if f"source.{n}" in tensors}
    splits = {n: tensors[f"source.splits.{n}"].numpy() for n in facts.get("splits", [])} or None
    notes = tuple(facts["notes"])
    return Source(facts["name"], fields, tuple(facts["inputs"]), tuple(facts["targets"]), splits, notes, **beside)
