"""Quiz: questions of a course whose answers the workbench works out itself, and a check of one's own answer."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from deepglass.names import find
from deepglass.networks import calculator


@dataclass(frozen=True)
class Question:
    """Something to work out before looking. Args: solve: works it out, with the workbench's own layers; why: how one can."""

    ask: str
    solve: Callable[[], str]
    why: str


@dataclass(frozen=True)
class Marked:
    """An answer that was looked through."""

    given: str
    right: bool
    answer: str
    why: str

    def __str__(self) -> str:
        return f"{'Right' if self.right else f'Not {self.given}, but'}{':' if self.right else ''} {self.answer}. {self.why}"


def mark(name: str, answer: object) -> Marked:
    """Say whether an answer to a question is right, and how one can tell. The questions: `QUESTIONS[name].ask`.

    Raises: UnknownName, for no question.

    >>> print(mark("padding", "7x7"))
    Right: 7x7. (7 + 2*1 - 3) / 1 + 1 = 7: a border of 1 makes up for a 3x3 kernel.
    """
    question = find("question", name, QUESTIONS)
    given, solved = str(answer).strip(), question.solve()
    return Marked(given, _parts(given) == _parts(solved), solved, question.why)


def _parts(text: str) -> list[str]:
    """The numbers, sizes and words of an answer, however it is written: "7 × 7" as "7x7", "65,637,100" as "65637100"."""
    text = re.sub(r"(?<=\d)\s*[x×]\s*(?=\d)", "x", text.lower())
    return re.findall(r"\d+(?:x\d+)*|[a-z]+", re.sub(r"(?<=\d)[,'](?=\d{3}\b)", "", text))


def _map(side: int, kernel: int, stride: int = 1, padding: int = 0) -> str:
    layer = {"Conv2d": {"out_channels": 1, "kernel_size": kernel, "stride": stride, "padding": padding}}
    return "x".join(map(str, calculator([layer], (1, side, side), 1).output_shape[1:]))


def _parameters(layers: object, shape: tuple[int, ...], outputs: int, **options: object) -> str:
    return f"{calculator(layers, shape, outputs, **options).parameters:,}"


def _seen(padding: int) -> list[float]:
    """How many places of a 3x3 kernel see each pixel of the first row of a 6x6 image, and one in the middle."""
    import torch
    from torch.nn import functional as F

    x = torch.zeros(1, 1, 6, 6, requires_grad=True)
    F.conv2d(x, torch.ones(1, 1, 3, 3), padding=padding).sum().backward()
    assert x.grad is not None
    return [*x.grad[0, 0, 0].tolist(), x.grad[0, 0, 3, 3].item()]


def _evenly() -> str:
    return next(name for name, padding in (("valid", 0), ("same", 1), ("full", 2)) if set(_seen(padding)) == {9.0})


def _mirrored() -> str:
    import torch
    from torch.nn import functional as F

    image = torch.tensor([[1.0, 4, 3], [0, 6, 5], [2, 7, 9]])
    return f"{F.pad(image[None, None], (2, 2, 1, 1), mode='reflect')[0, 0, 0, 2].item():g}"


QUESTIONS = {
    "padding": Question(
        "A 7x7 image, a border of 1 and a 3x3 kernel: how large is the map?",
        lambda: _map(7, 3, padding=1),
        "(7 + 2*1 - 3) / 1 + 1 = 7: a border of 1 makes up for a 3x3 kernel.",
    ),
    "stride": Question(
        "A 7x7 image and a 3x3 kernel without a border: how large are the maps of stride 1, 2 and 3?",
        lambda: ", ".join(_map(7, 3, stride) for stride in (1, 2, 3)),
        "floor((7 - 3) / stride) + 1: what is left over at the right is not seen.",
    ),
    "ten-filters": Question(
        "Ten filters of 5x5 on a 32x32 image in colour, each with a bias: how many parameters?",
        lambda: _parameters([{"Conv2d": [10, 5]}], (3, 32, 32), 1),
        "10 * (5 * 5 * 3 + 1): a filter spans all channels, and the size of the image does not matter.",
    ),
    "photograph": Question(
        "A 256x256 photograph in colour, 1,000 hidden units and 100 classes, all dense: how many parameters?",
        lambda: _parameters("mlp", (3, 256, 256), 100, hidden=[1000]),
        "(256 * 256 * 3 + 1) * 1000 + (1000 + 1) * 100: nearly all of them in the first layer.",
    ),
    "large-photograph": Question(
        "The same for 1920x1080: how many parameters?",
        lambda: _parameters("mlp", (3, 1080, 1920), 100, hidden=[1000]),
        "(1920 * 1080 * 3 + 1) * 1000 + (1000 + 1) * 100: six billion, for one hidden layer.",
    ),
    "border": Question(
        "A 6x6 image and a 3x3 kernel without a border: how many of its places see a corner, and how many a pixel in the middle?",
        lambda: f"{_seen(0)[0]:g} and {_seen(0)[-1]:g}",
        "A corner is under the kernel in one place alone, a pixel in the middle under each of its 9 weights once.",
    ),
    "evenly": Question(
        "Which padding with zeros lets a 3x3 kernel see every pixel of it equally often: valid, same or full?",
        _evenly,
        "With a border of 2 each pixel, a corner too, comes under all 9 weights; the map becomes 8x8.",
    ),
    "growth": Question(
        "Networks have doubled in size every 2.4 years. How many times larger are they after 12 years?",
        lambda: f"{2 ** round(12 / 2.4)}",
        "2^(12 / 2.4) = 2^5: five doublings.",
    ),
    "reflection": Question(
        "The image 143/065/279 gets a border by reflection. What stands right above the 1?",
        _mirrored,
        "The mirror is the first row itself, so that the second row comes above it: 0, which stands below the 1.",
    ),
}
