"""Estimators: networks with the manners of scikit-learn, for pipelines, grids and cross-validation."""

from deepglass.estimators.classifier import Classifier
from deepglass.estimators.features import Features
from deepglass.estimators.regressor import Regressor

__all__ = ["Classifier", "Features", "Regressor"]
