"""Source: from what an estimator was handed to a Dataset."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deepglass.data import Dataset, DataSettings, Field, Raw, Source, make
from deepglass.data.encode import match
from deepglass.data.readers.arrays import raw_of
from deepglass.data.readers.frame import table_of_frame
from deepglass.data.readers.table_format import TableFormat
from deepglass.data.readers.table_source import from_table, new_rows
from deepglass.errors import DeepglassWarning
from deepglass.estimators.given import is_frame
from deepglass.settings import checked


@dataclass(frozen=True)
class Examples:
    """Checked examples: inputs `X`, an array or a DataFrame, and a target called `name`; `weights` (examples,) or None."""

    X: Any
    name: str
    target: Raw
    weights: np.ndarray | None

    def that_count(self) -> "Examples":
        """Leave out the examples whose weight is zero: they count as if they were not there."""
        if self.weights is None or self.weights.all():
            return self
        rows = np.flatnonzero(self.weights)
        X = self.X.iloc[rows] if is_frame(self.X) else self.X[rows]
        return Examples(X, self.name, replace(self.target, values=self.target.values[rows]), self.weights[rows])


def dataset_of(given: Examples, section: Mapping[str, Any], learned: Mapping[str, Field] | None = None) -> Dataset:
    """Make a Dataset. Missing values of a DataFrame are filled, unless the settings say otherwise.

    Args:
        section: the data section of a spec, unchecked.
        learned: the encodings of an earlier training, when this one goes on with it.
    """
    table = {"source": "DataFrame", "target": given.name, "on_missing": "fill"}
    kind = table if is_frame(given.X) else {"source": "arrays"}
    settings = checked(DataSettings, {**kind, **section}, "data")
    source = _source_of(given, settings, learned)
    if learned is not None:
        return make(source, settings, fields={n: match(f, source.fields[n]) for n, f in learned.items()}, borrowed=True)
    data = make(source, settings)
    if given.target.kind != "category":
        return data
    # Classes that these examples lack have their place too: other examples may have them.
    classes = {"classes": list(given.target.classes), "index": list(range(len(given.target.classes)))}
    return replace(data, fields={**data.fields, given.name: replace(data.fields[given.name], encoding=classes)})


def name_of(y: Any, X: Any) -> str:
    """Return the target's own name, or "y"; never that of a column of the inputs."""
    taken = {str(c) for c in X.columns} if is_frame(X) else {"x"}
    name = getattr(y, "name", None)
    name = name if isinstance(name, str) and name else "y"
    while name in taken:
        name += "_"
    return name


def _source_of(given: Examples, settings: DataSettings, learned: Mapping[str, Field] | None) -> Source:
    X, name = given.X, given.name
    if not is_frame(X):
        raw, note = raw_of("x", X, settings.kinds.get("x") or ("text" if getattr(X, "ndim", 0) == 1 else None))
        return Source("arrays", {"x": raw, name: given.target}, ("x",), (name,), notes=(note,), weights=given.weights)
    if learned is not None:
        encoding = learned["features"].encoding
        form = TableFormat.from_dict(encoding["reading"])
        raw = new_rows(table_of_frame(X), encoding["columns"], form, fill=bool(encoding["fill"]))
        fields = {"features": raw, name: given.target}
        return Source("DataFrame", fields, ("features",), (name,), weights=given.weights)
    # What the table learns is the number of each row, because rows may be left out.
    numbered = X.assign(**{name: np.arange(len(X))})
    kinds = {**settings.kinds, name: "number"}
    table = from_table(table_of_frame(numbered), settings.model_copy(update={"kinds": kinds}))
    _tell_left_out(table, X)
    rows = np.asarray(table.fields[name].values, dtype=np.int64)
    target = replace(given.target, values=given.target.values[rows])
    weights = table.weights if given.weights is None else given.weights[rows]
    return replace(table, fields={**table.fields, name: target}, weights=weights)


def _tell_left_out(table: Source, X: Any) -> None:
    """Warn of columns that are not learned, such as free text."""
    out = [note for note in table.notes if ": left out" in note and note.partition(":")[0] in map(str, X.columns)]
    if out:
        warnings.warn(
            f"Not all columns are learned. {'; '.join(out)}. To learn one as it is, say "
            f'settings={{"data.kinds": {{{out[0].partition(":")[0]!r}: "category"}}}}.',
            DeepglassWarning,
            stacklevel=6,
        )
