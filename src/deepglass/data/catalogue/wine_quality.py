"""Wine quality: eleven measures of Portuguese wines, and the marks that tasters gave them."""

from collections.abc import Mapping
from functools import partial

from deepglass.data.catalogue.entry import Content, Copy, Entry, File
from deepglass.data.catalogue.tables import Cells, known_table
from deepglass.data.readers.table_source import from_table
from deepglass.data.settings import DataSettings
from deepglass.data.source import Source

COLUMNS = (
    *("fixed acidity", "volatile acidity", "citric acid", "residual sugar", "chlorides", "free sulfur dioxide"),
    *("total sulfur dioxide", "density", "pH", "sulphates", "alcohol", "quality"),
)
RED = Cells(COLUMNS, 1_599, "8f6719a5c3d059ee798b97f631b810e6e523405722298b28dc1c640f9095cf36")
WHITE = Cells(COLUMNS, 4_898, "f104c60724fc847243126e997f5abd82d7e81984e004ba2ae2109651ab4b8459")
RENAMED = {"class": "quality"}  # a copy in common use, with commas, calls it so


def decode_wine(contents: Mapping[str, Content], settings: DataSettings, cells: Cells) -> Source:
    """Return the wines of one file, red or white. Raises: DataError, when it holds something else."""
    (content,) = contents.values()
    return from_table(known_table(content, settings, cells, renamed=RENAMED), settings)


def _entry(colour: str, size: int, sha256: str, cells: Cells) -> Entry:
    name = f"winequality-{colour}.csv"
    return Entry(
        description=f"{cells.rows:,} {colour} wines: 11 measures, quality marked by tasters",
        licence="CC BY 4.0",
        source='Cortez et al., "Modeling wine preferences by data mining from physicochemical properties", 2009',
        copies=(
            Copy(
                files=(File(name, size, sha256, "decoded", also=(f"wine-quality/{name}", f"tabular/{name}")),),
                decode=partial(decode_wine, cells=cells),
                mirrors=("https://archive.ics.uci.edu/ml/machine-learning-databases/wine-quality/",),
            ),
        ),
        settings={"target": "quality", "kinds": {"quality": "number"}},
    )


WINE_QUALITY_RED = _entry("red", 84_199, "4a402cf041b025d4566d954c3b9ba8635a3a8a01e039005d97d6a710278cf05e", RED)
WINE_QUALITY_WHITE = _entry("white", 264_426, "76c3f809815c17c07212622f776311faeb31e87610d52c26d87d6e361b169836", WHITE)
