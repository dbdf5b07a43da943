"""Learned: the encodings of a run or dataset, used again for other data."""

from collections.abc import Mapping
from typing import Any

from deepglass.data.encode import Field, match
from deepglass.data.settings import DataSettings
from deepglass.data.source import Source
from deepglass.errors import DataError, SettingError


def fields_learned(like: Any) -> dict[str, Field]:
    """The fields of a run or dataset, with their encodings. Raises: SettingError, when it is neither."""
    if not hasattr(like, "fields"):
        raise SettingError(
            f"like={like!r} is no run or dataset. Give one that was made before, such as dg.Run('runs/mine')."
        )
    return dict(like.fields)


def read_alike(settings: DataSettings, fields: Mapping[str, Field]) -> DataSettings:
    """Settings by which columns of a table, texts and signals are read for what they were when an encoding was fitted."""
    rates = [f.rate for f in fields.values() if f.rate]
    if rates and settings.rate is None:
        settings = settings.model_copy(update={"rate": rates[0]})
    texts = {n: f.encoding for n, f in fields.items() if f.kind == "text"}
    levels = {encoding["level"] for encoding in texts.values()}
    kinds = {n: "text" for n, encoding in texts.items() if "column" in encoding["reading"]}
    level = levels.pop() if settings.level == "auto" and len(levels) == 1 else settings.level
    settings = settings.model_copy(update={"level": level, "kinds": {**kinds, **settings.kinds}})
    tables = [f for f in fields.values() if f.kind == "table"]
    if not tables:
        return settings
    columns = tables[0].encoding["columns"]
    learned = {c["name"]: f"{c['kind']} {c.get('form', '')}".strip() for c in columns}
    fill = {"on_missing": "fill"} if tables[0].encoding.get("fill") else {}
    return settings.model_copy(update={"kinds": {**learned, **settings.kinds}, "inputs": list(learned), **fill})


def matched(fields: Mapping[str, Field], source: Source) -> dict[str, Field]:
    """Each field for the raw data of the same name. Raises: DataError, when the new data lack one or do not fit."""
    absent = [n for n in fields if n not in source.fields]
    if absent:
        raise DataError(
            f"like= has the fields {', '.join(fields)}; the new data lacks {', '.join(absent)} "
            f"(it has {', '.join(source.fields)}). Name its fields alike."
        )
    return {n: match(f, source.fields[n]) for n, f in fields.items()}
