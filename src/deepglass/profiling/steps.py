"""Steps: what a training does in an epoch, taken on a copy and timed part by part."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter

import torch

from deepglass.probes.schedule import is_probed
from deepglass.profiling.phases import REST, Clock, phases_of
from deepglass.runs import RunFolder
from deepglass.training.keep import SAVING_SHARE, Saver
from deepglass.training.measuring import measure
from deepglass.training.probing import look_into, steps_looked_into
from deepglass.training.records import Step
from deepglass.training.training import Training

WARM = 3  # steps that do not count: kernels are chosen, memory is taken, libraries are imported
MOST_STEPS, SECONDS, FEWEST = 200, 3.0, 3  # timed steps at most, and fewer when they take longer
TRACED, TRACED_SECONDS = 10, 2.0  # under the profiler
LOOKS = 3  # of the probes, of which the first does not count
MEASURED = 1024  # examples of each split; what all of them take follows from their number
STEP_PARTS = ("data", "forward", "backward", "update", REST)
EPOCH_PARTS = ("probes", "measuring", "saving")


@dataclass(frozen=True)
class Timed:
    """Seconds of a step by part, and how many steps were timed. What happens once an epoch is spread over its steps.

    Args: waited: the share of the steps' time in which others had the processor that a step waited for.
    """

    seconds: dict[str, float]
    steps: int
    waited: float


class Stopwatch:
    """Times one training, which is used up by it.

    Args: place: an empty folder for what is written on the way.
    """

    def __init__(self, training: Training, place: Path) -> None:
        self.training, self.place = training, place

    def run(self, most: int) -> Timed:
        """Take at most so many steps and everything else that belongs to an epoch."""
        self.take(WARM)
        waiting, began = _waited(), perf_counter()
        steps, seconds = self._steps(most)
        waited = min(1.0, (_waited() - waiting) / (perf_counter() - began))
        looks = self._a_look() * self._looks()
        measuring = self._measuring()
        an_epoch = self.training.steps_an_epoch
        epoch = sum(seconds.values()) * an_epoch + looks + measuring
        saving = min(self._saving(), SAVING_SHARE * epoch)  # seldom enough to stay within its share
        for part, spent in zip(EPOCH_PARTS, (looks, measuring, saving)):
            seconds[part] = spent / an_epoch
        return Timed(seconds, steps, waited)

    def take(self, count: int) -> int:
        """Take so many steps, over as many epochs as they need."""
        left = count
        while left > 0:
            left -= sum(1 for _ in islice(self._epoch(), left))
        return count

    def traced(self, step_seconds: float) -> Callable[[], int]:
        """What takes the steps under the profiler, as many as their time allows."""
        count = max(1, min(TRACED, int(TRACED_SECONDS / max(step_seconds, 1e-9))))
        return lambda: self.take(count)

    def _epoch(self) -> Iterator[Step]:
        """The steps of an epoch from its beginning; always the same one, as the steps are."""
        training = self.training
        training.position, training.seconds = 0, 0.0
        training.step_number = 0 if training.step_number >= self._all_steps() else training.step_number
        if training.task.carry_resets == "epoch":
            training.task.carry = training.task.start_carry(training.batch_size, training.device)
        return training.steps()

    def _all_steps(self) -> int:
        return max(1, self.training.recipe.epochs) * self.training.steps_an_epoch

    def _steps(self, most: int) -> tuple[int, dict[str, float]]:
        """Seconds of a step by part: the median, as others on the machine delay some steps; of data the mean over an epoch."""
        clock, spent, reading, began = Clock(self.training.device), _Spent(), [], perf_counter()
        with phases_of(self.training, clock):
            clock.begin(REST)
            while not spent.enough(most, began):
                first = len(spent.steps)
                for _ in self._epoch():
                    spent.add(clock.seconds)
                    if spent.enough(most, began):
                        break
                waits = [step["data"] for step in spent.steps[first:]]
                reading.append(_of_an_epoch(waits, self.training.steps_an_epoch))
            clock.end()
        seconds = {part: median(step[part] for step in spent.steps) for part in STEP_PARTS}
        seconds["data"] = sum(reading) / len(reading) / self.training.steps_an_epoch
        return len(spent.steps), seconds

    def _a_look(self) -> float:
        """Seconds of one look of the probes."""
        training = self.training
        training.step_number = 0
        look_into(training, self.place)
        if training.prober is None:
            return 0.0
        training.prober.planned_steps = None  # look at each of the first steps, however short the training is to be
        spent = [0.0]
        while len(spent) <= LOOKS and not training.prober.is_off:
            training.position = 0
            for _ in steps_looked_into(training):
                spent.append(training.prober.seconds)
                if len(spent) > LOOKS:
                    break
        training.prober = None
        return (spent[-1] - spent[1]) / max(1, len(spent) - 2) if len(spent) > 2 else 0.0

    def _looks(self) -> float:
        """Looks an epoch: those of the whole training, evenly."""
        an_epoch, epochs = self.training.steps_an_epoch, max(1, self.training.recipe.epochs)
        steps = an_epoch * epochs
        early = {0, *(1 << k for k in range(steps.bit_length()))}
        candidates = early | {epoch * an_epoch for epoch in range(epochs)}
        return sum(is_probed(step, an_epoch, steps) for step in candidates if step < steps) / epochs

    def _measuring(self) -> float:
        training, total = self.training, 0.0
        for split in ("train", "validation"):
            ids = training.measured_ids(split)
            some = ids[:MEASURED]
            if not len(some):
                continue
            self._measure(some[: training.batch_size])  # imports what the metrics need
            started = perf_counter()
            self._measure(some)
            total += (perf_counter() - started) * len(ids) / len(some)
        return total

    def _measure(self, ids: torch.Tensor) -> None:
        training = self.training
        network, device = training.execution.module, training.device
        measure(network, training.task, training.data, ids, device, training.recipe.seed, training.batch_size)

    def _saving(self) -> float:
        """Seconds of a checkpoint, with the best weights in it."""
        training = self.training
        training.best = {name: value.detach().clone() for name, value in training.network.state_dict().items()}
        saver = Saver(training, RunFolder.create(self.place / "run"))
        for _ in range(2):
            saver.save()
        return saver.cost


def _waited() -> float:
    """Seconds in which this thread could have run and others did, as Linux counts them; 0 elsewhere."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


class _Spent:
    """Seconds of each step by part, from what a clock has summed."""

    def __init__(self) -> None:
        self.steps: list[dict[str, float]] = []
        self._before = dict.fromkeys(STEP_PARTS, 0.0)

    def add(self, sums: dict[str, float]) -> None:
        now = {part: sums.get(part, 0.0) for part in STEP_PARTS}
        self.steps.append({part: now[part] - self._before[part] for part in STEP_PARTS})
        self._before = now

    def enough(self, most: int, began: float) -> bool:
        return len(self.steps) >= most or (len(self.steps) >= FEWEST and perf_counter() - began >= SECONDS)


def _of_an_epoch(waits: list[float], steps: int) -> float:
    """Seconds for the data of a whole epoch, from what the first steps waited for theirs."""
    if len(waits) >= steps or len(waits) == 1:
        return sum(waits) / len(waits) * steps
    rest = waits[1:]
    return waits[0] + sum(rest) / len(rest) * (steps - 1)
