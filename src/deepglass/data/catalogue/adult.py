"""Adult: census records of 1994, and who earned more than 50,000 dollars a year."""

from collections.abc import Mapping
from dataclasses import replace

from deepglass.data.catalogue.entry import Content, Copy, Entry, File
from deepglass.data.catalogue.tables import Cells, known_table
from deepglass.data.readers.table_source import from_table
from deepglass.data.settings import DataSettings
from deepglass.data.source import Source

TRAIN, TEST = "adult.data", "adult.test"
COLUMNS = (
    *("age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation", "relationship"),
    *("race", "sex", "capital_gain", "capital_loss", "hours_per_week", "native_country", "income"),
)
TRAIN_CELLS = Cells(COLUMNS, 32_561, "4520f6e898b14da2cc34516b3ea1f0f732e8218723cf1b8d82a70c633057aa09")
TEST_CELLS = Cells(COLUMNS, 16_281, "7d60c1020532746b9687d9e68a29714ba732dd13a5fc3a0d0ca25a708d8a6829")
HEAD = b"|"  # begins the first line of the published test file, which is a remark


def decode_adult(
    contents: Mapping[str, Content], settings: DataSettings, train: Cells = TRAIN_CELLS, test: Cells = TEST_CELLS
) -> Source:
    """Return the census records of the two published files. Raises: DataError, when they hold something else."""
    content = contents[TEST]
    if content.data.startswith(HEAD):
        content = replace(content, data=content.data.partition(b"\n")[2])
    test_table = known_table(content, settings, test)
    return from_table(known_table(contents[TRAIN], settings, train), settings, test_table)


ADULT = Entry(
    description="48,842 people of the US census of 1994: 14 columns, income above 50,000 dollars or not",
    licence="CC BY 4.0",
    source='Becker and Kohavi, "Adult", UCI Machine Learning Repository, 1996',
    copies=(
        Copy(
            files=(
                File(
                    TRAIN,
                    3_974_305,
                    "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d",
                    "decoded",
                    also=("tabular/adult.data", "tabular/adult-train.csv"),
                ),
                File(
                    TEST,
                    2_003_153,
                    "a2a9044bc167a35b2361efbabec64e89d69ce82d9790d2980119aac5fd7e9c05",
                    "decoded",
                    also=("tabular/adult.test", "tabular/adult-test.csv"),
                ),
            ),
            decode=decode_adult,
            mirrors=("https://archive.ics.uci.edu/ml/machine-learning-databases/adult/",),
        ),
    ),
    settings={
        "target": "income",
        "names": list(COLUMNS),
        "missing": ["?"],
        "on_missing": "fill",
        "label_suffix": ".",
    },
)
