"""Look: one look at a network and at the step that follows, on the rows of the probe batch."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.data import Batch
from deepglass.probes.aside import aside
from deepglass.probes.described import layers_of
from deepglass.probes.evidence import Layer
from deepglass.probes.layers import parts_of
from deepglass.probes.modes import has_modes, learns_plainly
from deepglass.probes.parameters import dot, gradient_quantities, norms, together, update_quantities, weight_quantities
from deepglass.probes.parcel import Parcel
from deepglass.probes.recorder import Recorder
from deepglass.probes.whole import MOST_CLASSES, class_shares, mode_gap, output_quantities, outputs_of
from deepglass.randomness import Noise
from deepglass.tasks import Classification, Task

Gradients = dict[str, Tensor]
OUTPUT_LOSS = "output_loss"  # of the output alone, in a task's losses, where heads in the middle add theirs


class Look:
    """Measures into `parcel`: `before` the state as it is, `after` where the step led. Nothing is fetched from the device."""

    def __init__(
        self, network: nn.Module, task: Task, batches: Sequence[Batch], seed: int, optimized: set[int]
    ) -> None:
        self.network, self.task, self.batches, self.seed, self.optimized = network, task, batches, seed, optimized
        self.parcel = Parcel()
        self.at = self.epoch = 0
        self.rows = sum(map(len, batches))
        self.parts = parts_of(network)
        self.recorder: Recorder | None = None
        self.weights: dict[str, Tensor] = {}  # before the step
        self.gradient: Gradients = {}  # on the rows, before the step

    def before(self) -> None:
        """Measure activations, gradients, weights and both modes of the network as it is."""
        with aside(self.network, self.seed) as originals, torch.enable_grad():
            self.recorder = Recorder(self.network, self.parts, originals)
            with outputs_of(self.network) as in_training:
                losses, halves = self._differentiate(self.recorder)
        in_evaluation, evaluated = in_training, losses["loss"]
        if not learns_plainly(self.task) or has_modes(self.network):
            in_evaluation, evaluated = self._evaluate()
        self.gradient = _mean(halves, self._shares())
        put = self.parcel.put
        self.parcel.put_all(losses, "network")
        put("network", "loss_evaluated", value=evaluated)
        self.parcel.put_all(output_quantities(in_evaluation), "network")
        self.parcel.put_all(mode_gap(in_training, in_evaluation), "network")
        if self.gradient:
            put("network", "gradient_norm", value=together(norms(list(self.gradient.values()))))
        self._put_classes(in_evaluation)
        self._put_layers(halves)
        self.weights = {name: p.detach().clone() for part in self.parts.values() for name, p in part.parameters.items()}

    def after(self) -> None:
        """Measure how far the step went, and where it led on the same rows with the same dropout."""
        for part in self.parts.values():
            self.parcel.put_all(update_quantities(part, self.weights), "layer", part.name)
        with aside(self.network, self.seed), torch.enable_grad():
            losses, halves = self._differentiate(None)
        self.parcel.put("network", "loss_after", value=losses["loss"])
        gradient = _mean(halves, self._shares())
        both = [name for name in self.gradient if name in gradient]
        if not both:
            return
        first, second = ({name: g[name] for name in both} for g in (self.gradient, gradient))
        now = {n: p.detach() for part in self.parts.values() for n, p in part.parameters.items()}
        step = {name: now[name] - self.weights[name] for name in both}
        sizes = together(norms(list(first.values()))) * together(norms(list(second.values())))
        self.parcel.put("network", "slope_before", value=dot(first, step))
        self.parcel.put("network", "slope_after", value=dot(second, step))
        self.parcel.put("network", "gradient_cosine", value=dot(first, second) / sizes)

    def layers(self, known: tuple[Layer, ...]) -> tuple[Layer, ...]:
        """Return the layers of the network, those `known` from earlier looks in their places."""
        assert self.recorder is not None
        return layers_of(self.parts.values(), self.recorder, self.optimized, len(self.batches), known)

    def _differentiate(self, recorder: Recorder | None) -> tuple[dict[str, Tensor], list[Gradients]]:
        """Return the loss of the first player on the rows, with that of the output alone where the network has heads besides, and
        each half's gradients by the names of parameters."""
        names = {id(p): n for part in self.parts.values() for n, p in part.parameters.items()}
        losses: dict[str, list[Tensor]] = {}
        halves: list[Gradients] = []
        for batch in self.batches:
            gradients: Gradients = {}
            for number, (player, module) in enumerate(self.task.players(self.network).items()):
                learning = [p for p in module.parameters() if p.requires_grad]
                if recorder is None:
                    said = self._losses(batch, player)
                    found = _gradients(said["loss"], learning)
                else:
                    with recorder.listening(len(batch)):
                        said = self._losses(batch, player)
                        found = _gradients(said["loss"], learning)
                gradients |= {names[id(p)]: g for p, g in zip(learning, found) if g is not None}
                if number == 0:
                    for name in ("loss", OUTPUT_LOSS):
                        if name in said:
                            losses.setdefault(name, []).append(said[name].detach())
            halves.append(gradients)
        return {name: _weighted(values, self._shares()) for name, values in losses.items()}, halves

    def _evaluate(self) -> tuple[list[Tensor], Tensor]:
        """Return what the network says of the rows in evaluation mode, and the loss of the first player."""
        with aside(self.network, self.seed), torch.no_grad(), outputs_of(self.network) as said:
            self.network.eval()
            player = next(iter(self.task.players(self.network)))
            losses = [self._losses(batch, player)["loss"].detach() for batch in self.batches]
        return said, _weighted(losses, self._shares())

    def _losses(self, batch: Batch, player: str) -> Mapping[str, Tensor]:
        apart = copy.copy(self.task)  # what it carries from batch to batch is not the training's
        apart.carry = apart.start_carry(len(batch), batch.ids.device)
        return apart.losses(self.network, batch, player, Noise(self.seed, 0, batch.ids, f"probe {player}"))

    def _shares(self) -> list[Any]:
        """How much each half counts in the mean over the rows."""
        counts = [self.task.weight_of(batch) for batch in self.batches]
        total = sum(counts)
        return [count / total for count in counts]

    def _put_layers(self, halves: list[Gradients]) -> None:
        assert self.recorder is not None
        for name, outputs in self.recorder.heard.items():
            self.parcel.put_all(outputs.measured(), "layer", name)
        for name, found in self.recorder.normalization.items():
            both = {q: torch.stack([one[q] for one in found]).mean() for q in found[0]}
            self.parcel.put_all(both, "layer", name)
        for part in self.parts.values():
            self.parcel.put_all(weight_quantities(part), "layer", part.name)
            learning = {n: p for n, p in part.parameters.items() if p.requires_grad}
            gradients = [self.gradient.get(name) for name in learning]
            self.parcel.put_all(gradient_quantities(gradients, list(learning.values())), "layer", part.name)
            if len(halves) == 2 and any(g is not None for g in gradients):
                self.parcel.put("layer", part.name, "gradient_snr", value=_signal_to_noise(halves, learning))

    def _put_classes(self, said: list[Tensor]) -> None:
        task = self.task
        if not isinstance(task, Classification) or not said or len(task.field.classes) > MOST_CLASSES:
            return
        classes = len(task.field.classes)
        codes = torch.cat([task.interpret(y)["class"] for y in said])
        truth = torch.cat([task.target_of(batch) for batch in self.batches])
        self.parcel.put("network", "predicted_shares", value=class_shares(codes, classes))
        self.parcel.put("network", "target_shares", value=class_shares(truth, classes))


def _gradients(loss: Tensor, learning: list[nn.Parameter]) -> Sequence[Tensor | None]:
    if not loss.requires_grad or not learning:
        return [None] * len(learning)
    return torch.autograd.grad(loss, learning, allow_unused=True)


def _signal_to_noise(halves: list[Gradients], learning: Mapping[str, Any]) -> Tensor:
    """The norm of the mean of two gradients over that of half their difference, which is its standard error.

    With many parameters the noise is known well although the halves are but two: each parameter adds one difference.
    """
    first, second = halves
    names = [name for name in learning if name in first and name in second]
    total = together(norms([first[name] + second[name] for name in names]))
    return total / together(norms([first[name] - second[name] for name in names]))


def _mean(halves: list[Gradients], shares: list[Any]) -> Gradients:
    names = [name for name in halves[0] if all(name in half for half in halves)]
    return {name: sum(half[name] * share for half, share in zip(halves, shares)) for name in names}


def _weighted(values: list[Tensor], shares: list[Any]) -> Tensor:
    return torch.stack([value * share for value, share in zip(values, shares)]).sum()
