"""Titanic: passengers, and who of them survived."""

from collections.abc import Mapping

from deepglass.data.catalogue.entry import Content, Copy, Entry, File
from deepglass.data.catalogue.tables import Cells, known_table, without
from deepglass.data.readers.table_source import from_table
from deepglass.data.settings import DataSettings
from deepglass.data.source import Source

FILE = "train.csv"
COLUMNS = (
    *("PassengerId", "Survived", "Pclass", "Name", "Sex", "Age", "SibSp", "Parch", "Ticket", "Fare", "Cabin"),
    "Embarked",
)
CELLS = Cells(COLUMNS, 891, "67c3c4c8e795368cee672e40756cd86a519a8216ffd5e9ab250765973501696f")
NAMES_OF_ONE = ("PassengerId", "Name", "Ticket", "Cabin")  # they tell one passenger from the others, and little more
NOTE = "train.csv alone is used: test.csv of the same home does not say who survived"


def decode_titanic(contents: Mapping[str, Content], settings: DataSettings, cells: Cells = CELLS) -> Source:
    """Return the 891 passengers of whom it is known. Raises: DataError, when the file holds something else."""
    table, settings = without(NAMES_OF_ONE, known_table(contents[FILE], settings, cells), settings)
    return from_table(table, settings)


TITANIC = Entry(
    description="891 passengers of the Titanic: class, sex, age, family and fare, survived or not",
    licence="none stated; the passenger list is in the public record",
    source='"Titanic: Machine Learning from Disaster", Kaggle, 2012, training part as kept by A. Geron',
    copies=(
        Copy(
            files=(
                File(
                    FILE,
                    61_904,
                    "14769fb1850e2d26d8e6db0ee49c213878040432827e39b13caaa15603c6598f",
                    "decoded",
                    also=("tabular/titanic/train.csv",),
                ),
            ),
            decode=decode_titanic,
            mirrors=("https://raw.githubusercontent.com/ageron/handson-ml2/master/datasets/titanic/",),
        ),
    ),
    settings={"target": "Survived", "kinds": {"Survived": "category"}, "on_missing": "fill"},
    notes=(NOTE,),
)
