"""Measuring: the metrics of a network over some examples, in evaluation mode."""

import copy
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import prod

import torch
from torch import Tensor, nn

from deepglass.data import Batch, Dataset
from deepglass.data.order import order_of
from deepglass.randomness import derive
from deepglass.tasks import Supervised, Task

# How many examples are measured at a time is part of the arithmetic, so it is a rule on the network and the data alone.
MEASURE_BATCH = 1024  # examples at most
MEASURE_NUMBERS = 1 << 26  # that the largest layer makes of them, at most: 256 MiB of float32
KEPT_BYTES = 64 << 20  # of measured inputs that stay picked from epoch to epoch
MEASURED_TRAIN = 5000  # training examples measured after an epoch, at most
FEWEST_MEASURED = 1000  # of them, however large the network: an accuracy is then known within 3 points
MEASURED_WORK = 50_000_000_000  # multiply-adds that go into them beyond that: a second or less on two cores
# Of an epoch's own multiply-adds, 3 for each example, at most goes into measuring training examples. Steps in bfloat16 take a
# quarter of the time, so a hundredth of the work may be a twentieth of the epoch.
MEASURED_SHARE = 0.01
ALWAYS_MEASURED = 2000  # of them, where the network is small: nobody waits for these
UNTRACED = 22  # times its input, what a layer that was not seen makes: VGG's first makes 64 channels of 3

Shape = tuple[int, ...]


def examples_at_once(task: Task, inputs: Iterable[Shape], networks: int = 1, numbers: int = MEASURE_NUMBERS) -> int:
    """Return how many examples are measured at a time: 1,024, or as many as keep the memory of the largest layer bounded.

    Args:
        inputs: the shape of one example of each input.
        networks: how many are measured in one pass.
        numbers: that the largest layer makes of them, at most.

    A layer of 64 x 224 x 224 numbers, VGG's first, is made for 20 examples at a time.
    """
    example = sum(prod(shape) for shape in inputs)
    largest = max(example, task.largest or UNTRACED * example, 1)
    return max(1, min(MEASURE_BATCH, numbers // (networks * largest)))


def train_examples_measured(task: Task, examples: int) -> int:
    """Return how many training examples are measured after an epoch, at most: fewer for a network that computes long.

    resnet20 would else take half as long again: measuring is in float32, and training in bfloat16 where the hardware has it.
    Args: examples: those of an epoch.
    """
    affordable = max(FEWEST_MEASURED, MEASURED_WORK // max(1, task.multiply_adds or 1))
    shared = max(ALWAYS_MEASURED, round(3 * examples * MEASURED_SHARE))
    return min(MEASURED_TRAIN, affordable, shared)


def batches_to_keep(task: Task, data: Dataset, ids: Tensor, device: torch.device) -> list[Batch] | None:
    """The batches in which `ids` are measured, to be measured again after each epoch; None where they are large, or streamed."""
    reader = data.reader(device)
    bytes_an_example = 4 * sum(prod(shape) for shape in data.input_shapes.values())
    if reader.encoded is None or task.order == "lanes" or len(ids) * bytes_an_example > KEPT_BYTES:
        return None
    return list(reader.read(ids, examples_at_once(task, data.input_shapes.values())))


def batches_of_both(task: Task, data: Dataset, parts: Sequence[Tensor], device: torch.device) -> list[Batch] | None:
    """The examples of both parts as one batch, where they are few enough to be measured in one pass; None where they are not."""
    ids = torch.cat(list(parts))
    few = all(map(len, parts)) and len(ids) <= examples_at_once(task, data.input_shapes.values())
    return batches_to_keep(task, data, ids, device) if few and _scores_examples_apart(task) else None


def _scores_examples_apart(task: Task) -> bool:
    """Whether what a task collects of some examples can be parted into what it would collect of fewer."""
    if not isinstance(task, Supervised) or callable(task.loss):  # a function of the user's may give one number for all
        return False
    return type(task).collect is Supervised.collect and type(task).measure is Supervised.measure


def measure_both(
    network: nn.Module, task: Supervised, batch: Batch, first: int, seed: int
) -> tuple[dict[str, float], dict[str, float]]:
    """Return what `measure` does of the first examples of a batch and of the others, from one pass.

    Args: network: of layers that take each example by itself, whoever else is in the batch.
    """
    torch.default_generator.manual_seed(derive(seed, "measure"))
    with evaluating(network):
        whole = task.collect(network, [batch])
    return task.score(whole.part(0, first)), task.score(whole.part(first, len(batch)))


def measure(
    network: nn.Module,
    task: Task,
    data: Dataset,
    ids: Tensor,
    device: torch.device,
    seed: int = 0,
    batch_size: int = 1,
    kept: list[Batch] | None = None,
) -> dict[str, float]:
    """Return a task's metrics over the examples `ids`, in evaluation mode. Args: kept: what `batches_to_keep` gave."""
    if not len(ids):
        return {}
    apart = copy.copy(task)  # what it carries from batch to batch is not the training's
    at_once = examples_at_once(task, data.input_shapes.values())
    size = min(batch_size, len(ids)) if task.order == "lanes" else at_once
    apart.carry = apart.start_carry(size, device)
    if task.order == "lanes":
        ids = order_of(ids, "lanes", seed=seed, epoch=0, batch_size=size)
    torch.default_generator.manual_seed(derive(seed, "measure"))
    with evaluating(network):
        batches = data.reader(device).read(ids, size) if kept is None else kept
        return apart.measure(network, batches, seed)


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients; afterwards each module is in the mode it was in."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, mode in modes:
            module.training = mode
