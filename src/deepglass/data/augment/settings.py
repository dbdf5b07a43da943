"""Settings of augmentation: which random changes the training examples go through, and how far."""

import pydantic


class Augment(pydantic.BaseModel, frozen=True, extra="forbid"):
    """Random changes of the training examples, drawn for each example and epoch; what is 0, false or null is left out."""

    flip: bool = pydantic.Field(False, description="mirror half of the images, left to right")
    flip_vertical: bool = pydantic.Field(False, description="mirror half of the images, top to bottom")
    crop: int = pydantic.Field(
        0, ge=0, description="pad by so many mirrored pixels on every side and cut the old size out again anywhere"
    )
    shift: int = pydantic.Field(
        0, ge=0, description="move by up to so many pixels, up, down, left and right; raw 0 moves in"
    )
    rotate: pydantic.FiniteFloat = pydantic.Field(
        0, ge=0, le=180, description="turn about the centre by up to so many degrees, either way"
    )
    scale: pydantic.FiniteFloat = pydantic.Field(
        0, ge=0, lt=1, description="enlarge or shrink by up to this share (0.1: a factor of 0.9 to 1.1)"
    )
    brightness: pydantic.FiniteFloat = pydantic.Field(
        0, ge=0, le=1, description="make brighter or darker by up to this share of each value"
    )
    contrast: pydantic.FiniteFloat = pydantic.Field(
        0, ge=0, le=1, description="away from or towards the mean grey of the image, by up to this share"
    )
    saturation: pydantic.FiniteFloat = pydantic.Field(
        0, ge=0, le=1, description="away from or towards the grey of each pixel, by up to this share"
    )
    erase: pydantic.FiniteFloat = pydantic.Field(
        0, ge=0, le=1, description="blank a rectangle of up to this share of the area with raw 0"
    )
    time_shift: pydantic.FiniteFloat = pydantic.Field(
        0, ge=0, description="move signals by up to so many seconds, earlier or later; silence moves in"
    )
    gain: pydantic.FiniteFloat = pydantic.Field(
        0, ge=0, le=60, description="make signals louder or quieter by up to so many decibels"
    )
    snr: pydantic.FiniteFloat | None = pydantic.Field(
        None,
        ge=-60,
        le=120,
        description="add normal noise to signals, with a signal-to-noise ratio drawn from this many decibels up to 40, which is "
        "barely heard",
    )
    silence: pydantic.FiniteFloat = pydantic.Field(
        0, ge=0, description="blank a stretch of up to so many seconds of a signal"
    )
    noise: pydantic.FiniteFloat = pydantic.Field(
        0, ge=0, description="add normal noise with this standard deviation, in encoded units"
    )
    mixup: pydantic.FiniteFloat = pydantic.Field(
        0, ge=0, description="blend with another example, with shares from Beta(mixup, mixup); 0.2 is usual"
    )

    @property
    def active(self) -> bool:
        return self != Augment()

    def chosen(self) -> dict[str, float]:
        """The changes that are on, by name, in the order in which they are made."""
        return {name: value for name, value in self if value or (name == "snr" and value is not None)}  # 0 dB is loud
