"""Catalogue: data with an official home, found on this machine or downloaded once."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deepglass.data.catalogue.adult import ADULT
from deepglass.data.catalogue.california_housing import CALIFORNIA_HOUSING
from deepglass.data.catalogue.cifar10 import CIFAR10
from deepglass.data.catalogue.download import Progress
from deepglass.data.catalogue.entry import Content, Copy, Entry, File
from deepglass.data.catalogue.fetch import cache_folder, fetch
from deepglass.data.catalogue.mnist import FASHION_MNIST, KMNIST, MNIST
from deepglass.data.catalogue.penguins import PENGUINS
from deepglass.data.catalogue.pneumonia_mnist import PNEUMONIA_MNIST
from deepglass.data.catalogue.titanic import TITANIC
from deepglass.data.catalogue.wine_quality import WINE_QUALITY_RED, WINE_QUALITY_WHITE
from deepglass.data.settings import DataSettings
from deepglass.data.source import Source
from deepglass.errors import SettingError
from deepglass.names import find

__all__ = [
    "CATALOGUE",
    "Content",
    "Copy",
    "Entry",
    "File",
    "cache_folder",
    "catalogue_source",
    "fetch",
    "with_defaults",
]

FORMAT = ("names", "header", "separator", "encoding")  # what the catalogue knows of its tables
OF_FILES = ("image_size", "colour", "on_damaged")  # what goes with pictures of one's own

CATALOGUE: dict[str, Entry] = {
    "adult": ADULT,
    "california-housing": CALIFORNIA_HOUSING,
    "cifar10": CIFAR10,
    "fashion-mnist": FASHION_MNIST,
    "kmnist": KMNIST,
    "mnist": MNIST,
    "penguins": PENGUINS,
    "pneumonia-mnist": PNEUMONIA_MNIST,
    "titanic": TITANIC,
    "wine-quality-red": WINE_QUALITY_RED,
    "wine-quality-white": WINE_QUALITY_WHITE,
}


def with_defaults(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings of the data section over those of an entry: what is said wins, kinds column by column."""
    known = CATALOGUE[name].settings
    said = {n: v for n, v in settings.items() if n != "target" or v is not None}
    kinds = said.get("kinds", {})
    if isinstance(kinds, Mapping) and "kinds" in known:
        said["kinds"] = {**known["kinds"], **kinds}
    return {**known, **said}


def catalogue_source(
    name: str,
    settings: DataSettings | None = None,
    *,
    offline: bool | None = None,
    progress: Progress | None = None,
) -> Source:
    """Return a dataset of the catalogue: from $DEEPGLASS_DATA/NAME, else from the cache, else downloaded into it.

    Args:
        settings: of the data section (default: those of the entry, as `with_defaults` gives them).
        offline: refuse to download; None asks DEEPGLASS_OFFLINE.
        progress: is told of a download; None shows a bar on a terminal, a line a file elsewhere.
    Raises: UnknownName; DataError, when the data can neither be found nor downloaded, or is damaged; SettingError, for
    settings that do not go with it.
    """
    entry = find("dataset", name, CATALOGUE)
    settings = settings or DataSettings(**with_defaults(name, {}))
    _refuse_settings(name, entry, settings)
    copy, contents = fetch(name, entry, offline=offline, progress=progress)
    source = copy.decode(contents, settings)
    if not entry.is_table and settings.target not in (None, *source.targets):
        raise SettingError(f"{name} is made for the target {source.targets[0]!r}; got target={settings.target!r}.")
    facts = {
        "description": entry.description,
        "licence": entry.licence,
        "source": entry.source,
        "address": entry.address,
    }
    return replace(source, name=name, notes=(*entry.notes, *source.notes), facts={**source.facts, **facts})


def _refuse_settings(name: str, entry: Entry, settings: DataSettings) -> None:
    known = with_defaults(name, {})
    for setting in (*FORMAT, *OF_FILES):
        value = getattr(settings, setting)
        if value != known.get(setting, DataSettings.model_fields[setting].get_default()):
            raise SettingError(
                f"data.{setting}={value!r} says how files of one's own are written; that of {name} is known. Leave it out."
            )
    if isinstance(settings.test, str):
        raise SettingError(
            f"data.test={settings.test!r} is a file, which goes with a table of one's own; {name} is a set of the catalogue. "
            f"Give a share or a number of examples."
        )
