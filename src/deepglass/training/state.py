"""State: all that a training is at one moment, as tensors by name and plain values."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from torch import Tensor

from deepglass.errors import TrainingError
from deepglass.training.records import history_hash
from deepglass.training.running import Running

if TYPE_CHECKING:
    from deepglass.training.training import Training


def state_of(training: "Training") -> dict[str, Any]:
    """Return all of the training's state: `tensors` by name, plain `values`, and the `history`."""
    tensors = {f"network.{n}": v for n, v in training.network.state_dict().items()}
    tensors |= {f"best.{n}": v for n, v in training.best.items()}
    tensors |= {f"carry.{n}": v for n, v in training.task.carry.items()}
    tensors |= {f"running.{n}": v for n, v in training.running.tensors().items()}
    if training.average is not None:
        tensors |= {f"average.{n}": v for n, v in training.average.values.items()}
    if training.prober is not None:
        tensors |= {f"probes.{n}": v for n, v in training.prober.tensors().items()}
    for player in training.players:
        tensors |= {f"optimizer.{player.name}.{n}": v for n, v in player.tensors().items()}
    values = {
        "epoch": len(training.history),
        "step": training.step_number,
        "position": training.position,
        "seconds": training.seconds,
        "stopping": training.stopping.state(),
        "pace": training.pace.state(),
        "history": history_hash(training.history),
        "recipe": training.recipe.model_dump(),
        "optimizers": {player.name: player.kind for player in training.players},
        "threads": training.threads,
    }
    copies = {n: v.detach().to("cpu", copy=True) for n, v in tensors.items()}
    return {"tensors": copies, "values": values, "history": list(training.history)}


def load_state(training: "Training", state: Mapping[str, Any]) -> None:
    """Go on from a saved state: what follows is what would have followed, to the last bit.

    Raises: TrainingError, when the history is not the one that belongs to the state.
    """
    values, tensors = state["values"], _Parts(state["tensors"])
    history = list(state["history"])[: values["epoch"]]
    if history_hash(history) != values["history"]:
        raise TrainingError(
            f"The history does not belong to this state (epoch {values['epoch']}). Start afresh, or restore it."
        )
    training.network.load_state_dict(tensors.of("network"))
    training.best = {n: v.to(training.device) for n, v in tensors.of("best").items()}
    training.task.carry = {n: v.to(training.device) for n, v in tensors.of("carry").items()}
    training.running = Running(tensors.of("running"))
    for player in training.players:
        if values.get("optimizers", {}).get(player.name, player.kind) == player.kind:  # another one begins anew
            player.load_tensors(tensors.of(f"optimizer.{player.name}"))
    training.history, training.step_number = history, values["step"]
    training.position, training.seconds = values["position"], values["seconds"]
    training.stopping.load(values["stopping"])
    training.pace.load(values.get("pace", {}))
    if training.average is not None:
        training.average.load(tensors.of("average") or tensors.of("network"))
    if training.prober is not None:
        training.prober.resume(tensors.of("probes"), training.step_number)
    training.threads = training.recipe.threads or values["threads"]


class _Parts(dict[str, Tensor]):
    def of(self, part: str) -> dict[str, Tensor]:
        return {n.removeprefix(part + "."): v for n, v in self.items() if n.startswith(part + ".")}
