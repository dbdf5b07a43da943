"""Needs: what single optimizers and layers ask of the rest of a recipe."""

from collections.abc import Callable, Sequence
from typing import Any

from torch import nn

from deepglass.errors import SettingError
from deepglass.tasks import Supervised, Task
from deepglass.training.players import Player
from deepglass.training.recipe import Recipe


def check_needs(players: Sequence[Player], recipe: Recipe, task: Task, examples: int) -> None:
    """Raise SettingError when an optimizer cannot do its work under a recipe; `examples` are those of the training split."""
    for player in players:
        check = NEEDS.get(player.kind)
        if check is not None:
            check(recipe, task, examples)


def fewest_in_a_batch(network: nn.Module, batch_size: int) -> int:
    """The smallest batch that a network can be trained with: two examples where batch norm takes their spread.

    Raises: SettingError, when every batch would be smaller.
    """
    norms = [m for m in network.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    if batch_size == 1 and any(isinstance(m, nn.BatchNorm1d) for m in norms):
        raise SettingError(
            "Batch norm cannot take a spread from batch_size=1: one example is always its own mean. "
            "Use batch_size=8 or more, or norm=layer."
        )
    return 2 if norms else 1


def _lbfgs(recipe: Recipe, task: Task, examples: int) -> None:
    """A line search compares losses, so all of them have to be of the same examples and of one smooth function."""
    if recipe.batch_size != "all" and recipe.batch_size < examples:
        raise SettingError(
            f"optimizer='lbfgs' compares losses along a line, which only the loss of all examples allows; "
            f"batch_size={recipe.batch_size} is a part of {examples}. Use batch_size=all, or optimizer=adam for batches."
        )
    off: dict[str, Any] = {"l1": 0.0, "clip_norm": None, "clip_value": None, "rates": {}}
    wrong = [name for name, usual in off.items() if getattr(recipe, name) != usual]
    if wrong:
        raise SettingError(
            f"optimizer='lbfgs' needs a smooth loss and its gradient as it is; recipe.{wrong[0]} changes them. "
            f"Leave it out, or use another optimizer."
        )


def _rosenblatt(recipe: Recipe, task: Task, examples: int) -> None:
    """Rosenblatt's rule is plain descent on the loss of its name, one example at a time, for classes alone."""
    if isinstance(task, Supervised) and task.field.kind != "category":
        raise SettingError(
            f"optimizer='rosenblatt' decides between classes, and {task.field.name!r} is a {task.field.kind}. "
            f"Choose a target of classes, or use optimizer=sgd."
        )
    loss = getattr(task, "loss_name", task.name)
    if recipe.batch_size == 1 and recipe.accumulate == 1 and loss == "perceptron":
        return
    said = f"batch_size={recipe.batch_size}, accumulate={recipe.accumulate} and loss={loss!r}"
    raise SettingError(
        f"optimizer='rosenblatt' corrects mistakes one example at a time, which is descent on the loss 'perceptron' with "
        f"batch_size=1; here are {said}. Use the network perceptron, which sets both, or optimizer=sgd."
    )


NEEDS: dict[str, Callable[[Recipe, Task, int], None]] = {"lbfgs": _lbfgs, "rosenblatt": _rosenblatt}
