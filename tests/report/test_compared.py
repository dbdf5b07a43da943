from deepglass.report.pictures import compared_curves, to_svg
from deepglass.training.records import Epoch


def history(start, epochs=4, **extra):
    return [
        Epoch(n, 0.1, 0.01, {}, {"loss": start / n, "accuracy": 1 - start / (n + 1), **extra})
        for n in range(1, epochs + 1)
    ]


def test_each_run_has_one_line_a_panel_and_one_entry_a_label():
    figure = compared_curves([("A", history(0.5)), ("A", history(0.6)), ("B", history(0.7, epochs=6))])
    assert [panel.get_title("left") for panel in figure.axes] == ["Validation: loss", "Validation: accuracy"]
    lines = figure.axes[0].get_lines()
    assert [line.get_ydata()[0] for line in lines] == [0.5, 0.6, 0.7]
    assert lines[0].get_color() == lines[1].get_color() != lines[2].get_color()
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["A", "B"]


def test_the_panels_are_of_metrics_that_all_have_recorded():
    other = [Epoch(1, 0.1, 0.01, {"loss": 1.0}, {})]
    figure = compared_curves([("A", history(0.5)), ("B", other), ("C", [])])
    assert [panel.get_title("left") for panel in figure.axes] == ["Training or validation: loss"]
    assert "<svg" in to_svg(figure)
