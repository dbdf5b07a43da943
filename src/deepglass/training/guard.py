"""Guard: no update is made with a gradient that is not finite."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from deepglass.data import Batch
from deepglass.errors import TrainingError
from deepglass.training.players import Player

NAMED = 5  # samples of a batch that a message names
CURES = {"lbfgs": "Scale the inputs, or use optimizer=adam.", "rosenblatt": "Lower learning_rate, or scale the inputs."}
LOOK_EVERY = 50  # steps between looks at the flag where a look makes the host wait for the device


class Guard:
    """A flag on the device that goes up at the first gradient that is not finite, and stays up.

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
        # One pass over all gradients that raises the flag and multiplies by 1; public functions need a pass for each.
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
        rate = player.learning_rate
        cause = (
            f"The field {wrong[0][0]!r} holds values that are not finite: correct the data."
            if wrong
            else CURES.get(player.kind, "Lower learning_rate, or set clip_norm=1.")
        )
        meant = wrong[0][1] if wrong else ids
        samples = ", ".join(self.called(i) for i in meant[:NAMED].tolist()) + (", ..." if len(meant) > NAMED else "")
        raise TrainingError(
            f"The loss is {float(losses['loss'].detach()):.4g} and the gradient of {bad[0] if bad else player.name} is not "
            f"finite at step {step} (learning_rate={rate}, samples {samples}). The update was not made. {cause}"
        )
