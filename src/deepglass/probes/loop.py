"""Loop: what happens in somebody's own training loop, told event by event, becomes evidence."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.probes.activations import first_tensor
from deepglass.probes.described import layers_of
from deepglass.probes.evidence import Evidence
from deepglass.probes.examples import Kept, Sample, tensors_of
from deepglass.probes.graph import told
from deepglass.probes.held import dropouts_of, hidden_in
from deepglass.probes.layers import parts_of, plain_name
from deepglass.probes.parameters import norms, together
from deepglass.probes.records import add_records, header, probe_record, stored
from deepglass.probes.schedule import is_probed
from deepglass.probes.sight import Sight
from deepglass.probes.through_time import heard_of_steps
from deepglass.probes.windows import Windows

EPOCH_STEPS = 200  # what the schedule takes for an epoch, where nobody says how long one is
KERAS_STATE = (
    "moving_mean",
    "moving_variance",
    "seed_generator_state",
)  # parameters by form, no one means to train them
NO_OPTIMIZER = 32  # backward passes without a step of an optimizer, after which each counts as a step


class Loop:
    """Follows one network through a loop. Nothing here raises: what cannot be measured is noted, once, and left."""

    def __init__(self, network: nn.Module, evidence: Evidence) -> None:
        self.network, self.evidence = network, evidence
        self.parts = parts_of(network)
        self.names = {id(p): plain_name(n) for n, p in network.named_parameters()}
        self.windows = Windows()
        self.evidence.before["parameters"] = {"hidden": hidden_in(network), "dropouts": dropouts_of(network)}
        self.counts = dict.fromkeys(
            ("forwards", "backwards", "backwards_in_evaluation_mode", "optimizer_steps", "steps_without_backward"), 0
        )
        self.counts |= {"checked_for_leftovers": 0, "leftovers": 0, "judgements": 0, "judgements_in_training_mode": 0}
        self.steps = 0
        self.optimized: list[list[int]] = []  # ids of parameters, one list an optimizer's group
        self.without_gradient: list[str] = []
        self.optimizer: dict[str, Any] = {}  # settings of the first one seen, by the names of a Recipe
        self.loss: Tensor | None = None
        self.since_log: list[Tensor] = []  # losses since the last record of an epoch
        self.heed: Callable[[bool], None] = lambda closely: None  # who is told whether the step that comes is looked at
        self.hears_all = True  # and not only the modules that were called from outside so far
        self._is_probed = is_probed(0, EPOCH_STEPS)
        self._is_simple = True  # each backward pass goes back through the calls since the last one, as far as was seen
        self._called: bool | None = None  # since the last backward pass: the mode of the last call
        self._is_exact = True  # whether that call was heard closely
        self._reached: bool | None = None  # by the backward pass under way: the mode of its forward
        self._since_step = 0  # backward passes
        self._left_now: Tensor | None = None  # norm of the gradients before the backward pass under way
        self._left: Tensor | None = None  # the least of these since the last step
        self._leftovers: list[Tensor] = []
        self._look: Sight | None = None
        self._looked_at = -1
        self._is_blind = False
        self.sample, self.judged = Sample(), Sample()  # of what is trained on, and of what is asked without gradients
        self._kept: Kept | None = None  # the batch under way, and the module that was called with it
        self._kept_of: nn.Module | None = None
        self._outputs: list[Tensor] = []  # of the calls since the last backward pass

    def forward(self, module: nn.Module, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> None:
        """Say that the network, or a part of it, is about to be called with gradients switched on."""
        self.counts["forwards"] += 1
        self._called, self._is_exact = module.training, True
        if self._is_blind:
            return
        try:
            if self._kept is not None and module is self._kept_of:  # no backward pass has come of that call
                self.sample.kept.remove(self._kept)
                self._kept = None
            if self._kept is None and self.sample.wants(self.counts["forwards"]):
                self._kept, self._kept_of = self.sample.take(self.counts["forwards"], arguments, keywords), module
                if self._kept is not None:
                    self._kept.called = module
        except Exception as error:
            self._blind(error)
        if not self._is_probed:
            return
        try:
            if self._looked_at < self.steps:
                self._looked_at = self.steps
                self._look = Sight(self.network, self.parts, self.steps, len(self.evidence.epochs) + 1)
            if self._look is not None:
                self._look.see(module, arguments, keywords)
        except Exception as error:  # of the user's code as well
            self._blind(error)

    def wants(self) -> bool:
        """Whether the call that comes is to be heard closely, though its step is not looked at."""
        return self._kept is not None or (not self._is_blind and self.sample.wants(self.counts["forwards"] + 1))

    def passed(self, module: nn.Module) -> None:
        """Say that the network is about to be called at a step that is not looked at."""
        self.counts["forwards"] += 1
        self._called, self._is_exact = module.training, False

    def returned(self, module: nn.Module, output: Any) -> None:
        """Say what that call gave."""
        y = first_tensor(output)
        if y is not None and y.requires_grad:
            training = module.training
            y.register_hook(lambda gradient: self._reach(training))
            if self._kept is not None or self._look is not None:
                self._outputs = tensors_of(output)

    def asked(self, module: nn.Module, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> None:
        """Say that the network itself is called with gradients switched off, as it is to judge it."""
        self.counts["judgements"] += 1
        self.counts["judgements_in_training_mode"] += module.training
        if module is self.network and self.judged.wants(self.counts["judgements"]):
            try:
                self.judged.take(self.counts["judgements"], arguments, keywords)
            except Exception as error:
                self._blind(error)

    def before_backward(self, loss: Tensor) -> None:
        """Say that a backward pass begins from a loss, and look at what is in the gradients by then."""
        self._reached = None
        if self._outputs:
            try:
                found = told(loss, self._outputs)
                if self._kept is not None:
                    self.sample.conclude(self._kept, found)
                if self._look is not None and found is not None:
                    self._look.judge(found)
            except Exception as error:
                self._blind(error)
        self._outputs, self._kept = [], None
        self._left_now = None
        if self._is_probed and self.counts["optimizer_steps"]:
            held = {i for group in self.optimized for i in group}
            there = [p.grad for p in self.network.parameters() if id(p) in held and p.grad is not None]
            dense = [g for g in there if not g.is_sparse]
            self._left_now = together(norms(dense)) if dense else torch.zeros((), dtype=torch.float64)

    def after_backward(self, loss: Tensor) -> None:
        """Say that it is over."""
        reached, called, self._called = self._reached, self._called, None
        if self._is_exact:
            self._is_simple = self._is_simple and (reached is None) == (called is None)
        else:
            reached = called
        if reached is None:
            return  # somebody else's
        self.counts["backwards"] += 1
        self.counts["backwards_in_evaluation_mode"] += not reached
        self._since_step += 1
        if self._left_now is not None:  # cleared before one of the passes is cleared: the least of them counts
            self._left = (
                self._left_now if self._left is None else torch.minimum(self._left, self._left_now.to(self._left))
            )
        if loss.numel() == 1:
            self.loss = loss.detach().clone() if loss.ndim == 0 else loss.detach().reshape(()).clone()
            self.windows.add(self.counts["backwards"], self.loss)
            self.since_log.append(self.loss)
        if not self.counts["optimizer_steps"] and self.counts["backwards"] > NO_OPTIMIZER:
            self._step_taken(None)

    def stepped(self, learning_rate: float | None) -> None:
        """Say that an optimizer of the network's parameters took a step."""
        self.counts["optimizer_steps"] += 1
        if not self._since_step and not self.hears_all:  # or its calls are others now: it is listened to closely again
            self._is_simple = False
        else:
            self.counts["steps_without_backward"] += not self._since_step
        self._since_step = 0
        if self._left is not None:
            self._leftovers.append(self._left)
            self._left = None
        self._step_taken(learning_rate)

    def is_of(self, groups: list[list[nn.Parameter]]) -> bool:
        """Whether any of these parameters is the network's."""
        return any(id(p) in self.names for group in groups for p in group)

    def holds(self, groups: list[list[nn.Parameter]]) -> None:
        """Say which parameters an optimizer holds."""
        ids = [[id(p) for p in group] for group in groups]
        if ids and ids[0] and not any(ids[0] == known for known in self.optimized):
            self.optimized += ids

    def close(self) -> None:
        """Write down what is left."""
        if self._look is not None:
            self._conclude(None, landed=False)
        try:
            if not self._is_blind:
                self.sample.answer(self.network)
                for kept in self.sample.kept[-1:]:
                    with suppress(RuntimeError):  # a network that cannot be gone back through in evaluation mode
                        kept.heard = heard_of_steps(kept.called or self.network, kept)
        except Exception as error:
            self._blind(error)
        self.evidence.examples = (self.sample.kept, self.judged.kept)
        ends, windows = self.windows.peek()
        if windows is not None:
            self.evidence.losses += [
                (end, float(stored(mean)), float(stored(std))) for end, (mean, std) in zip(ends, windows.tolist())
            ]
        self.summarize()

    def summarize(self) -> None:
        """Write the counts into the evidence."""
        if self._leftovers:
            self.counts["checked_for_leftovers"] += len(self._leftovers)
            device = self._leftovers[-1].device
            found = torch.stack([left.to(device).double() for left in self._leftovers])
            self.counts["leftovers"] += int((found > 0).sum())  # nan tells nothing
            self._leftovers = []
        held = [i for group in self.optimized for i in group]
        learning = [id(p) for p in self.network.parameters() if p.requires_grad]
        frozen = [self.names[id(p)] for p in self.network.parameters() if not p.requires_grad]
        self.evidence.loop = {
            **self.counts,
            "optimizer": self.optimizer,
            "unoptimized": [self.names[i] for i in learning if i not in set(held)] if held else None,
            "frozen": [n for n in frozen if not n.endswith(KERAS_STATE)],
            "optimized_twice": sorted({self.names[i] for i in held if held.count(i) > 1 and i in self.names}),
            "foreign": sum(i not in self.names for i in held),
            "without_gradient": self.without_gradient,
        }

    def _reach(self, training: bool) -> None:
        self._reached = training

    def _step_taken(self, learning_rate: float | None) -> None:
        if self._look is not None:
            self._conclude(learning_rate, landed=True)
        self.steps += 1
        self._is_probed = is_probed(self.steps, EPOCH_STEPS)
        self.heed(self._is_probed or not self._is_simple)

    def _conclude(self, learning_rate: float | None, *, landed: bool) -> None:
        look, self._look = self._look, None
        assert look is not None
        try:
            started = perf_counter()
            if landed:
                missing = look.measure_step()
                self.without_gradient = missing
            if self.loss is not None and landed:
                look.parcel.put("network", "step_loss", value=self.loss)
            ends, windows = self.windows.take()
            if windows is not None:
                look.parcel.put("windows", value=windows.flatten())
            found = look.finish()
            flat: Any = found.pop(("windows",), [])
            held = {i for group in self.optimized for i in group}
            layers = layers_of(
                self.parts.values(), look.recorder, held if self.optimized else None, look.passes, self.evidence.layers
            )
            if layers != self.evidence.layers:
                facts = {"rows": look.rows, "parameters": sum(p.numel() for p in self.network.parameters())}
                add_records(self.evidence, [header(layers, facts, look.step)], "watch")
            plain = {} if learning_rate is None else {"learning_rate": learning_rate}
            plain["seconds"] = look.seconds + perf_counter() - started
            record = probe_record(look.step, look.epoch, layers, found, plain)
            record["losses"] = [[end, *stored(pair)] for end, pair in zip(ends, zip(flat[::2], flat[1::2]))]
            add_records(self.evidence, [record], "watch")
            self.summarize()
        except Exception as error:
            self._blind(error)

    def _blind(self, error: Exception) -> None:
        self._look, self._is_blind = None, True
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        self.evidence.notes.append(f"Nothing is measured inside the network from step {self.steps} on: {reason}.")
