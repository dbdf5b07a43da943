"""Inside: what goes on in a trained network, as plain numbers; every network is left as it was."""

from deepglass.inside.activations import Activation, activations
from deepglass.inside.columns import by_column, columns_of
from deepglass.inside.embedding import Embedding, embedding
from deepglass.inside.exciting import Exciting, exciting
from deepglass.inside.filters import Filters, filters
from deepglass.inside.saliency import Saliency, saliency
from deepglass.inside.through_time import ThroughTime, through_time

__all__ = [
    "Activation",
    "Embedding",
    "Exciting",
    "Filters",
    "Saliency",
    "ThroughTime",
    "activations",
    "by_column",
    "columns_of",
    "embedding",
    "exciting",
    "filters",
    "saliency",
    "through_time",
]
