"""Sight: one look into a network in the midst of somebody's own loop."""

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from deepglass.probes.activations import first_tensor
from deepglass.probes.aside import aside
from deepglass.probes.parameters import gradient_quantities, norms, together, update_quantities, weight_quantities
from deepglass.probes.parcel import Parcel
from deepglass.probes.recorder import Recorder
from deepglass.probes.told import Told
from deepglass.probes.whole import mode_gap, output_quantities

ROWS = 256  # of a batch that are looked at, at most
# loss -> its value for outputs and targets of as many rows
SCORES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "cross_entropy": lambda y, t: functional.cross_entropy(y, t.long()),
    "binary_cross_entropy": lambda y, t: functional.binary_cross_entropy_with_logits(y, t.reshape(y.shape).to(y)),
    "mse": lambda y, t: (y - t.reshape(y.shape)).square().mean(),
    "mae": lambda y, t: (y - t.reshape(y.shape)).abs().mean(),
    "huber": lambda y, t: functional.smooth_l1_loss(y, t.reshape(y.shape)),
}


class Sight:
    """One look: a call of the network is repeated aside in both modes; gradients and the update are read after the step."""

    def __init__(self, network: nn.Module, parts: Mapping[nn.Module, Any], step: int, epoch: int) -> None:
        self.network, self.parts, self.step, self.epoch = network, parts, step, epoch
        self.parcel = Parcel()
        self.recorder = Recorder(network, parts, {})
        self.rows, self.passes, self.seconds = 0, 1, 0.0
        self.seen: set[nn.Module] = set()
        self.outputs: tuple[list[Tensor], list[Tensor]] = ([], [])
        self.weights: dict[str, Tensor] = {}

    @torch.no_grad()
    def see(self, module: nn.Module, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> None:
        if module in self.seen:
            return
        self.seen.add(module)
        started = perf_counter()
        arguments, keywords, rows = first_rows(arguments, keywords)
        self.rows = max(self.rows, rows)
        with aside(self.network) as originals:
            self.recorder.originals = originals
            with self.recorder.listening(rows):
                in_training = first_tensor(module(*arguments, **keywords))
        with aside(self.network):
            self.network.eval()
            if "training" in keywords:  # Keras has its mode among the arguments
                keywords = {**keywords, "training": False}
            in_evaluation = first_tensor(module(*arguments, **keywords))
        if in_training is not None and in_evaluation is not None and in_training.ndim:
            self.outputs = [in_training], [in_evaluation]
        if not self.weights:
            for part in self.parts.values():
                self.parcel.put_all(weight_quantities(part), "layer", part.name)
                self.weights |= {n: p.detach().clone() for n, p in part.parameters.items()}
        self.seconds += perf_counter() - started

    @torch.no_grad()
    def judge(self, found: Told) -> None:
        """Measure the loss of the same rows in both modes, where the graph has told what it is and of what."""
        score = SCORES.get(found.loss)
        in_training, in_evaluation = (outputs[0] if outputs else None for outputs in self.outputs)
        if score is None or not found.is_plain or found.output or found.targets is None or in_training is None:
            return
        for name, y in (("batch_loss", in_training), ("batch_loss_evaluated", in_evaluation)):
            if y is not None and (pair := comparable(y, found)) is not None:
                self.parcel.put("network", name, value=score(*pair))

    @torch.no_grad()
    def measure_step(self) -> list[str]:
        """Measure the gradients that the optimizer has used, and what it did. Returns: parameters that had no gradient."""
        everything: list[Tensor] = []
        slope: list[Tensor] = []
        missing: list[str] = []
        for part in self.parts.values():
            self.parcel.put_all(update_quantities(part, self.weights), "layer", part.name)
            learning = {n: p for n, p in part.parameters.items() if p.requires_grad}
            missing += [name for name, p in learning.items() if p.grad is None]
            dense = {n: p for n, p in learning.items() if p.grad is None or not p.grad.is_sparse}
            gradients = [p.grad for p in dense.values()]
            self.parcel.put_all(gradient_quantities(gradients, list(dense.values())), "layer", part.name)
            everything += [g for g in gradients if g is not None]
            slope += [
                (p.grad.double() * (p - self.weights[n]).double()).sum()
                for n, p in dense.items()
                if p.grad is not None and n in self.weights
            ]
        if everything:
            self.parcel.put("network", "gradient_norm", value=together(norms(everything)))
        if slope:
            self.parcel.put("network", "slope_before", value=torch.stack(slope).sum())
        return missing

    def finish(self) -> dict[Any, Any]:
        for name, outputs in self.recorder.heard.items():
            self.parcel.put_all(outputs.measured(), "layer", name)
        for name, found in self.recorder.normalization.items():
            self.parcel.put_all(found[0], "layer", name)
        self.parcel.put_all(output_quantities(self.outputs[1]), "network")
        self.parcel.put_all(mode_gap(*self.outputs), "network")
        return dict(self.parcel.open())


def first_rows(arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any], int]:
    """Return the arguments of a call, of at most ROWS rows where all tensors agree on how many there are, and that number."""
    tensors = [v for v in [*arguments, *keywords.values()] if isinstance(v, Tensor) and v.ndim]
    sizes = {len(t) for t in tensors}
    rows = max(sizes, default=0)
    if len(sizes) != 1 or rows <= ROWS:
        return arguments, dict(keywords), rows

    def cut(value: Any) -> Any:
        return value[:ROWS] if isinstance(value, Tensor) and value.ndim else value

    return tuple(map(cut, arguments)), {n: cut(v) for n, v in keywords.items()}, ROWS


def comparable(y: Tensor, found: Told) -> tuple[Tensor, Tensor] | None:
    """The outputs and targets that a loss compares, in its own shapes; None where the loop has turned the outputs otherwise.

    Outputs at each step, (rows, steps, classes), are often made (rows x steps, classes) for the loss.
    """
    assert found.targets is not None
    if not found.targets.ndim:  # one example without an axis for it
        return None
    if found.loss != "cross_entropy":
        targets = found.targets[: len(y)]
        return (y, targets) if targets.numel() == y.numel() else None
    if found.compared[1:] != y.shape[1:]:
        if len(found.compared) != 2 or found.compared[1] != y.shape[-1]:
            return None
        y = y.flatten(0, -2)
    targets = found.targets[: len(y)]
    return (y, targets) if targets.shape in ((len(y), *y.shape[2:]), y.shape) else None
