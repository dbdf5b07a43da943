"""Training: recipe, spec and the loop."""

from deepglass.training.optimizers import OPTIMIZERS
from deepglass.training.recipe import Recipe
from deepglass.training.records import Epoch, Step
from deepglass.training.spec import Spec
from deepglass.training.training import Training

__all__ = ["OPTIMIZERS", "Epoch", "Recipe", "Spec", "Step", "Training"]
