"""What is remembered while a picture is written changes nothing in it."""

import gc
from contextlib import nullcontext

import numpy as np
import pytest

from deepglass.report.pictures import figure as paper_of
from deepglass.report.pictures.figure import many_pictures, new_figure, on_paper, to_png, to_svg
from deepglass.report.pictures.remembered import remembered


@on_paper
def picture():
    """Panels of all kinds: a long logarithmic axis, turned names, a colour bar, a legend beside, several lines of text."""
    figure, panels = new_figure(7, 6, 2, 2)
    x = np.arange(1, 9)
    panels[0].plot(x, 10.0**x, marker="o", label="growth")
    panels[0].set_yscale("log")
    panels[0].set_title("a title\nof two lines")
    panels[0].legend(loc="center left", bbox_to_anchor=(1.0, 0.5), title="after")
    panels[1].bar(x, x)
    panels[1].set_xticks(x, [f"a long name {i}" for i in x], rotation=35, ha="right", fontsize=8)
    figure.colorbar(panels[2].imshow(np.outer(x, x)), ax=panels[2], fraction=0.05)
    panels[2].text(1, 2, "turned", rotation=90)
    panels[3].plot(1e6 + x, 1e-7 * x)  # with an offset beside the axis
    panels[3].set_xlabel("a label")
    return figure


@pytest.mark.parametrize("write", [to_svg, to_png])
def test_a_picture_is_the_same_to_the_byte(write, monkeypatch):
    quick = write(picture())
    monkeypatch.setattr(paper_of, "remembered", nullcontext)
    assert write(picture()) == quick


def test_a_figure_that_is_changed_between_two_drawings_is_drawn_as_it_is_then():
    figure = picture()
    first = to_svg(figure)
    figure.axes[1].set_ylim(0, 100)
    second = to_svg(figure)
    assert ">100<" in second and ">100<" not in first


def test_matplotlib_is_as_it_was_afterwards_and_where_it_has_other_methods_nothing_is_remembered(monkeypatch):
    from matplotlib.axis import Axis
    from matplotlib.text import Text

    before = Axis._update_ticks, Axis._get_ticklabel_bboxes, Text._get_layout
    with pytest.raises(ZeroDivisionError), remembered():
        assert Axis._update_ticks is not before[0]
        raise ZeroDivisionError
    assert (Axis._update_ticks, Axis._get_ticklabel_bboxes, Text._get_layout) == before
    monkeypatch.delattr(Text, "_get_layout")
    with remembered():
        assert not hasattr(Text, "_get_layout")


def test_garbage_is_searched_for_again_afterwards():
    assert gc.isenabled()
    with many_pictures():
        assert not gc.isenabled()
    assert gc.isenabled()
