"""Guard: no update is made with a loss or a gradient that is not finite."""

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
    """A flag on the device that goes up at the first loss or gradient that is not finite, and stays up.

    Optimizers that know the flag skip their update while it is up, so the host needs to read it now and then only.

    Args: called: what a message calls a sample, from its id.
    """

    def __init__(self, device: torch.device, called: Callable[[int], str] = str) -> None:
        self.called = called
        self.flag = torch.zeros((), device=device)
        self.one = torch.ones((), device=device)
        self.waits = device.type != "cpu"

    def inspect(self, player: Player, batches: Sequence[Batch], losses: dict[str, Tensor], step: int) -> None:
        """Look at the gradients of a player, as its loss over the batches of a step gave them.

        Raises: TrainingError, naming step, layer and samples.
        """
        gradients = [p.grad for p in player.parameters.values() if p.grad is not None]
        gradients.append(losses["loss"].detach())  # which may be infinite where its gradient is not
        # One pass over all of these that raises the flag and multiplies by 1; public functions need a pass for each.
        torch._amp_foreach_non_finite_check_and_unscale_(gradients, self.flag, self.one)
        if player.masks_updates:
            player.optimizer.found_inf = self.flag  # type: ignore[attr-defined]
        if not self.waits or not player.masks_updates or step % LOOK_EVERY == 0:
            self.look(player, batches, losses, step)

    def look(self, player: Player, batches: Sequence[Batch], losses: dict[str, Tensor], step: int) -> None:
        """Read the flag, and say what happened when it is up."""
        if not self.flag:
            return
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
        raise TrainingError(
            f"The loss is {float(losses['loss'].detach()):.4g}{gradient} at step {step} "
            f"(learning_rate={rate}, samples {samples}). The update was not made. {cause}"
        )


def check_weights(player: Player, step: int) -> None:
    """Raise TrainingError when a step from a finite gradient went beyond all numbers, so that such weights are never saved."""
    for name, parameter in player.parameters.items():
        if not bool(parameter.isfinite().all()):
            raise TrainingError(
                f"The weights of {name} are not finite after step {step} (learning_rate={player.learning_rate}). They were "
                f"not saved. {CURES.get(player.kind, USUAL_CURE)}"
            )
