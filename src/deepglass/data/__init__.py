"""Data: from files and arrays to batches."""

from deepglass.data.augment import Augment
from deepglass.data.batches import Batch, Reader
from deepglass.data.dataset import Dataset, make
from deepglass.data.encode import Field
from deepglass.data.load import load
from deepglass.data.ragged import Ragged
from deepglass.data.settings import DataSettings
from deepglass.data.source import Raw, Source
from deepglass.data.split import Splits

__all__ = [
    "Augment",
    "Batch",
    "DataSettings",
    "Dataset",
    "Field",
    "Ragged",
    "Raw",
    "Reader",
    "Source",
    "Splits",
    "load",
    "make",
]
