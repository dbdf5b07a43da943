"""Palmer penguins: measures of three species on three islands."""

from collections.abc import Mapping

from deepglass.data.catalogue.entry import Content, Copy, Entry, File
from deepglass.data.catalogue.tables import Cells, known_table
from deepglass.data.readers.table_source import from_table
from deepglass.data.settings import DataSettings
from deepglass.data.source import Source

FILE = "penguins.csv"
COLUMNS = (
    *("species", "island", "bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "sex", "year"),
)
CELLS = Cells(COLUMNS, 344, "3155d13a86e784db5215464b3096a0d4ee53bf017c9c9b32ea68d9e8efa3afd7")


def decode_penguins(contents: Mapping[str, Content], settings: DataSettings, cells: Cells = CELLS) -> Source:
    """Return the 344 penguins. Raises: DataError, when the file holds something else."""
    return from_table(known_table(contents[FILE], settings, cells), settings)


PENGUINS = Entry(
    description="344 penguins: island, bill, flipper, mass, sex and year, 3 species",
    licence="CC0 1.0",
    source='Horst, Hill and Gorman, "palmerpenguins", 2020; data of Gorman, Williams and Fraser, 2014',
    copies=(
        Copy(
            files=(
                File(
                    FILE,
                    15_241,
                    "f204db2c753b0937caac3cb35258562c14f073e4bbc76be24b4c51ce22767a93",
                    "decoded",
                    also=("tabular/penguins.csv",),
                ),
            ),
            decode=decode_penguins,
            mirrors=("https://raw.githubusercontent.com/allisonhorst/palmerpenguins/main/inst/extdata/",),
        ),
    ),
    settings={"target": "species", "missing": ["NA"], "on_missing": "fill"},
)
