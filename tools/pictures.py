"""The pictures of the README, made by the project itself: python tools/pictures.py."""

import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

import deepglass as dg
from deepglass.report import surface_of
from deepglass.report.pictures import decision_surface, to_png

SHOWN = (5, 25, 32, 100)  # epochs
WHERE = Path(__file__).parents[1] / "docs" / "pictures"


def spirals() -> Path:
    """A small network while it learns the two spirals: what it answers everywhere, at four epochs."""
    data = dg.load("spirals")
    network = dg.build("mlp", data, hidden=[64, 64], activation="tanh")
    training = dg.Training(network, data, dg.Recipe(epochs=SHOWN[-1], learning_rate=0.02, threads=1))
    panels = []
    for epoch in training:
        if epoch.number in SHOWN:
            surface = surface_of(network, training.task, data)
            assert surface is not None  # two numeric inputs and a category
            figure = decision_surface(surface, (0, 1))
            figure.axes[0].set_title(
                f"epoch {epoch.number}: accuracy {epoch.validation['accuracy']:.2f}", loc="left", fontweight="bold"
            )
            panels.append(Image.open(io.BytesIO(to_png(figure, 90))))
    return beside(panels, WHERE / "spirals.png")


def words() -> Path:
    """A network that has learned to find the year in a sentence: which words decide, by three ways of asking."""
    with tempfile.TemporaryDirectory() as folder:
        run = dg.train("bag", dg.load("dates"), epochs=6, threads=1, out=Path(folder) / "dates", progress=False)
        run.look(3, what="words").picture(WHERE / "words.png")
    return WHERE / "words.png"


def convolution() -> Path:
    """A digit under Sobel's filter: every number, who sees whom, and the matrix that does the same."""
    dg.convolve("digit", "sobel-x").picture(WHERE / "convolution.png")
    return WHERE / "convolution.png"


def beside(panels: Sequence[Image.Image], path: Path) -> Path:
    """Put pictures side by side into one file."""
    cut = [p.crop((0, 0, int(p.width * 0.83), p.height)) for p in panels]  # without the legends
    sheet = Image.new("RGB", (sum(p.width for p in cut), max(p.height for p in cut)), "white")
    left = 0
    for panel in cut:
        sheet.paste(panel, (left, 0))
        left += panel.width
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path, optimize=True)
    return path


if __name__ == "__main__":
    print(spirals())
    print(words())
    print(convolution())
