"""Breast cancer: measurements of cell nuclei, and whether the tumour is malignant."""

from deepglass.data.builtin.shipped import shipped_arrays
from deepglass.data.source import Source, categories, numbers

MEASURES = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
)
# Over the nuclei of one image: the mean, its standard error, and the mean of the three largest.
COLUMNS = tuple(
    [f"mean {measure}" for measure in MEASURES]
    + [f"{measure} error" for measure in MEASURES]
    + [f"worst {measure}" for measure in MEASURES]
)
DIAGNOSES = ("malignant", "benign")


def breast_cancer() -> Source:
    """Return 569 tumours by 30 measurements: 212 malignant, 357 benign.

    Shapes: x (569, 30) float64, diagnosis (569,).
    Source: Street, Wolberg and Mangasarian, "Nuclear Feature Extraction for Breast Tumor Diagnosis", SPIE 1905, 1993.
    """
    arrays = shipped_arrays("breast_cancer")
    return Source(
        name="breast-cancer",
        fields={"x": numbers(arrays["x"], COLUMNS), "diagnosis": categories(arrays["codes"], DIAGNOSES)},
        inputs=("x",),
        targets=("diagnosis",),
        notes=("Not for clinical use: one hospital, digitized by hand before 1995.",),
        facts={
            "description": "569 breast tumours, malignant or benign, by 30 measurements of their cell nuclei",
            "licence": "CC BY 4.0 (UCI)",
            "source": "Wolberg, Mangasarian, Street and Street 1995; UCI Machine Learning Repository, "
            "doi:10.24432/C5DW2B; copy of scikit-learn",
        },
    )
