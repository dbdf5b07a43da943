"""Training: recipe, spec and the loop. Imported when used, because the recipe alone needs no torch."""

from typing import TYPE_CHECKING

from deepglass.lazy import lazily

if TYPE_CHECKING:
    from deepglass.training.optimizers import OPTIMIZERS
    from deepglass.training.rate_finder import RateCurve, find_rate
    from deepglass.training.recipe import Recipe
    from deepglass.training.records import Epoch, Step
    from deepglass.training.spec import Spec
    from deepglass.training.training import Training

__all__ = ["OPTIMIZERS", "Epoch", "RateCurve", "Recipe", "Spec", "Step", "Training", "find_rate"]

__getattr__ = lazily(
    __name__,
    {
        "OPTIMIZERS": "deepglass.training.optimizers",
        "Epoch": "deepglass.training.records",
        "RateCurve": "deepglass.training.rate_finder",
        "Recipe": "deepglass.training.recipe",
        "Spec": "deepglass.training.spec",
        "Step": "deepglass.training.records",
        "Training": "deepglass.training.training",
        "find_rate": "deepglass.training.rate_finder",
    },
)
