"""Recipe: every hyperparameter of a training, checked when it is made."""

from typing import Any, Literal

import pydantic


class Recipe(pydantic.BaseModel, frozen=True, extra="forbid"):
    """Every hyperparameter of a training."""

    epochs: int = pydantic.Field(20, ge=0, description="passes over the training split")
    batch_size: int | Literal["all"] = pydantic.Field(
        32, description="examples a step, or 'all' for batch gradient descent"
    )
    optimizer: str = pydantic.Field("adam", description="how a gradient becomes a step")
    learning_rate: float | None = pydantic.Field(
        None, gt=0, description="step size (default: what suits the optimizer)"
    )
    schedule: str = pydantic.Field(
        "constant", description="how the learning rate changes while training: constant or cosine"
    )
    momentum: float = pydantic.Field(0.9, ge=0, lt=1, description="share of the last step that is kept (momentum only)")
    weight_decay: float = pydantic.Field(
        0.0, ge=0, description="L2 penalty on the weights; biases and norms are spared"
    )
    clip_norm: float | None = pydantic.Field(
        None, gt=0, description="longest gradient that is let through, in its norm"
    )
    early_stopping: bool = pydantic.Field(
        True, description="stop when validation stops improving, and go back to the best"
    )
    patience: int = pydantic.Field(10, ge=1, description="epochs without improvement before stopping")
    min_change: float = pydantic.Field(0.0, ge=0, description="what counts as an improvement at least")
    monitor: str | None = pydantic.Field(
        None, description="the validation metric that is watched (default: the task's)"
    )
    shuffle: bool = pydantic.Field(True, description="a new order of the examples in each epoch")
    freeze: list[str] = pydantic.Field(
        [], description="parameters that stay as they are, by the beginning of their names"
    )
    players: dict[str, dict[str, Any]] = pydantic.Field({}, description="optimizer settings of single players, by name")
    seed: int = pydantic.Field(0, ge=0, description="the same seed gives the same run")
    threads: int | None = pydantic.Field(
        None, ge=1, description="processor threads (default: by rule, from the work of a step)"
    )
    device: str = pydantic.Field(
        "auto", description="where to compute: cpu, cuda, mps; auto takes the fastest there is"
    )

    @pydantic.field_validator("batch_size")
    @classmethod
    def _at_least_one(cls, value: int | str) -> int | str:
        if isinstance(value, int) and value < 1:
            raise ValueError("a batch holds at least 1 example; give a whole number, or 'all'")
        return value

    @pydantic.field_validator("learning_rate", "weight_decay", "clip_norm")
    @classmethod
    def _finite(cls, value: float | None) -> float | None:
        if value is not None and not value < float("inf"):
            raise ValueError("a finite number is needed")
        return value
