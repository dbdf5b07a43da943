"""Execution: one training's way of taking gradients, chosen by rule."""

from collections.abc import Callable
from typing import TypeGuard

import torch
from torch import Tensor, nn

from deepglass.data import Batch
from deepglass.randomness import Noise
from deepglass.tasks import Supervised, Task
from deepglass.training.execution.chain import Chain, is_chain
from deepglass.training.execution.hooks import Hooks
from deepglass.training.execution.native import maps
from deepglass.training.execution.precision import LEAST_STEP, Precision
from deepglass.training.execution.product import is_wide
from deepglass.training.execution.row import layers_in_a_row
from deepglass.training.execution.view import View

Losses = dict[str, Tensor]
KNOWN = ("torch.nn.", "deepglass.layers.", "deepglass.networks.")  # whose forward depends on weights and inputs alone


class Execution:
    """How a network's outputs and gradients are computed in training.

    Args:
        view, chain: quicker forms of the network; None for the network as it is.
        low: whether what autograd runs goes through torch's autocast to bfloat16.
    """

    def __init__(self, network: nn.Module, task: Task, view: View | None, chain: Chain | None, low: bool) -> None:
        self.network, self.task, self.view, self.low = network, task, view, low
        self.chain = chain
        self.precision = "bfloat16" if low or (chain is not None and chain.low) else "float32"
        self.hooks = Hooks(network)
        self.begin()

    @property
    def rewrites(self) -> list[str]:
        """What differs from the network as it is written, for the record of the run."""
        written = [] if self.chain is None else ["derivatives written out"]
        if self.kernels == "native":
            written.append("maps in fewer passes")
        if self.view is None:
            return written
        return [*written, *self.view.rewrites, *(["channels last"] if self.view.channels_last else [])]

    @property
    def kernels(self) -> str:
        """Whose passes over maps of features are taken: "native" where they were compiled for this machine, else "torch"."""
        convolves = self.chain is not None and any(isinstance(m, nn.Conv2d) for m in self.network.modules())
        return "native" if convolves and self.precision == "bfloat16" and maps() is not None else "torch"

    def begin(self) -> None:
        """Take over the modes that the network's parts are in, and which of them learn."""
        if self.view is not None:
            self.view.follow()
        if self.chain is not None:
            self.chain.follow()

    @property
    def module(self) -> nn.Module:
        """What is run for the network: the network itself while somebody's hooks are on it."""
        return self.network if self.view is None or self.hooks.are_there else self.view.module

    @property
    def by_hand(self) -> Callable[[Batch], Losses] | None:
        """Sets the gradients of a batch without autograd, where that can be done."""
        return None if self.chain is None or self.hooks.are_there else self.chain.differentiate

    @property
    def rounded_input(self) -> str | None:
        """The field that nobody takes but the first layer, which rounds it to bfloat16."""
        chain = self.chain
        if chain is None or self.by_hand is None or not chain.rounds_input or chain.closed is None:
            return None
        return None if chain.input in chain.task.targets else chain.input

    def losses(self, batch: Batch, player: str, noise: Noise) -> Losses:
        """The task's losses on a batch, with their graph."""
        task, low = self.task, torch.autocast(batch.ids.device.type, torch.bfloat16, enabled=self.low)
        if learns_plainly(task):
            given = batch.pick(task.inputs)
            if self.chain is not None:  # whose input may have come in bfloat16 before there were hooks
                given[self.chain.input] = given[self.chain.input].float()
            with low:
                output = task.output_of(self.module, given)
            return task.losses_of(output.float() if self.low else output, batch)
        with low:
            return task.losses(self.module, batch, player, noise)


def execution_for(
    network: nn.Module, task: Task, precision: Precision, *, rewrites: bool, examples: int, multiply_adds: int
) -> Execution:
    """Choose how a network is carried out.

    Args:
        rewrites: whether quicker forms may be used.
        examples: the size of a batch. multiply_adds: those of its way forward.
    """
    plainly = learns_plainly(task)
    asked = precision.low and not precision.least
    low = asked or ((plainly or task.takes_any_precision) and precision.low and multiply_adds >= LEAST_STEP)
    convolves = any(isinstance(m, nn.Conv2d) for m in network.modules())
    chain = None
    if rewrites and plainly and len(task.inputs) == 1 and is_chain(network):
        assert isinstance(task, Supervised)
        chain = Chain(list(layers_in_a_row(network)), task, examples, Precision(low) if convolves else precision)
        if not convolves:
            wide = any(map(is_wide, network.modules())) and made_of_known(network)
            view = View(network, rewrites, channels_last=False) if wide else None  # which it is measured by
            return Execution(network, task, view, chain, False)
    drops = rewrites and any(type(m) is nn.Dropout and m.p for m in network.modules())
    gains = (convolves or drops) if plainly else (drops and not convolves and task.takes_any_precision)
    view = View(network, rewrites, convolves) if gains and made_of_known(network) else None
    return Execution(network, task, view, chain, low)


def learns_plainly(task: Task) -> TypeGuard[Supervised]:
    """Whether a task's loss is that of the network's output on its inputs, so that both can be had apart."""
    return isinstance(task, Supervised) and type(task).losses is Supervised.losses


def made_of_known(network: nn.Module) -> bool:
    """Whether a network is a row of torch's and our own layers, or one of ours, of which a copy can stand for the original."""
    whole = type(network) is nn.Sequential or type(network).__module__.startswith("deepglass.networks.")
    return whole and all(type(m).__module__.startswith(KNOWN) for m in network.modules())
