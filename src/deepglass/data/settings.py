"""Settings of the data section: all that decides what a network is given."""

from typing import Any, Literal

import pydantic

from deepglass.data.source import Label


class Augment(pydantic.BaseModel, frozen=True, extra="forbid"):
    """Random changes of the training images, drawn for each example and epoch."""

    shift: int = pydantic.Field(0, ge=0, description="move by up to so many pixels, up, down, left and right")

    @property
    def active(self) -> bool:
        return self != Augment()


class DataSettings(pydantic.BaseModel, frozen=True, extra="forbid"):
    """What is loaded, how it is split and how it is encoded."""

    source: str = pydantic.Field(
        "", description="a built-in name, a file or a folder; how the data was given otherwise"
    )
    target: str | list[str] | None = pydantic.Field(
        None, description="the field or column to learn (default: the last)"
    )
    inputs: list[str] | None = pydantic.Field(
        None, description="the fields or columns to learn from (default: the others)"
    )
    options: dict[str, Any] = pydantic.Field({}, description="options of a built-in set, such as points or noise_std")
    kinds: dict[str, str] = pydantic.Field({}, description="what a field or column holds, when the guess is wrong")
    classes: list[Label] | None = pydantic.Field(None, description="keep the examples of these classes only")
    positive: Label | None = pydantic.Field(None, description="learn this class against all the others")
    scaling: Literal["standard", "unit", "none"] = pydantic.Field(
        "standard", description="inputs to mean 0 and deviation 1, to the range 0 to 1, or as they are"
    )
    target_scaling: Literal["standard", "none"] = pydantic.Field(
        "standard", description="numbers to predict: mean 0 and deviation 1 while training, or as they are"
    )
    label_encoding: Literal["index", "number"] = pydantic.Field(
        "index", description="classes as classes, or their numbers taken as quantities"
    )
    validation: float | int = pydantic.Field(
        0.2, ge=0, description="share of the rest for validation (at most 10,000), or a number of examples"
    )
    test: float | int = pydantic.Field(
        0.2, ge=0, description="share of all examples for the test split, or a number of them"
    )
    stratify: bool = pydantic.Field(True, description="keep the shares of the classes in every split")
    split_seed: int = pydantic.Field(0, ge=0, description="the same seed gives the same splits")
    augment: Augment = pydantic.Field(Augment(), description="random changes of the training images")
    streaming: bool = pydantic.Field(False, description="encode batch by batch instead of once, to spare memory")
    workers: int = pydantic.Field(0, ge=0, description="processes that read a torch Dataset ahead")
