"""Guard: no update is made with a loss or a gradient that is not finite."""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from deepglass.data import Batch
from deepglass.errors import TrainingError
from deepglass.training.players import Player

NAMED = 5  # samples of a batch that a message names
CURES = {"lbfgs": "Scale the inputs, or use optimizer=adam.", "rosenblatt": "Lower learning_rate, or scale the inputs."}
USUAL_CURE = "Lower learning_rate, or set clip_norm=1."
LOOK_EVERY = 50  # steps between looks at the flag where a look makes the host wait for the device


class Guard:
    """Looks at each loss and gradient before the update.

    Where reading a number costs nothing, on the processor, it reads the sum of each gradient, which is finite only where all of
    its numbers are: one reading pass, and a closer look where the sum is not finite. On another device a flag goes up at the first
    loss or gradient that is not finite, and stays up. Optimizers that know the flag skip their update while it is up, so the host
    needs to read it now and then only.

    Args: called: what a message calls a sample, from its id.
    """

    def __init__(self, device: torch.device, called: Callable[[int], str] = str) -> None:
        self.called = called
        self.flag = torch.zeros((), device=device)
        self.one = torch.ones((), device=device)
        self.waits = device.type != "cpu"

    def inspect(
        self,
        player: Player,
        batches: Sequence[Batch],
        losses: dict[str, Tensor],
        step: int,
        side_by_side: Tensor | None = None,
    ) -> None:
        """Look at the gradients of a player, as its loss over the batches of a step gave them.

        Args: side_by_side: all of these gradients in one tensor, where they lie like that in memory.
        Raises: TrainingError, naming step, layer and samples.
        """
        if side_by_side is None:
            gradients = [p.grad for p in player.parameters.values() if p.grad is not None]
        else:
            gradients = [side_by_side]
        if not self.waits:
            total: float = losses["loss"].item()  # which may be infinite where its gradient is not
            for gradient in gradients:
                total += gradient.sum().item()
            if not math.isfinite(total) and not _all_finite([losses["loss"], *gradients]):
                raise self._error(player, batches, losses, step)
            return
        # One pass over all of these that raises the flag and multiplies by 1; public functions need a pass for each.
        torch._amp_foreach_non_finite_check_and_unscale_([*gradients, losses["loss"].detach()], self.flag, self.one)
        if player.masks_updates:
            player.optimizer.found_inf = self.flag  # type: ignore[attr-defined]
        if (not player.masks_updates or step % LOOK_EVERY == 0) and self.flag:
            raise self._error(player, batches, losses, step)

    def _error(self, player: Player, batches: Sequence[Batch], losses: dict[str, Tensor], step: int) -> TrainingError:
        """Say what happened."""
        bad = [n for n, p in player.parameters.items() if p.grad is not None and not bool(p.grad.isfinite().all())]
        ids = torch.cat([batch.ids for batch in batches])
        wrong = [
            (n, batch.ids[~v.reshape(len(v), -1).isfinite().all(dim=1)])
            for batch in batches
            for n, v in batch.fields.items()
            if isinstance(v, Tensor) and v.is_floating_point() and not bool(v.isfinite().all())
        ]
        # Backwards from a finite loss the last layer comes first; a loss that is not finite spoils the gradients of all.
        first = bad[-1 if bool(losses["loss"].isfinite()) else 0] if bad else ""
        rate = player.learning_rate
        cause = (
            f"The field {wrong[0][0]!r} holds values that are not finite: correct the data."
            if wrong
            else CURES.get(player.kind, USUAL_CURE)
        )
        meant = wrong[0][1] if wrong else ids
        samples = ", ".join(self.called(i) for i in meant[:NAMED].tolist()) + (", ..." if len(meant) > NAMED else "")
        gradient = f" and the gradient of {first} is not finite" if first else ""
        return TrainingError(
            f"The loss is {float(losses['loss'].detach()):.4g}{gradient} at step {step} "
            f"(learning_rate={rate}, samples {samples}). The update was not made. {cause}"
        )


def _all_finite(tensors: Sequence[Tensor]) -> bool:
    """Whether it was only a sum that went beyond all numbers."""
    return all(bool(tensor.isfinite().all()) for tensor in tensors)


def check_weights(player: Player, step: int) -> None:
    """Raise TrainingError when a step from a finite gradient went beyond all numbers, so that such weights are never saved."""
    for name, parameter in player.parameters.items():
        if not bool(parameter.isfinite().all()):
            raise TrainingError(
                f"The weights of {name} are not finite after step {step} (learning_rate={player.learning_rate}). They were "
                f"not saved. {CURES.get(player.kind, USUAL_CURE)}"
            )
