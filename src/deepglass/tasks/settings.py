"""Settings of the task section."""

from typing import Literal

import pydantic


class TaskSettings(pydantic.BaseModel, frozen=True, extra="forbid"):
    """What is to be learned, and how it is judged."""

    name: str | None = pydantic.Field(None, description="the task (default: by the kind of the target)")
    loss: str = pydantic.Field("auto", description="what training makes small (default: what suits output and target)")
    output: Literal["auto", "logits", "probabilities", "log_probabilities"] = pydantic.Field(
        "auto", description="what the network's last layer gives (default: read off the last layer)"
    )
    metrics: list[str] = pydantic.Field([], description="further metrics to record each epoch")
