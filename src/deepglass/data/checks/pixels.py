"""Pixels: images that reach the network unscaled, and images with nothing on them."""

from collections.abc import Iterator

from deepglass.data.checks.problem import Problem, share, some
from deepglass.data.checks.view import OPEN, View

LARGE = 10  # pixels of this size and more are raw ones; scaled to 0..1 or to deviation 1 they stay below (our choice)


def unscaled_pixels(view: View) -> Iterator[Problem]:
    """Find images that are given as they are although their pixels are large."""
    for name, parts in view.images.items():
        encoding = view.dataset.fields[name].encoding
        if encoding.get("scaling") != "none" or not len(parts.get("train", ())):
            continue
        top = float(parts["train"].max())
        if top >= LARGE:
            yield Problem(
                "unscaled_pixels",
                "warning",
                f"field {name!r}: with scaling=none the network gets pixels up to {top:g}, for which its first weights are "
                f"far too large. Set data.scaling=standard or unit, or scale them in your dataset.",
                name,
                "",
                len(parts["train"]),
                len(parts["train"]),
            )


def blank_images(view: View) -> Iterator[Problem]:
    """Find images of one colour, in the training and validation split."""
    for name, parts in view.images.items():
        flat = {s: parts[s].reshape(len(parts[s]), parts[s].shape[1], -1) for s in OPEN if len(parts.get(s, ()))}
        blank = [int(i) for s, x in flat.items() for i in view.ids[s][(x.amax(2) == x.amin(2)).all(1).numpy()]]
        count = sum(map(len, flat.values()))
        if blank:
            yield Problem(
                "blank_images",
                "warning",
                f"field {name!r}: {share(len(blank), count)} images are of one colour (examples {some(blank)}). "
                f"Look at these files: they may be damaged.",
                name,
                "",
                len(blank),
                count,
                tuple(blank[:20]),
            )
