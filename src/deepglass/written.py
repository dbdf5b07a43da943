"""Written: texts that a trained network writes."""

from collections.abc import Sequence
from typing import Any

from torch import nn

from deepglass.errors import RunError, SettingError
from deepglass.names import suggestion
from deepglass.tasks import LanguageModelling, Task
from deepglass.tasks.generation import Asked
from deepglass.training.measuring import evaluating

INSTEAD = {"translation": "Use run.predict (deepglass predict), which translates."}


def written(network: nn.Module, task: Task, starts: Sequence[str], **settings: Any) -> list[str]:
    """Go on from each start; see `Run.generate`. Raises: RunError, SettingError, DataError."""
    if not isinstance(task, LanguageModelling):
        raise RunError(
            f"This run has learned {task.name}, and only language_modelling goes on writing a text. "
            f"{INSTEAD.get(task.name, 'Train one on a plain text: deepglass train TEXT.txt --network lstm.')}"
        )
    known = list(Asked.__dataclass_fields__)
    for name in settings:
        if name not in known:
            raise SettingError(
                f"There is no setting {name!r} of generate.{suggestion(name, known)} Known: {', '.join(known)}."
            )
    if not starts:
        raise SettingError("There is no start to go on from. Give one or more texts.")
    with evaluating(network):
        return task.generate(network, starts, Asked(**settings))
