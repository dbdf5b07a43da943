"""Diabetes: ten measurements of a patient, and how far the disease went in a year."""

from deepglass.data.builtin.shipped import shipped_arrays
from deepglass.data.source import Source, numbers

COLUMNS = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")


def diabetes() -> Source:
    """Return 442 patients with the progression of their disease one year later.

    Shapes: x (442, 10) float64, progression (442,) float64.
    Units: x has no unit, see the notes; progression is a score, 25 to 346 here.
    Source: Efron, Hastie, Johnstone and Tibshirani, "Least Angle Regression", Annals of Statistics 32, 2004.
    """
    arrays = shipped_arrays("diabetes")
    return Source(
        name="diabetes",
        fields={
            "x": numbers(arrays["x"], COLUMNS),
            "progression": numbers(arrays["progression"], unit="progression score after one year"),
        },
        inputs=("x",),
        targets=("progression",),
        notes=(
            "The columns are already standardized, over all 442 patients: mean 0, sum of squares 1 "
            "(standard deviation 0.048).",
            "bmi: body mass index; bp: mean blood pressure; s1 to s6: total cholesterol, LDL, HDL, "
            "cholesterol/HDL, log of triglycerides (probably), blood sugar.",
        ),
        facts={
            "description": "442 diabetes patients by 10 measurements; predict the progression after a year",
            "licence": "none stated by the authors; distributed with scikit-learn (BSD 3-Clause)",
            "source": "Efron et al. 2004, https://www4.stat.ncsu.edu/~boos/var.select/diabetes.html; "
            "copy of scikit-learn",
        },
    )
