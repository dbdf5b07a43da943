"""Pictures of a page that stay the same are not drawn again, and a stranger's page is never believed."""

from dataclasses import replace

import numpy as np
import pytest
from test_page import contents_of

import deepglass as dg
from deepglass.report import album, fingerprint, render
from deepglass.report.album import Album, is_page_of, page_for
from deepglass.report.inside import why_it_was_not_seen
from deepglass.report.pictures import Standing, standings


@pytest.fixture(autouse=True)
def own_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPGLASS_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def drawn(monkeypatch):
    """The labels of pictures that are drawn."""
    labels = []
    plain = album.to_svg
    monkeypatch.setattr(album, "to_svg", lambda figure, label: labels.append(label) or plain(figure, label))
    return labels


def test_a_page_takes_its_pictures_from_the_page_before_and_draws_what_has_changed(drawn):
    contents = contents_of("iris")
    first = render(contents)
    assert "confusion matrix" in drawn
    drawn.clear()
    assert render(contents, first) == first and drawn == []
    answers = replace(contents.answers, given=contents.answers.truth)
    assert render(replace(contents, answers=answers), first) != first
    assert drawn == ["confusion matrix"]  # the curves, and how sure it was, are as they were


def test_a_picture_that_somebody_else_put_into_a_page_is_drawn_again(drawn):
    rows = [Standing("network", 0.9), Standing("guess", 0.3)]
    honest = str(Album().svg("scores", standings, rows, "accuracy"))
    forged = honest.replace("guess", "<script>")
    assert len(drawn) == 1
    assert str(Album(forged).svg("scores", standings, rows, "accuracy")) == honest and len(drawn) == 2
    assert str(Album(honest).svg("scores", standings, rows, "accuracy")) == honest and len(drawn) == 2


def test_a_page_is_known_by_its_key_and_as_it_was_written():
    page = page_for("a" * 64, "<p>mine</p>")
    assert is_page_of("a" * 64, page)
    assert not is_page_of("b" * 64, page)
    assert not is_page_of("a" * 64, page.replace("mine", "yours"))
    assert not is_page_of("a" * 64, "<p>mine</p>")


def test_where_no_secret_can_be_kept_pages_are_as_good_and_drawn_each_time(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DEEPGLASS_CACHE", str(tmp_path / "file" / "below"))
    assert page_for("a" * 64, "<p>mine</p>") == "<p>mine</p>"


def test_values_that_differ_have_other_fingerprints():
    values = [
        1,
        1.0,
        "1",
        True,
        [1],
        [[1], []],
        [[], [1]],
        {"a": 1},
        {"b": 1},
        None,
        np.ones(1),
        np.ones((1, 1)),
        Standing("a", 1),
    ]
    assert len({fingerprint.of_values(value) for value in values}) == len(values)
    assert fingerprint.of_values(np.ones(2)) == fingerprint.of_values(np.ones(2))
    with pytest.raises(fingerprint.Unknown, match="a object has no fingerprint"):
        fingerprint.of_values(object())


def test_the_page_of_a_run_stays_until_the_run_changes(tmp_path):
    path = dg.train("mlp", "iris", epochs=1, out=tmp_path / "run", progress=False).path
    page = dg.Run(path).report()
    written = page.stat().st_mtime_ns
    assert dg.Run(path).report().stat().st_mtime_ns == written
    dg.Run(path).evaluate()
    changed = dg.Run(path).report().read_text()
    assert page.stat().st_mtime_ns != written and "The test split was looked at once." in " ".join(changed.split())
    page.write_text(changed.replace("<h1>", "<h1>not "))
    assert "<h1>not " not in dg.Run(path).report().read_text()


def test_a_network_of_a_large_stack_says_why_nothing_is_shown_inside(tmp_path, monkeypatch):
    monkeypatch.setattr("deepglass.training.probing.MOST_OF_A_STACK", 1)
    runs = dg.train("mlp", "iris", seeds=2, stacked=True, epochs=1, out=tmp_path / "two", progress=False)
    first, second = (" ".join(run.report().read_text().split()) for run in runs)
    said = why_it_was_not_seen({"trained_together": 2, "looked_into": 1})
    assert said in second and said not in first and "first 1 of these" in said
