"""Sampling: which rule of order a training follows, from its recipe, its task and its data."""

from torch import Tensor

from deepglass.data import Dataset
from deepglass.errors import SettingError
from deepglass.training.recipe import Recipe


def order_rule(recipe: Recipe, task_order: str, data: Dataset) -> str:
    """Return the name of a rule of `data/order.py`.

    Raises: SettingError, when the recipe asks for draws that the task or the data cannot give.
    """
    if recipe.sampling == "shuffled":
        if recipe.shuffle and task_order == "shuffled" and data.lengths("train") is not None:
            return "bucketed"  # like lengths together, so that little of a batch is padding
        return task_order if recipe.shuffle or task_order == "lanes" else "sequential"
    asked = f"recipe.sampling={recipe.sampling!r}"
    if not recipe.shuffle:
        raise SettingError(f"{asked} draws at random, and recipe.shuffle=false asks for a fixed order. Leave one out.")
    if task_order != "shuffled":
        raise SettingError(
            f"{asked} draws single examples, and this task needs the order {task_order!r}. Leave it out."
        )
    if recipe.sampling == "balanced" and data.codes("train") is None:
        raise SettingError(
            f"{asked} shows each class equally often, and {data.name} has no classes that are known before it is read. "
            "Use sampling='shuffled', with a weight for each example if some are to count more."
        )
    return recipe.sampling


def order_needs(rule: str, data: Dataset) -> dict[str, Tensor | None]:
    """What the rule draws from beside the ids: lengths or classes of the training examples, looked up only where they count."""
    return {
        "lengths": data.lengths("train") if rule == "bucketed" else None,
        "classes": data.codes("train") if rule == "balanced" else None,
    }
