"""Recipe: every hyperparameter of a training, checked when it is made."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pydantic

from deepglass.training.duration import seconds_of

PATIENCE = 10  # epochs, unless the recipe or its schedule says otherwise
Factor = Annotated[float, pydantic.Field(gt=0, allow_inf_nan=False)]


class Recipe(pydantic.BaseModel, frozen=True, extra="forbid"):
    """Every hyperparameter of a training."""

    epochs: int = pydantic.Field(20, ge=0, description="passes over the training split")
    batch_size: int | Literal["all"] = pydantic.Field(
        32, description="examples a step, or 'all' for batch gradient descent"
    )
    accumulate: int = pydantic.Field(
        1, ge=1, description="batches a step: gradients are summed up as if they were one batch"
    )
    optimizer: str = pydantic.Field(
        "adam",
        description="how a gradient becomes a step: adadelta, adagrad, adam, adamw, lbfgs, momentum, nesterov, rmsprop, "
        "rosenblatt or sgd",
    )
    learning_rate: float | None = pydantic.Field(
        None, gt=0, description="step size (default: what suits the optimizer)"
    )
    rates: dict[str, Factor] = pydantic.Field(
        {},
        description="factors of the learning rate for parts of the network, by a parameter's name up to one of its dots: "
        "conv1 fits conv1.weight, and conv does not",
    )
    rate_decay_by_depth: float | None = pydantic.Field(
        None,
        gt=0,
        le=1,
        description="factor from a group of layers to the one below it: the head learns at the full rate, what lies deeper more "
        "slowly; where recipe.rates names a part, that counts (default: all at the same rate)",
    )
    momentum: float | None = pydantic.Field(
        None, ge=0, lt=1, description="share of the last step that is kept (momentum, nesterov: 0.9)"
    )
    rho: float | None = pydantic.Field(
        None, ge=0, lt=1, description="share of the mean squared gradient that is kept (rmsprop: 0.9, adadelta: 0.95)"
    )
    beta1: float | None = pydantic.Field(
        None, ge=0, lt=1, description="share of the mean gradient that is kept (adam, adamw: 0.9)"
    )
    beta2: float | None = pydantic.Field(
        None, ge=0, lt=1, description="share of the mean squared gradient that is kept (adam, adamw: 0.999)"
    )
    epsilon: float | None = pydantic.Field(
        None,
        ge=0,
        description="keeps divisions finite (adam, adamw, rmsprop: 1e-8, adadelta: 1e-6, adagrad: 1e-10)",
    )
    schedule: str = pydantic.Field(
        "constant",
        description="how the learning rate changes while training: constant, cosine, exponential, inverse_time, one_cycle, "
        "plateau or step",
    )
    warmup_steps: int = pydantic.Field(
        0, ge=0, description="steps in which the rate grows evenly to the full one, before the schedule begins"
    )
    schedule_factor: float | None = pydantic.Field(
        None,
        gt=0,
        le=1,
        description="what the rate is multiplied by (step, plateau: 0.1; exponential: 1 % left at the end)",
    )
    schedule_epochs: int | None = pydantic.Field(
        None,
        ge=1,
        description="epochs between steps (a third of all), until half the rate (inverse_time: a tenth of all), or "
        "without improvement (plateau: 5)",
    )
    weight_decay: float | None = pydantic.Field(
        None, ge=0, description="L2 penalty on the weights; biases and norms are spared (default: 0, adamw: 0.01)"
    )
    l1: float = pydantic.Field(
        0.0, ge=0, description="penalty on the sum of the weights' sizes; biases and norms are spared"
    )
    clip_norm: float | None = pydantic.Field(
        None, gt=0, description="longest gradient that is let through, in its norm"
    )
    clip_value: float | None = pydantic.Field(
        None, gt=0, description="largest number of a gradient that is let through, either sign"
    )
    average: float | None = pydantic.Field(
        None,
        gt=0,
        lt=1,
        description="share that a running mean of the weights keeps a step, such as 0.999 (default: none)",
    )
    tolerance: float | None = pydantic.Field(
        None, ge=0, description="stop when an epoch changes the training loss by this share or less (default: never)"
    )
    max_time: float | None = pydantic.Field(
        None,
        gt=0,
        description="longest time a training may take, such as 90s, 10m or 1h30m; a number is seconds (default: none)",
    )
    early_stopping: bool = pydantic.Field(
        True, description="stop when validation stops improving, and go back to the best"
    )
    patience: int | None = pydantic.Field(
        None,
        ge=1,
        description="epochs without improvement before stopping (default: 10; all of them under cosine and one_cycle, "
        "which come to rest at the end only)",
    )
    min_change: float = pydantic.Field(0.0, ge=0, description="what counts as an improvement at least")
    monitor: str | None = pydantic.Field(
        None, description="the validation metric that is watched (default: the task's)"
    )
    shuffle: bool = pydantic.Field(True, description="a new order of the examples in each epoch")
    sampling: Literal["shuffled", "balanced", "with_replacement"] = pydantic.Field(
        "shuffled",
        description="which examples an epoch shows: each once, each class equally often, or random draws with repeats",
    )
    freeze: list[str] = pydantic.Field(
        [], description="parameters that stay as they are, by their names up to one of the dots, as in recipe.rates"
    )
    unfreeze_depth: int | None = pydantic.Field(
        None,
        ge=1,
        description="groups of layers that learn, counted from the head down; 1 is the head alone (default: all of them, or 1 "
        "at first with unfreeze_after or unfreeze_every)",
    )
    unfreeze_after: int | None = pydantic.Field(None, ge=1, description="epochs after which every group learns")
    unfreeze_every: int | None = pydantic.Field(
        None, ge=1, description="epochs after which one group more learns, from the head down to the input"
    )
    freeze_statistics: bool | None = pydantic.Field(
        None, description="batch norms keep the mean and spread that they bring (default: those of frozen layers do)"
    )
    players: dict[str, dict[str, Any]] = pydantic.Field({}, description="optimizer settings of single players, by name")
    seed: int = pydantic.Field(0, ge=0, description="the same seed gives the same run")
    precision: Literal["auto", "float32", "bfloat16"] = pydantic.Field(
        "auto",
        description="of large products; auto takes bfloat16 where the hardware multiplies it faster, and float32 elsewhere",
    )
    rewrites: bool = pydantic.Field(True, description="quicker forms of a step that keep the network's function")
    probes: bool = pydantic.Field(True, description="look inside while training, at a few steps; it changes no number")
    threads: int | None = pydantic.Field(
        None, ge=1, description="processor threads (default: by rule, from the work of a step)"
    )
    device: str = pydantic.Field(
        "auto", description="where to compute: cpu, cuda, mps; auto takes the fastest there is"
    )

    @pydantic.field_validator("max_time", mode="before")
    @classmethod
    def _in_seconds(cls, value: Any) -> Any:
        return seconds_of(value) if isinstance(value, str) else value

    @pydantic.field_validator("batch_size")
    @classmethod
    def _at_least_one(cls, value: int | str) -> int | str:
        if isinstance(value, int) and value < 1:
            raise ValueError("a batch holds at least 1 example; give a whole number, or 'all'")
        return value

    @pydantic.field_validator(
        "learning_rate",
        "weight_decay",
        "l1",
        "clip_norm",
        "clip_value",
        "epsilon",
        "tolerance",
        "min_change",
        "max_time",
    )
    @classmethod
    def _finite(cls, value: float | None) -> float | None:
        if value is not None and not value < float("inf"):
            raise ValueError("a finite number is needed")
        return value


def suited(suits: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Join the settings that suit a network and those that are given, which go first.

    A rate that suits the network belongs to the optimizer that suits it: another optimizer has another usual rate.
    """
    meant = suits.get("optimizer", Recipe.model_fields["optimizer"].default)
    other = given.get("optimizer", meant) != meant
    return {**{k: v for k, v in suits.items() if k != "learning_rate" or not other}, **given}
