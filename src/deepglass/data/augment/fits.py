"""Fits: whether the data have what an augmentation changes, said before anything is trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from deepglass.data.augment.settings import Augment
from deepglass.errors import SettingError

if TYPE_CHECKING:
    from deepglass.data.encode import Field

MOVES = ("flip", "flip_vertical", "crop", "shift", "rotate", "scale", "erase")
COLOURS = ("brightness", "contrast", "saturation")
OF_SIGNALS = ("time_shift", "gain", "snr", "silence")
NOISY = ("image", "number", "signal", "table")  # kinds that hold numbers
EVEN = (*NOISY, "category", "labels")  # kinds whose examples are all of one shape, so that two can be blended
PLACED = ("image", "boxes", "mask")  # targets that say where in the image something is


def check_augment(settings: Augment, fields: Mapping[str, Field]) -> None:
    """Raises: SettingError, naming the change, what it needs, and what the inputs are instead."""
    inputs = [f for f in fields.values() if f.role == "input"]
    images = [f for f in inputs if f.kind == "image"]
    given = ", ".join(f"{f.name!r} ({f.kind})" for f in inputs) or "none"
    for name, value in settings.chosen().items():
        said = f"data.augment.{name}={str(value).lower() if isinstance(value, bool) else value}"
        if name in (*MOVES, *COLOURS) and not images:
            raise SettingError(f"{said} changes images, and the inputs are {given}. {_can_have(inputs)}")
        if name in OF_SIGNALS and not any(f.kind == "signal" for f in inputs):
            raise SettingError(f"{said} changes signals, and the inputs are {given}. {_can_have(inputs)}")
        short = next(
            (f for f in inputs if name == "time_shift" and f.kind == "signal" and f.shape[1] / f.rate <= value), None
        )
        if short is not None:
            raise SettingError(
                f"{said} moves {short.name!r} out of sight: it is {short.shape[1] / short.rate:.4g} s long."
            )
        if name == "saturation" and not any(f.shape[0] in (3, 4) for f in images):
            raise SettingError(
                f"{said} needs colours, and {images[0].name!r} has {_channels(images[0])}. Use brightness or contrast."
            )
        small = next((f for f in images if name == "crop" and min(f.shape[1:]) <= value), None)
        if small is not None:
            raise SettingError(
                f"{said} mirrors more pixels than {small.name!r} has: it is {small.shape[1]} x {small.shape[2]}. "
                f"Use crop={max(0, min(small.shape[1:]) - 1)} or less."
            )
        placed = next((f for f in fields.values() if f.role == "target" and f.kind in PLACED), None)
        if name in MOVES and placed is not None:
            raise SettingError(
                f"{said} would move the images and not the target {placed.name!r} ({placed.kind}). Leave it out."
            )
        if name == "noise" and not any(f.kind in NOISY for f in inputs):
            raise SettingError(f"{said} is added to numbers and images, and the inputs are {given}. Leave it out.")
        uneven = next((f for f in inputs if name == "mixup" and f.kind not in EVEN), None)
        if uneven is not None:
            raise SettingError(
                f"{said} blends examples of one shape, and those of {uneven.name!r} ({uneven.kind}) are uneven. Leave it out."
            )


def _can_have(inputs: Sequence[Field]) -> str:
    """What changes the inputs instead."""
    if any(f.kind == "signal" for f in inputs):
        return f"Signals can have {', '.join(OF_SIGNALS)}, noise and mixup."
    if any(f.kind == "image" for f in inputs):
        return f"Images can have {', '.join((*MOVES, *COLOURS))}, noise and mixup."
    return "Numbers can have noise and mixup."


def _channels(field: Field) -> str:
    return "1 channel" if field.shape[0] == 1 else f"{field.shape[0]} channels"
