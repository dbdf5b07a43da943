"""Built-in data: what needs no download, one function a set."""

from collections.abc import Callable

from deepglass.data.builtin.breast_cancer import breast_cancer
from deepglass.data.builtin.chirps import chirps
from deepglass.data.builtin.circles import circles
from deepglass.data.builtin.dates import dates
from deepglass.data.builtin.diabetes import diabetes
from deepglass.data.builtin.digits import digits
from deepglass.data.builtin.first_symbol import first_symbol
from deepglass.data.builtin.gaussian import gaussian
from deepglass.data.builtin.gaussians import gaussians
from deepglass.data.builtin.iris import iris
from deepglass.data.builtin.logic import logic
from deepglass.data.builtin.moons import moons
from deepglass.data.builtin.motif import motif
from deepglass.data.builtin.next_symbol import next_symbol
from deepglass.data.builtin.plane import plane
from deepglass.data.builtin.random_walk import random_walk
from deepglass.data.builtin.reversal import reversal
from deepglass.data.builtin.scenes import scenes
from deepglass.data.builtin.seasonal import seasonal
from deepglass.data.builtin.slash import slash
from deepglass.data.builtin.spirals import spirals
from deepglass.data.builtin.stories import stories
from deepglass.data.builtin.strokes import strokes
from deepglass.data.builtin.waves import waves
from deepglass.data.builtin.wine import wine
from deepglass.data.builtin.xor import xor
from deepglass.data.source import Source

BUILTIN: dict[str, Callable[..., Source]] = {
    # measured
    "iris": iris,
    "wine": wine,
    "breast-cancer": breast_cancer,
    "digits": digits,
    "diabetes": diabetes,
    # drawn in the plane, two classes or more
    "circles": circles,
    "xor": xor,
    "gaussians": gaussians,
    "moons": moons,
    "spirals": spirals,
    # drawn in the plane, a number to predict
    "plane": plane,
    "gaussian": gaussian,
    # sound
    "chirps": chirps,
    # texts and other sequences of symbols
    "stories": stories,
    "dates": dates,
    "motif": motif,
    "reversal": reversal,
    "first_symbol": first_symbol,
    "next_symbol": next_symbol,
    # time series
    "waves": waves,
    "seasonal": seasonal,
    "random_walk": random_walk,
    # an image, and what is said of it
    "scenes": scenes,
    # drawn with a pen
    "strokes": strokes,
    # small enough to work through by hand
    "slash": slash,
    "logic": logic,
}
