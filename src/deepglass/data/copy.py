"""Copy: raw data as tensors and plain facts, so that a run folder can keep what only lived in memory."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from deepglass.data.encode import as_tensor
from deepglass.data.ragged import Ragged
from deepglass.data.source import Column, Raw, Source


def source_to_tensors(source: Source) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the values of a source as tensors by name, and its facts as plain data."""
    tensors: dict[str, Tensor] = {}
    for name, raw in source.fields.items():
        if isinstance(raw.values, Ragged):
            tensors[f"{name}.values"], tensors[f"{name}.offsets"] = raw.values.values, raw.values.offsets
        else:
            tensors[name] = as_tensor(raw.values)
    facts = {
        "name": source.name,
        "inputs": list(source.inputs),
        "targets": list(source.targets),
        "notes": list(source.notes),
        "fields": {
            name: {
                "kind": raw.kind,
                "classes": list(raw.classes),
                "columns": [{"name": c.name, "kind": c.kind, "classes": list(c.classes)} for c in raw.columns],
                "unit": raw.unit,
            }
            for name, raw in source.fields.items()
        },
    }
    return tensors, facts


def source_from_tensors(tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> Source:
    """Make the source again."""
    fields = {}
    for name, about in facts["fields"].items():
        ragged = f"{name}.offsets" in tensors
        values: Any = Ragged(tensors[f"{name}.values"], tensors[f"{name}.offsets"]) if ragged else tensors[name].numpy()
        columns = tuple(Column(c["name"], c["kind"], tuple(c["classes"])) for c in about["columns"])
        fields[name] = Raw(about["kind"], values, tuple(about["classes"]), columns, about["unit"])
    return Source(facts["name"], fields, tuple(facts["inputs"]), tuple(facts["targets"]), notes=tuple(facts["notes"]))
