"""Workload: what contestants have to do, and how their figures become tables and bars."""

from collections.abc import Callable
from dataclasses import dataclass

from clock import Size
from contest import Contestant, Played


@dataclass(frozen=True)
class Workload:
    """One contest.

    Args:
        what: what is trained on what, and what the columns mean, in a few sentences.
        show: tables and sentences, in Markdown.
        bars: seconds by name for the picture, the ordinary loop's among them; none when there is nothing to draw.
        turns: how often each plays.
        on_mnist: whether it needs MNIST, or pictures like it.
    """

    title: str
    what: str
    contestants: tuple[Contestant, ...]
    full: Size
    quick: Size
    show: Callable[[Played], str]
    bars: Callable[[Played], dict[str, float]]
    turns: int = 3
    on_mnist: bool = False
