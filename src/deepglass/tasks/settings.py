"""Settings of the task section."""

import math
from collections.abc import Mapping
from typing import Any, Literal

import pydantic


class TaskSettings(pydantic.BaseModel, frozen=True, extra="forbid"):
    """What is to be learned, and how it is judged."""

    name: str | None = pydantic.Field(None, description="the task (default: by the kind of the target)")
    loss: str = pydantic.Field(
        "auto",
        description="what training makes small (default: what suits output and target); mse is the mean of the squares, without "
        "the 1/2 of some books, which halves the gradient and leaves the best weights where they are",
    )
    output: Literal["auto", "logits", "probabilities", "log_probabilities"] = pydantic.Field(
        "auto", description="what the network's last layer gives (default: read off the last layer)"
    )
    metrics: list[str] = pydantic.Field([], description="further metrics to record each epoch")
    label_smoothing: float = pydantic.Field(
        0.0, ge=0, lt=1, description="share of each target that is spread evenly over all classes, in training alone"
    )
    class_weight: str | dict[str, float] | None = pydantic.Field(
        None,
        description="how much each class counts in training: 'balanced' (rare ones more), or CLASS: WEIGHT, others 1; "
        "measured scores stay unweighted",
    )

    teacher_forcing: float = pydantic.Field(
        1.0,
        ge=0,
        le=1,
        description="of a translation: share of the words before that are the true ones in training; others are its own guesses",
    )
    beam_width: int = pydantic.Field(
        4,
        ge=1,
        description="of a translation: how many beginnings are followed when it predicts (1: the likeliest word each time)",
    )
    length_penalty: float = pydantic.Field(
        0.6, ge=0, description="of a translation by beams: how much longer ones are preferred, 0 for not at all"
    )
    carry: bool | None = pydantic.Field(
        None,
        description="of a language model: whether the hidden state goes on from window to window of a text (default: where the "
        "network can, and 256 windows or more follow one another)",
    )

    quantiles: list[float] = pydantic.Field(
        [],
        description="of a forecast: shares of the truth that are to lie below, such as [0.1, 0.5, 0.9] (default: one number)",
    )
    from_last: bool = pydantic.Field(
        False,
        description="of a forecast: the network sees and gives changes from the last known value, which suits a level that drifts",
    )
    hidden: float = pydantic.Field(
        0.2,
        gt=0,
        lt=1,
        description="of an imputation: share of the known values that are hidden, to be learned and to be judged",
    )
    hidden_run: int = pydantic.Field(1, ge=1, description="of an imputation: time steps that are hidden in a row")

    @pydantic.field_validator("quantiles")
    @classmethod
    def _shares(cls, value: list[float]) -> list[float]:
        if any(not 0 < q < 1 for q in value) or len(set(value)) < len(value):
            raise ValueError("quantiles are different numbers between 0 and 1, such as [0.1, 0.5, 0.9]")
        return value

    @pydantic.field_validator("class_weight", mode="before")
    @classmethod
    def _weights(cls, value: Any) -> Any:
        if value is None or value == "balanced":
            return value
        if not isinstance(value, Mapping):
            raise ValueError("give 'balanced', or a weight for some classes, such as {spam: 5}")
        for name, weight in value.items():
            number = isinstance(weight, int | float) and not isinstance(weight, bool)
            if not number or not 0 <= weight < math.inf:
                raise ValueError(f"the weight of {name!r} is {weight!r}; give a number from 0 on")
        return {str(name): float(weight) for name, weight in value.items()}
