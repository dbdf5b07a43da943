"""Remembered: what matplotlib works out again and again while it writes a picture is worked out once; not a byte is different.

These are methods that matplotlib keeps to itself: where a version has others they are left alone, and it only takes longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

Key = tuple[Any, ...]


@contextmanager
def remembered() -> Iterator[None]:
    """For a block that lays out and draws one finished figure, keep ticks, the boxes of their labels and the layout of texts.

    Each axis finds its ticks a dozen times then, though they change only where its panel has been moved or resized, and
    each text is taken apart as often.
    """
    from matplotlib.axis import Axis
    from matplotlib.text import Text

    with ExitStack() as put_back:
        for owner, name, state_of in (
            (Axis, "_update_ticks", _state_of_axis),
            (Axis, "_get_ticklabel_bboxes", _state_of_labels),
            (Text, "_get_layout", _state_of_text),
        ):
            if method := getattr(owner, name, None):
                _replace(owner, name, _from_memory(method, state_of), put_back)
        yield


def _from_memory(method: Callable[..., Any], state_of: Callable[..., Key]) -> Callable[..., Any]:
    """A method that answers from memory as long as the state of its object is the same."""
    known: dict[Any, tuple[Key, Any]] = {}  # by the object, which is kept alive, so that none can take its place

    def answered(self: Any, *arguments: Any) -> Any:
        state = state_of(self, *arguments)
        last = known.get(self)
        if last is None or last[0] != state:
            last = known[self] = (state, method(self, *arguments))
        return last[1]

    return answered


def _replace(owner: type, name: str, method: Any, put_back: ExitStack) -> None:
    put_back.callback(setattr, owner, name, getattr(owner, name))
    setattr(owner, name, method)


def _state_of_axis(axis: Any) -> Key:
    """All that ticks depend on in a figure that nobody changes but its layout."""
    return (
        *axis.get_view_interval(),
        *(round(side, 3) for side in axis.axes.bbox.bounds),
        axis.get_figure(root=True).dpi,
    )


def _state_of_labels(axis: Any, ticks: Any, renderer: Any) -> Key:
    return (*_state_of_axis(axis), *map(id, ticks), type(renderer))


def _state_of_text(text: Any, renderer: Any) -> Key:
    return (
        text.get_text(),
        hash(text.get_fontproperties()),
        text.get_rotation(),
        text.get_horizontalalignment(),
        text.get_verticalalignment(),
        text.get_figure(root=True).dpi,
        type(renderer),
    )
