"""What a person sees while a network trains."""

import io
import sys
from time import perf_counter
from types import SimpleNamespace

import pytest

from deepglass.errors import UnknownName
from deepglass.report import progress as progress_module
from deepglass.report.progress import NotebookProgress, PlainProgress, TerminalProgress, progress_for
from deepglass.training.records import Epoch


def epoch(number, loss=0.123):
    return Epoch(number, 0.2, 0.01, {"loss": loss}, {"loss": 0.14, "accuracy": 0.97})


class CountingStep:
    """A step that counts how often its loss is read."""

    def __init__(self):
        self.number = self.epoch = 1
        self.read = 0

    @property
    def loss(self):
        self.read += 1
        return 0.5


class Terminal(io.StringIO):
    def isatty(self):
        return True


def lines_of(epochs, trained=None):
    stream = io.StringIO()
    with progress_for(stream=stream) as progress:
        progress.start(epochs, 30)
        for number in range(1, (trained or epochs) + 1):
            progress.epoch(epoch(number))
    return stream.getvalue().splitlines()


def test_outside_a_terminal_each_epoch_is_a_line():
    lines = lines_of(40)
    assert len(lines) == 40
    assert lines[2] == "epoch  3/40  loss 0.123  validation loss 0.140 accuracy 0.970  0.2 s"


def test_very_many_epochs_are_thinned_out_and_the_last_stays():
    lines = lines_of(5000, trained=4321)
    assert len(lines) < 60
    assert lines[0].startswith("epoch    1/5000")
    assert lines[-1].startswith("epoch 4321/5000")


def test_the_last_epoch_is_shown_when_training_breaks_off():
    stream = io.StringIO()
    with pytest.raises(KeyboardInterrupt), progress_for("plain", stream=stream) as progress:
        progress.start(1000, 1)
        for number in range(1, 8):
            progress.epoch(epoch(number))
        raise KeyboardInterrupt
    assert stream.getvalue().splitlines()[-1].startswith("epoch    7/1000")


def test_it_goes_to_standard_error(capsys):
    with progress_for("plain") as progress:
        progress.start(1, 1, "digits")
        progress.epoch(epoch(1), best=True)
        progress.say("The loss is flat.")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[0] == "digits"
    assert err.splitlines()[1].endswith("best")
    assert err.splitlines()[2] == "The loss is flat."


def test_nothing_is_shown_when_nothing_is_wanted(capsys):
    with progress_for("none") as progress:
        progress.start(1, 1, "digits")
        progress.step(CountingStep())
        progress.epoch(epoch(1))
        progress.say("hidden")
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_a_bar_and_alarms_above_it():
    stream = Terminal()
    with progress_for(stream=stream) as progress:
        assert isinstance(progress, TerminalProgress)
        progress.start(2, 10, "digits")
        progress.step(CountingStep())
        progress.say("[bold]not markup[/bold]")
        progress.epoch(epoch(1), best=True)
        progress.epoch(epoch(2))
    shown = stream.getvalue()
    assert "epoch 2/2" in shown
    assert "best: epoch 1" in shown
    assert "[bold]not markup[/bold]" in shown


def test_what_is_printed_meanwhile_stays_on_standard_output(capsys):
    with TerminalProgress(Terminal()) as progress:
        progress.start(2, 10)
        print("a result")
    assert capsys.readouterr().out == "a result\n"


@pytest.mark.parametrize("mode", ["none", "plain", "terminal", "notebook"])
def test_the_loss_is_hardly_ever_read(mode):
    step = CountingStep()
    with progress_for(mode, stream=Terminal()) as progress:
        progress.start(1, 50_000)
        began = perf_counter()
        for _ in range(50_000):
            progress.step(step)
        seconds = perf_counter() - began
    assert step.read <= 1 + 5 * (seconds + 0.2)


def test_a_slow_epoch_says_where_it_is(monkeypatch):
    stream, step = io.StringIO(), CountingStep()
    monkeypatch.setattr(progress_module, "SLOW_EPOCH", 0.0)
    progress = PlainProgress(stream)
    progress.start(3, 200)
    step.number, step.epoch = 201 + 6, 2
    progress.step(step)
    assert stream.getvalue() == "epoch 2/3  step 7/200  loss 0.5\n"


def test_a_notebook_gets_one_curve_that_grows(monkeypatch):
    shown = []

    class Handle:
        def update(self, picture, raw):
            shown.append(("again", picture))

    def display(picture, *, raw, display_id):
        shown.append(("first", picture))
        return Handle()

    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    monkeypatch.setattr(progress_module, "NOTEBOOK_REDRAW", 0.0)
    monkeypatch.setattr(progress_module, "NOTEBOOK_SHARE", 1e9)
    with NotebookProgress(io.StringIO()) as progress:
        progress.start(3, 1, "digits")
        for number in (1, 2, 3):
            progress.epoch(epoch(number), best=True)
    assert [how for how, _ in shown] == ["first", "again", "again"]
    assert shown[-1][1]["image/png"].startswith(b"\x89PNG")
    assert shown[-1][1]["text/plain"].startswith("epoch 3/3")


def test_a_notebook_is_noticed(monkeypatch):
    shell = type("ZMQInteractiveShell", (), {})()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert isinstance(progress_for(stream=Terminal()), NotebookProgress)


def test_an_unknown_mode_is_told_the_good_ones():
    with pytest.raises(
        UnknownName, match=r"no progress 'plane'\. Did you mean 'plain'\? Known: none, notebook, plain, ter"
    ):
        progress_for("plane")
