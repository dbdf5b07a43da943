"""Iris: four lengths of a flower, and which of three species it is."""

from deepglass.data.builtin.shipped import shipped_arrays
from deepglass.data.source import Source, categories, numbers

COLUMNS = ("sepal length", "sepal width", "petal length", "petal width")
SPECIES = ("setosa", "versicolor", "virginica")


def iris() -> Source:
    """Return 150 iris flowers, 50 of each species.

    Shapes: x (150, 4) float64, species (150,).
    Units: x in cm.
    Source: Fisher, "The Use of Multiple Measurements in Taxonomic Problems", Annals of Eugenics 7, 1936.
    """
    arrays = shipped_arrays("iris")
    return Source(
        name="iris",
        fields={"x": numbers(arrays["x"], COLUMNS, unit="cm"), "species": categories(arrays["codes"], SPECIES)},
        inputs=("x",),
        targets=("species",),
        notes=("Two flowers are as in Fisher's paper, where the copy at UCI differs (rows 35 and 38).",),
        facts={
            "description": "150 iris flowers of 3 species by 4 lengths",
            "licence": "CC BY 4.0 (UCI)",
            "source": "Fisher 1936; UCI Machine Learning Repository, doi:10.24432/C56C76; copy of scikit-learn",
        },
    )
