"""Output: what the last layer gives, what the loss takes, and what the target asks for."""

from typing import Any

from deepglass.data import Dataset
from deepglass.tasks import Supervised
from deepglass.tasks.fit import RANGES
from deepglass.tasks.losses import LOSSES
from deepglass.tasks.supervised import OUTPUT_OF


def output(task: Supervised, data: Dataset) -> dict[str, Any]:
    """Return what is known of the three, as words of `tasks.fit`, and the sentences of `task.alarms`.

    low, high: what the last layer can give, where that is limited.
    """
    loss = LOSSES.get(task.loss_name) if not callable(task.loss) else None
    last = task.last_layer.lower().replace("_", "")
    low, high = RANGES.get(last, (None, None))
    return {
        "last_layer": task.last_layer,
        "gives": OUTPUT_OF.get(last, "logits" if task.field.kind != "number" else "values"),
        "outputs": task.outputs,
        "loss": task.loss_name,
        "own_loss": callable(task.loss),
        "takes": loss.takes if loss else "",
        "loss_for": loss.target if loss else "",
        "target": task.field.kind,
        "classes": len(task.field.classes) if task.field.kind == "category" else 0,
        "low": low,
        "high": high,
    }
