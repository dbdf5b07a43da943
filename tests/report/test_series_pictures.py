import numpy as np
import torch
from torch import nn

import deepglass as dg
from deepglass.data.portrait import portrait
from deepglass.report.fillings import fillings_of
from deepglass.report.forecasts import forecasts_of
from deepglass.report.pictures.filling import filling_picture
from deepglass.report.pictures.forecast import forecast_picture
from deepglass.tasks import Forecasting, Imputation


def texts(figure):
    parts = [figure, *figure.subfigs]
    axes = [a for part in parts for a in part.axes]
    return [t for a in axes for t in (a.get_title(loc="left"), a.get_ylabel(), a.get_xlabel()) if t]


def test_a_portrait_shows_the_course_of_each_variable_and_the_season():
    values = np.stack([np.arange(300.0), np.sin(np.arange(300) * 2 * np.pi / 12)], axis=1)
    data = dg.load(values, target="x1", lookback=12, horizon=3)
    found = portrait(data).series
    assert list(found.variables) == ["x1", "x0"] and found.period == 12
    times, shown = found.variables["x0"]
    np.testing.assert_allclose(times, shown)  # x0 is the number of its row
    last_open = data.source.fields["x1"].values.rows(data.splits.validation).max()
    assert times.max() == last_open  # nothing of the test split is drawn
    said = texts(data.show())
    assert "How x1 goes with itself some steps before: a season of 12 steps" in said


def test_a_portrait_of_series_of_their_own_shows_some_of_each_class():
    series = [np.ones((n, 2)) * n for n in range(2, 22)]
    data = dg.load((series, ["a", "b"] * 10), kinds={"x": "series"})
    found = portrait(data).series
    assert [name for name, _ in found.examples] == ["a", "b"]
    assert "Some series (x0, x1)" in texts(data.show())


def test_forecasts_are_drawn_beside_what_came_with_the_band_of_their_quantiles():
    data = dg.load(np.arange(60.0), lookback=4, horizon=2)
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 4))
    task = Forecasting(quantiles=[0.2, 0.8])
    task.prepare(data, network)
    ids = data.members("validation")
    with torch.no_grad():
        said = task.collect(network, [data.read(ids)])
    found = forecasts_of(task, data, said, task.beside(data, ids, 0))
    first = found.shown[0]
    np.testing.assert_allclose(
        np.diff([*first.past, *first.truth]), 1, atol=1e-4
    )  # the truth goes on where the past ends
    assert first.quantiles.shape == (2, 2) and set(found.beside) == {"naive forecast", "linear model"}
    said = texts(forecast_picture(found))
    assert {"Forecasts and what came", "Error by step ahead", "Forecast minus truth through time"} <= set(said)


def test_what_was_hidden_is_drawn_beside_what_it_was_filled_with():
    data = dg.load(np.sin(np.arange(200.0) / 5), lookback=20, horizon=0, on_missing="keep")
    network = nn.Sequential(nn.Flatten(), nn.Linear(40, 20))
    task = Imputation(hidden=0.3)
    task.prepare(data, network)
    ids = data.members("validation")
    with torch.no_grad():
        said = task.collect(network, [data.read(ids)])
    one = fillings_of(task, said).shown[0]
    truth = data.source.fields["series"].values[one.example][:, 0].numpy()
    np.testing.assert_allclose(np.where(np.isfinite(one.known), one.known, one.hidden), truth, atol=1e-5)
    assert (np.isfinite(one.hidden) == np.isfinite(one.filled)).all() and np.isfinite(one.hidden).any()
    assert "time step of the window" in texts(filling_picture(fillings_of(task, said)))
