"""Settings of the task section."""

import math
from collections.abc import Mapping
from typing import Any, Literal

import pydantic


class TaskSettings(pydantic.BaseModel, frozen=True, extra="forbid"):
    """What is to be learned, and how it is judged."""

    name: str | None = pydantic.Field(None, description="the task (default: by the kind of the target)")
    loss: str = pydantic.Field("auto", description="what training makes small (default: what suits output and target)")
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
