"""Pictures: matplotlib figures drawn from plain numbers, one file each."""

from deepglass.report.pictures.activation_bands import activation_bands
from deepglass.report.pictures.balance import class_balance
from deepglass.report.pictures.calibration import calibration
from deepglass.report.pictures.compared import compared_curves
from deepglass.report.pictures.confusion import confusion
from deepglass.report.pictures.curves import learning_curves, metrics_of
from deepglass.report.pictures.data import portrait_picture
from deepglass.report.pictures.examples import Example, example_pictures, images, lines, rows
from deepglass.report.pictures.feature_maps import feature_maps
from deepglass.report.pictures.figure import save, to_png, to_svg
from deepglass.report.pictures.gradient_flow import gradient_flow
from deepglass.report.pictures.layer_map import layer_map
from deepglass.report.pictures.precision_recall import precision_recall
from deepglass.report.pictures.rate_curve import rate_curve
from deepglass.report.pictures.received import received
from deepglass.report.pictures.residuals import residuals
from deepglass.report.pictures.standing import Standing, standings
from deepglass.report.pictures.surface import decision_surface
from deepglass.report.pictures.update_ratios import update_ratios

__all__ = [
    "Example",
    "Standing",
    "activation_bands",
    "calibration",
    "class_balance",
    "compared_curves",
    "confusion",
    "decision_surface",
    "example_pictures",
    "feature_maps",
    "gradient_flow",
    "images",
    "layer_map",
    "learning_curves",
    "lines",
    "metrics_of",
    "portrait_picture",
    "precision_recall",
    "rate_curve",
    "received",
    "residuals",
    "rows",
    "save",
    "standings",
    "to_png",
    "to_svg",
    "update_ratios",
]
