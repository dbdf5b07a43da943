"""Scenes: two coloured shapes in an image, and a sentence that says which they are and how they lie."""

import numpy as np

from deepglass.data.builtin.drawn import LICENCE, own_random
from deepglass.data.source import Raw, Source, texts
from deepglass.errors import SettingError

SIDE = 32  # pixels
MIDDLES = np.arange(SIDE) + 0.5  # of the pixels of a row or column
COLOURS = {"red": (225, 45, 45), "green": (45, 175, 75), "blue": (60, 95, 235), "yellow": (240, 205, 45)}
SHAPES = ("circle", "square", "triangle", "cross")
Relation = tuple[int, str, str]  # the axis that tells, and the words either way
Kind = tuple[tuple[str, str], tuple[str, str], Relation]  # colour and shape of both
ABOVE: Relation = (0, "above", "below")
BESIDE: Relation = (1, "left of", "right of")
RADIUS = (4.0, 6.0)  # pixels
BACKGROUND = (15, 60)  # grey, of which each scene has one shade
SHIFT = 2.5  # pixels by which a shape lies off its usual place


def scenes(*, scenes: int = 3000, captions: int = 1, noise_std: float = 6.0, seed: int = 0) -> Source:
    """Draw scenes such as "a red circle above a blue square", and say so.

    Each combination of shapes, colours and relation is kept in one split, so that validation and test show what was never seen
    together. With one caption a scene, the shape above or on the left is named first; with two, the same is said from the other
    shape ("a blue square below a red circle") in an example of its own, with the same image and in the same split.
    Shapes: image (examples, 3, 32, 32) uint8, caption (examples,) of strings.
    Units: `noise_std` in steps of brightness, of 255.
    Raises: SettingError, for fewer than 10 scenes, a negative `noise_std` or a number of captions other than 1 and 2.
    Source: generated here, after the idea of Johnson et al., "CLEVR", arXiv:1612.06890.
    """
    if captions not in (1, 2):
        raise SettingError(f"{captions=} of a scene do not exist. Choose 1 or 2.")
    if scenes < 10:
        raise SettingError(f"{scenes=} is too few. Choose 10 or more.")
    random = own_random("scenes", points=scenes, noise_std=noise_std, seed=seed)
    things = [(colour, shape) for colour in COLOURS for shape in SHAPES]
    kinds: list[Kind] = [(a, b, relation) for a in things for b in things if a != b for relation in (ABOVE, BESIDE)]
    chosen = random.integers(len(kinds), size=scenes)
    images = np.stack([_scene(kinds[i], noise_std, random) for i in chosen.tolist()])
    said = [_said(kinds[i], turned) for i in chosen.tolist() for turned in range(captions)]
    return Source(
        name="scenes",
        fields={"image": Raw("image", np.repeat(images, captions, axis=0), top=255.0), "caption": texts(said)},
        inputs=("image",),
        targets=("caption",),
        notes=(
            f"{scenes:,} scenes of {len(kinds)} combinations, each of which is in one split alone; {captions} caption"
            f"{'s' * (captions > 1)} a scene.",
        ),
        facts={
            "description": "two coloured shapes and how they lie, with captions",
            "licence": LICENCE,
            "source": "generated; discs, squares, triangles and crosses at random places",
        },
        groups=np.repeat(chosen, captions),
    )


def _said(kind: Kind, turned: int) -> str:
    first, second, relation = kind
    _, one_way, other_way = relation
    a, b = (f"a {colour} {shape}" for colour, shape in (first, second))
    return f"{b} {other_way} {a}" if turned else f"{a} {one_way} {b}"


def _scene(kind: Kind, noise_std: float, random: np.random.Generator) -> np.ndarray:
    """One image (3, SIDE, SIDE) uint8."""
    first, second, relation = kind
    image = np.full((3, SIDE, SIDE), random.uniform(*BACKGROUND))
    for (colour, shape), share in ((first, 0.25), (second, 0.75)):
        centre = np.full(2, SIDE / 2) + random.uniform(-SHIFT, SHIFT, 2)
        centre[relation[0]] += (share - 0.5) * SIDE
        inside = _inside(shape, centre, random.uniform(*RADIUS))
        image[:, inside] = np.array(COLOURS[colour])[:, None]
    noisy = image + noise_std * random.standard_normal(image.shape)
    return noisy.clip(0, 255).astype(np.uint8)


def _inside(shape: str, centre: np.ndarray, radius: float) -> np.ndarray:
    """The pixels (SIDE, SIDE) of a shape, bool."""
    down, across = MIDDLES[:, None] - centre[0], np.abs(MIDDLES - centre[1])
    if shape == "circle":
        return down**2 + across**2 <= radius**2
    if shape == "square":
        return np.maximum(np.abs(down), across) <= 0.88 * radius
    if shape == "triangle":  # its tip above
        return (down >= -radius) & (down <= 0.8 * radius) & (across <= (down + radius) * 0.6)
    arm = 0.35 * radius
    return (np.minimum(np.abs(down), across) <= arm) & (np.maximum(np.abs(down), across) <= radius)
