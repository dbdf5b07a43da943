"""Digits: handwritten digits in eight by eight pixels."""

from deepglass.data.builtin.shipped import shipped_arrays
from deepglass.data.source import Source, categories, images


def digits() -> Source:
    """Return 1,797 handwritten digits, about 180 of each.

    Shapes: image (1797, 1, 8, 8) uint8, digit (1797,).
    Units: a pixel runs 0 (paper) to 16 (ink): how many of 4x4 finer pixels were inked.
    Source: Alpaydin and Kaynak, "Cascading Classifiers", Kybernetika 34, 1998.
    """
    arrays = shipped_arrays("digits")
    return Source(
        name="digits",
        fields={"image": images(arrays["image"]), "digit": categories(arrays["codes"], range(10))},
        inputs=("image",),
        targets=("digit",),
        notes=("Pixels run 0 to 16, not 0 to 255.", "These are the 1,797 test digits of UCI's 5,620, by 13 writers."),
        facts={
            "description": "1,797 handwritten digits, 8x8 grey pixels",
            "licence": "CC BY 4.0 (UCI)",
            "source": "Alpaydin and Kaynak 1998; UCI Machine Learning Repository, doi:10.24432/C50P49; "
            "copy of scikit-learn",
        },
    )
