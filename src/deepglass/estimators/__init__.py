"""Estimators: networks with the manners of scikit-learn, for pipelines, grids and cross-validation."""

from deepglass.estimators.classifier import Classifier
from deepglass.estimators.regressor import Regressor

__all__ = ["Classifier", "Regressor"]
