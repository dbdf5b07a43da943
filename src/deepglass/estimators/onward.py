"""Onward: where a training ended, so that another one, perhaps on other examples, goes on from there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from deepglass.training.records import Epoch
from deepglass.training.training import Training


@dataclass(frozen=True)
class Onward:
    """What a training knows besides its network and its history.

    Args:
        pace: how far the learning rate has come down.
        optimizers: of each player the kind of its optimizer, and the optimizer's tensors.
    """

    steps: int = 0
    pace: Mapping[str, Any] | None = None
    optimizers: Mapping[str, tuple[str, Mapping[str, Tensor]]] | None = None

    @classmethod
    def of(cls, training: Training) -> "Onward":
        optimizers = {player.name: (player.kind, player.tensors()) for player in training.players}
        return cls(training.step_number, training.pace.state(), optimizers)

    def hand_to(self, training: Training, history: Sequence[Epoch]) -> None:
        """Let `training` follow the epochs of `history`. An optimizer of another kind begins anew."""
        training.history, training.step_number = list(history), self.steps
        training.pace.load(dict(self.pace or {}))
        for player in training.players:
            kind, tensors = (self.optimizers or {}).get(player.name, ("", {}))
            if kind == player.kind:
                player.load_tensors(tensors)

    def on_processor(self) -> "Onward":
        """Return it with all tensors in main memory."""
        moved = {
            player: (kind, {name: tensor.cpu() for name, tensor in tensors.items()})
            for player, (kind, tensors) in (self.optimizers or {}).items()
        }
        return replace(self, optimizers=moved)
