"""Stepping: one step of all players, from batches to new weights."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from torch import Tensor, nn

from deepglass.data import Batch
from deepglass.randomness import Noise, seed_dropout
from deepglass.tasks import Task
from deepglass.training.execution import Execution
from deepglass.training.gradients import Losses, differentiate
from deepglass.training.guard import Guard
from deepglass.training.optimizers import LBFGS
from deepglass.training.pace import Pace
from deepglass.training.players import Player
from deepglass.training.recipe import Recipe


@dataclass
class Stepper:
    """Takes the steps of one training. What is switched off in the recipe costs nothing here."""

    execution: Execution
    task: Task
    players: Sequence[Player]
    recipe: Recipe
    pace: Pace
    guard: Guard
    draws: bool = True  # whether a step by hand may draw random numbers
    clips: bool = field(init=False)
    paced: bool = field(init=False)

    def __post_init__(self) -> None:
        self.clips = self.recipe.clip_value is not None or self.recipe.clip_norm is not None
        self.paced = self.pace.varies

    def take(self, batches: Sequence[Batch], step: int, epoch: int) -> Losses:
        """Take step `step`, counted from 0, on the batches of one step, and return the losses, still on the device."""
        recorded: Losses = {}
        if self.paced:
            for player in self.players:
                player.use_share(self.pace.share(step))
        for index, player in enumerate(self.players):
            if not self.task.plays(player.name, step):
                continue
            losses, side_by_side = self._differentiate(index, batches, step, epoch)
            self.guard.inspect(player, batches, losses, step + 1, side_by_side)
            if isinstance(player.optimizer, LBFGS):
                self._search(player.optimizer, index, batches, losses["loss"], step, epoch)
            else:  # clipping after the guard, because it makes all gradients nan when one is; penalties are never clipped
                if self.clips and (norm := player.clip(self.recipe.clip_value, self.recipe.clip_norm)) is not None:
                    losses = {**losses, "gradient_norm": norm}
                if player.penalty.has_l1:
                    player.penalty.add_l1_gradient()
                player.step()
            prefix = "" if len(self.players) == 1 else f"{player.name}_"
            for part, value in losses.items():
                recorded[prefix + part] = value.detach() if value.requires_grad else value
        return recorded

    def _differentiate(
        self, index: int, batches: Sequence[Batch], step: int, epoch: int
    ) -> tuple[Losses, Tensor | None]:
        """Set the gradients of one player's loss, and return the loss with its parts, and the gradients in one where they are."""
        player = self.players[index]
        by_hand = self.execution.by_hand
        if self.draws or by_hand is None:
            seed_dropout(self.recipe.seed, step, index)
        if by_hand is not None and len(batches) == 1:
            assert self.execution.chain is not None
            return by_hand(batches[0]), self.execution.chain.gradients
        player.optimizer.zero_grad()

        def losses_of(batch: Batch) -> Losses:
            noise = Noise(self.recipe.seed, epoch, batch.ids, f"player {player.name}")
            losses = self.execution.losses(batch, player.name, noise)
            self.task.carry = {name: value.detach() for name, value in self.task.carry.items()}
            return losses

        return differentiate(losses_of, batches, player.parameters.values(), self.task.weight_of), None

    def _search(
        self, optimizer: LBFGS, index: int, batches: Sequence[Batch], loss: Tensor, step: int, epoch: int
    ) -> None:
        """Take a step of an optimizer that looks at the whole objective several times, each time with the same dropout."""
        penalty, carry = self.players[index].penalty, self.task.carry

        def objective() -> Tensor:
            self.task.carry = carry
            return penalty.add_l2(self._differentiate(index, batches, step, epoch)[0]["loss"].detach())

        optimizer.search(penalty.add_l2(loss.detach()), objective)


def may_draw(execution: Execution) -> bool:
    """Whether a step by hand may draw random numbers: in dropout, or in a loss function of the user's."""
    drops = any(isinstance(m, nn.modules.dropout._DropoutNd) for m in execution.network.modules())
    return drops or execution.chain is None or execution.chain.closed is None
