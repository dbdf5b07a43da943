"""Wine: a chemical analysis, and from which of three grapes the wine was made."""

from deepglass.data.builtin.shipped import shipped_arrays
from deepglass.data.source import Source, categories, numbers

COLUMNS = (
    "alcohol",
    "malic acid",
    "ash",
    "alcalinity of ash",
    "magnesium",
    "total phenols",
    "flavanoids",
    "nonflavanoid phenols",
    "proanthocyanins",
    "color intensity",
    "hue",
    "od280/od315 of diluted wines",
    "proline",
)
CULTIVARS = ("Barolo", "Grignolino", "Barbera")


def wine() -> Source:
    """Return 178 Italian wines by 13 measurements on scales that differ by a factor of thousands.

    Shapes: x (178, 13) float64, cultivar (178,).
    Source: Forina et al., "PARVUS", Genoa, 1988; given to UCI by Aeberhard.
    """
    arrays = shipped_arrays("wine")
    return Source(
        name="wine",
        fields={"x": numbers(arrays["x"], COLUMNS), "cultivar": categories(arrays["codes"], CULTIVARS)},
        inputs=("x",),
        targets=("cultivar",),
        notes=("UCI numbers the cultivars 1, 2 and 3; the names are those of Forina's own data, in that order.",),
        facts={
            "description": "178 wines of 3 cultivars by 13 chemical measurements",
            "licence": "CC BY 4.0 (UCI)",
            "source": "Aeberhard and Forina 1992; UCI Machine Learning Repository, doi:10.24432/C5PC7J; "
            "copy of scikit-learn",
        },
    )
