"""Prober: looks into one training at its probe steps, aside, and leaves everything as it was."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.data import Batch, Dataset
from deepglass.data.order import order_of
from deepglass.probes.evidence import Evidence
from deepglass.probes.layers import is_unready
from deepglass.probes.look import Look
from deepglass.probes.records import add_records, header, probe_record, stored
from deepglass.probes.schedule import is_probed
from deepglass.probes.stored import journal_of
from deepglass.probes.windows import Windows
from deepglass.randomness import generator
from deepglass.tasks import Task

# of the training split in the probe batch: a unit that answers to 4 rows in 100 is silent for all 128 with probability 0.005
ROWS = 128
ROWS_OF_IMAGES = 64  # a channel is seen at many places of each row, and a row costs more
FEWEST_IN_A_HALF = 2  # batch norm needs two rows


class Prober:
    """Looks into one training. `evidence` grows as it goes on, and with `run` is kept in the run's folder.

    The caller says where the training is:

    >>> prober.before(0, epoch=1)                  # 0 steps are taken, and the first of epoch 1 comes next
    >>> prober.after({"loss": loss}, 0.001)        # that step was taken, with this loss and this rate
    >>> prober.end(2000, epoch=20)                 # the training is over

    Nothing in the network, its gradients, the task or any random state is changed by a look; one that fails is noted, and is
    the last. The rows are examples of the training split, chosen by the seed, without augmentation.

    Args:
        planned_steps: of the whole training, for a short one is looked into more rarely; None where nobody knows.
        batch_size: of the training; with lanes the rows are those of its first step.
        optimized: the parameters that optimizers hold.
        clip_norm: to which the norm of a step's gradient is shortened.
        run: the folder of a run, where the evidence is kept.
    """

    def __init__(
        self,
        network: nn.Module,
        task: Task,
        data: Dataset,
        *,
        steps_an_epoch: int,
        batch_size: int,
        planned_steps: int | None = None,
        optimized: Iterable[nn.Parameter] = (),
        clip_norm: float | None = None,
        device: torch.device | str = "cpu",
        seed: int = 0,
        run: Path | None = None,
    ) -> None:
        self.network, self.task = network, task
        self.data, self.device, self.seed, self.batch_size = data, device, seed, batch_size
        self.steps_an_epoch, self.planned_steps, self.clip_norm = steps_an_epoch, planned_steps, clip_norm
        self.optimized = {id(p) for p in optimized}
        self.journal = None if run is None else journal_of(run)
        self.evidence = Evidence("run")
        self.windows = Windows()
        self.steps = 0  # taken so far
        self.look: Look | None = None  # the one that waits for its step
        self.is_off = False
        self._batches: list[Batch] | None = None
        self._spent = 0.0  # seconds of the look that is under way

    @property
    def seconds(self) -> float:
        """What all looks have cost so far, those of the sessions before included."""
        return float(self.evidence.facts.get("seconds", 0.0))

    def before(self, step: int, epoch: int) -> None:
        """Say that `step` steps have been taken, and that the next belongs to `epoch` (from 1)."""
        self.steps = step
        if self.look is not None and self.look.at == step:  # it has looked already, and an epoch has ended in between
            self.look.epoch = epoch
        elif not self.is_off and is_probed(step, self.steps_an_epoch, self.planned_steps):
            self._begin(step, epoch)

    def after(self, losses: Mapping[str, Tensor], learning_rate: float | None = None) -> None:
        """Say that the step was taken. Args: losses: as a Step has them, in tensors that stay as they are."""
        self.steps += 1
        loss = losses["loss"] if "loss" in losses else next((v for n, v in losses.items() if n.endswith("loss")), None)
        if loss is not None:
            self.windows.add(self.steps, loss)
        if self.look is not None:
            known = {"step_loss": loss, "step_gradient_norm": losses.get("gradient_norm")}
            self._conclude(known, learning_rate, landed=True)

    def passed(self, losses: Tensor) -> None:
        """Say that some steps were taken, none of which is looked at. Args: losses: of these steps, in a row."""
        self.steps += losses.numel()
        self.windows.add(self.steps, losses)

    def end(self, step: int, epoch: int) -> None:
        """Look at the state in which the training ended; `epoch` is its last."""
        if not self.is_off and (not self.evidence.probes or self.evidence.probes[-1]["step"] < step):
            if self.look is None:
                self._begin(step, epoch)
            if self.look is not None:
                self._conclude({}, None, landed=False)

    def tensors(self) -> dict[str, Tensor]:
        """What belongs into a training's checkpoint: the losses that are not written down yet."""
        return self.windows.tensors()

    def resume(self, tensors: Mapping[str, Tensor], step: int) -> None:
        """Go on at a checkpoint after `step` steps; what was measured beyond it is measured again."""
        self.windows.load(tensors)
        self.steps, self.look, self.evidence = step, None, Evidence("run")
        if self.journal is not None:
            self.journal.cut(lambda record: record.get("step", 0) >= step)
            add_records(self.evidence, self.journal.records(), str(self.journal.path))
            self.evidence.notes += self.journal.notes

    def _begin(self, step: int, epoch: int) -> None:
        started = perf_counter()
        try:
            if is_unready(self.network):
                raise ValueError("the network has lazy layers that have not seen an example")
            self.look = Look(self.network, self.task, self._rows(), self.seed, self.optimized)
            self.look.at, self.look.epoch = step, epoch
            self.look.before()
        except Exception as error:  # of the user's own code as well: a training does not fail because it cannot be seen
            self._switch_off(error)
        self._spent = perf_counter() - started

    def _conclude(self, known: dict[str, Tensor | None], learning_rate: float | None, *, landed: bool) -> None:
        started = perf_counter()
        look, self.look = self.look, None
        assert look is not None
        try:
            if landed:
                look.after()
            records = self._records(look, known, learning_rate, started, landed)
        except Exception as error:
            self._switch_off(error)
            return
        for record in records:  # a disk that is full ends the training as it does for the history
            self._write(record)

    def _records(
        self, look: Look, known: dict[str, Tensor | None], learning_rate: float | None, started: float, landed: bool
    ) -> list[dict[str, Any]]:
        """Fetch what was measured, as records to be written down."""
        parcel = look.parcel
        for name, value in known.items():
            if value is not None:
                parcel.put("network", name, value=value.reshape(()))
        # What is written at the end is written anew when the training goes on, from what the checkpoint holds.
        ends, windows = self.windows.take() if landed else self.windows.peek()
        if windows is not None:
            parcel.put("windows", value=windows.flatten())
        found = parcel.open()
        flat = found.pop(("windows",), [])
        assert isinstance(flat, list)
        layers = look.layers(self.evidence.layers)
        plain: dict[str, Any] = {} if learning_rate is None else {"learning_rate": learning_rate}
        norm = found.get(("network", "step_gradient_norm"))
        if self.clip_norm is not None and isinstance(norm, float):
            plain["clipped_gradient_norm"] = min(norm, self.clip_norm)
        records = []
        if layers != self.evidence.layers:
            facts = {"rows": look.rows, "steps_an_epoch": self.steps_an_epoch, "batch_size": self.batch_size}
            records.append(header(layers, facts, look.at))
        plain["seconds"] = self._spent + perf_counter() - started
        record = probe_record(look.at, look.epoch, layers, found, plain)
        record["losses"] = [[end, *stored(pair)] for end, pair in zip(ends, zip(flat[::2], flat[1::2]))]
        return [*records, record]

    def _write(self, record: dict[str, Any]) -> None:
        add_records(self.evidence, [record], "probes")
        if self.journal is not None:
            self.journal.append(record)

    def _rows(self) -> list[Batch]:
        """The probe batch, in two halves where there are enough rows: their gradients differ by what chance does."""
        if self._batches is None:
            ids = self.data.members("train")
            reader = replace(self.data.reader(self.device), workers=0)
            if self.task.order == "lanes":
                first = order_of(ids, "lanes", seed=self.seed, epoch=0, batch_size=min(self.batch_size, len(ids)))
                self._batches = list(reader.read(first[: min(self.batch_size, len(ids))], self.batch_size))
            else:
                convolves = any(isinstance(m, nn.modules.conv._ConvNd) for m in self.network.modules())
                shuffled = torch.randperm(len(ids), generator=generator(self.seed, "probe rows"))
                chosen = ids[shuffled[: ROWS_OF_IMAGES if convolves else ROWS]]
                half = len(chosen) // 2 if len(chosen) >= 2 * FEWEST_IN_A_HALF else len(chosen)
                self._batches = list(reader.read(chosen[: 2 * half], half))
        return self._batches

    def _switch_off(self, error: Exception) -> None:
        self.look, self.is_off = None, True
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        self.evidence.notes.append(f"Nothing is measured inside the network from step {self.steps} on: {reason}.")
