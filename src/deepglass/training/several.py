"""Several: which trainings a list of recipes and of seeds asks for."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from deepglass.errors import SettingError
from deepglass.training.recipe import Recipe
from deepglass.training.spec import Spec


def recipes_of(recipe: Any) -> Sequence[Any]:
    """The recipes that were given, one or several. Raises: SettingError, when there is none, or one is something else."""
    found = recipe if isinstance(recipe, list | tuple) else [recipe]
    if not found:
        raise SettingError(
            "recipe=[] holds none. Give some, such as [dg.Recipe(learning_rate=1e-3), dg.Recipe(learning_rate=1e-2)]."
        )
    for one in found:
        if one is not None and not isinstance(one, Recipe | Mapping):
            raise SettingError(
                f"recipe: {one!r:.60} is none. Give dg.Recipe(epochs=5), or a dictionary of such settings."
            )
    return found


def seeds_of(seeds: int | Iterable[int] | None, own: int) -> list[int]:
    """The seeds to train with, `own` where none are asked for. Raises: SettingError, for none at all, or one twice."""
    try:
        found = [own] if seeds is None else list(range(seeds) if isinstance(seeds, int) else seeds)
    except TypeError:
        found = []
    if not found or len(set(found)) < len(found):
        raise SettingError(
            f"{seeds=} names no seed, or one twice. Give how many, such as 5, or different ones, such as [3, 7]."
        )
    return found


def named_specs(specs: Sequence[Spec], seeds: int | Iterable[int] | None, *, several: bool) -> dict[str, Spec]:
    """What each training is called -> its spec. Args: specs: one for each recipe; several: whether there is a list of them."""
    found, seeds = {}, list(seeds) if isinstance(seeds, Iterable) else seeds
    for k, spec in enumerate(specs):
        for number in seeds_of(seeds, spec.recipe.seed):
            name = "-".join([f"recipe-{k}"] * several + [f"seed-{number}"] * (seeds is not None))
            found[name] = spec.with_({"recipe.seed": number})
    return found
