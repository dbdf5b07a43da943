"""California housing: house prices by district, from the census of 1990."""

from collections.abc import Mapping

from deepglass.data.catalogue.entry import Content, Copy, Entry, File
from deepglass.data.catalogue.tables import Cells, known_table
from deepglass.data.readers.table_source import from_table
from deepglass.data.settings import DataSettings
from deepglass.data.source import Source

FILE = "housing.csv"
COLUMNS = (
    *("longitude", "latitude", "housing_median_age", "total_rooms", "total_bedrooms", "population", "households"),
    *("median_income", "median_house_value", "ocean_proximity"),
)
CELLS = Cells(COLUMNS, 20_640, "030f4cd31050daa2c2fa6086bda98c3c824b3e46a37b2030f4ab7918dd43d083")
NOTE = "the table of A. Geron: that of Pace and Barry with 207 numbers of bedrooms taken out and the nearness to the ocean added"


def decode_california_housing(contents: Mapping[str, Content], settings: DataSettings, cells: Cells = CELLS) -> Source:
    """Return the 20,640 districts. Raises: DataError, when the file holds something else."""
    return from_table(known_table(contents[FILE], settings, cells), settings)


CALIFORNIA_HOUSING = Entry(
    description="20,640 districts of California in 1990: place, rooms, people, income, median house value",
    licence="none stated; from the US census",
    source='Pace and Barry, "Sparse Spatial Autoregressions", 1997, as changed by A. Geron',
    copies=(
        Copy(
            files=(
                File(
                    FILE,
                    1_423_529,
                    "2364609dc48bec7df3ba9dbb7041478e704ecddcee70ef1827ec3fc49d22c0cc",
                    "decoded",
                    also=("tabular/california_housing.csv",),
                ),
            ),
            decode=decode_california_housing,
            mirrors=("https://raw.githubusercontent.com/ageron/handson-ml2/master/datasets/housing/",),
        ),
    ),
    settings={"target": "median_house_value", "on_missing": "fill"},
    notes=(NOTE,),
)
