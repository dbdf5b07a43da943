import numpy as np
import pandas
import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.errors import DataError, SettingError, ShapeError
from deepglass.tasks import Forecasting
from deepglass.tasks.forecasting import FromLast, Pinball


class Repeat(nn.Module):
    """Says the last value of the window at every step."""

    def __init__(self, steps):
        super().__init__()
        self.steps, self.shift = steps, nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return x[:, -1:, :1].expand(-1, self.steps, -1) + self.shift


def ramp(points=60, **settings):
    return dg.load(np.arange(float(points)), **{"lookback": 4, "horizon": 2, **settings})


def prepared(task, network, data):
    task.prepare(data, network)
    return task


def test_the_pinball_loss_by_hand():
    loss = Pinball([0.1, 0.9])(torch.tensor([[1.0, 1.0]]), torch.tensor([[[3.0]]]))
    assert loss.tolist() == pytest.approx([(0.1 * 2 + 0.9 * 2) / 2])  # two too low
    loss = Pinball([0.1, 0.9])(torch.tensor([[5.0, 5.0]]), torch.tensor([[[3.0]]]))
    assert loss.tolist() == pytest.approx([(0.9 * 2 + 0.1 * 2) / 2])  # two too high


def test_metrics_are_in_the_unit_of_the_series_and_normalized_by_the_training_past():
    data = ramp()
    task = prepared(Forecasting(), Repeat(2), data)
    with torch.no_grad():
        scores = task.measure(Repeat(2), [data.examples("validation")])
    deviation = np.arange(38.0).std()  # 60 steps: 12 for the test, then 10 of 48 for validation
    assert scores["mae"] == pytest.approx(1.5, abs=1e-4)  # one step ahead it is 1 off, two steps ahead 2
    assert scores["rmse"] == pytest.approx(2.5**0.5, abs=1e-4)
    assert scores["mase"] == pytest.approx(1.5, abs=1e-4)  # repeating the last value is 1 off in the training past
    assert scores["normalized_mae"] == pytest.approx(1.5 / deviation, abs=1e-4)
    assert scores["normalized_mse"] == pytest.approx(2.5 / deviation**2, abs=1e-4)


def test_the_naive_baseline_is_what_a_network_that_repeats_reaches():
    data = ramp()
    task = prepared(Forecasting(), Repeat(2), data)
    beside = task.beside(data, data.members("validation"), 0)
    assert beside["naive forecast"]["mae"] == pytest.approx(1.5) and beside["naive forecast"][
        "by_step"
    ] == pytest.approx([1, 2])
    assert beside["linear model"]["mae"] < 0.05  # a straight line is linear in its window


def test_the_seasonal_baseline_repeats_the_season_before():
    season = np.array([0.0, 3, 1, 5, 2, 8, 4])
    data = dg.load(np.tile(season, 30) + 1e-3 * np.random.default_rng(0).standard_normal(210), lookback=3, horizon=9)
    task = prepared(Forecasting(), Repeat(9), data)
    found = task.beside(data, data.members("validation"), 0)["seasonal naive forecast"]
    assert found["mae"] < 0.01 and found["note"] == "a season of 7 steps"


def test_a_network_is_compared_with_baselines_over_blocks_of_time(in_tmp):
    run = dg.train(
        "linear", dg.load("waves", options={"points": 900}), epochs=12, out="run", progress=False, learning_rate=0.01
    )
    beside = run.standing()["baselines"]["naive forecast"]["compared"]
    assert beside["metric"] == "normalized_mse" and beside["verdict"] == "worse" and beside["interval"][0] > 0
    assert "naive forecast" in " ".join(run.verdict())
    page = run.report().read_text()
    assert "What it forecasts" in page and "Error by step ahead" in page


def test_quantiles_come_in_order_and_their_coverage_is_counted():
    data = ramp()
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 6))
    task = prepared(Forecasting(quantiles=[0.9, 0.1, 0.5]), network, data)
    said = task.interpret(torch.tensor([[3.0, 1, 2, 6, 4, 5]]))
    assert said["quantiles"].tolist() == [[[1, 2, 3], [4, 5, 6]]] and said["value"].tolist() == [[2, 5]]
    with torch.no_grad():
        network[1].weight.zero_()
        network[1].bias.copy_(torch.tensor([-9.0, 0, 9, 8, 9, 10]))
    assert (
        task.measure(network, [data.examples("validation")])["coverage"] == 0.5
    )  # the first step always, the second never


def test_a_network_of_the_wrong_size_for_its_quantiles_is_told_the_right_one():
    data = ramp()
    with pytest.raises(ShapeError, match="2 steps x 1 variables x 3 quantiles are 6"):
        Forecasting(quantiles=[0.1, 0.5, 0.9]).prepare(data, nn.Sequential(nn.Flatten(), nn.Linear(4, 2)))


def test_quantiles_go_with_their_own_loss():
    with pytest.raises(SettingError, match="pinball"):
        Forecasting("mse", quantiles=[0.5])
    with pytest.raises(SettingError, match="Say which"):
        Forecasting("pinball")


def test_from_last_a_network_of_zeros_repeats_the_last_value():
    zeros = nn.Sequential(nn.Flatten(), nn.Linear(8, 4))
    for parameter in zeros.parameters():
        nn.init.zeros_(parameter)
    x = torch.randn(3, 4, 2)
    said = FromLast(zeros, [1], (2, 1), 2)(x)  # two steps, two quantiles
    torch.testing.assert_close(said, x[:, -1, 1:].expand(3, 4))
    data = ramp()
    task = prepared(Forecasting(from_last=True), nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), data)
    with torch.no_grad():
        said = task.predict(nn.Sequential(nn.Flatten(), zeros_of(4, 2)), data.examples("validation").pick(["series"]))
    torch.testing.assert_close(said["value"][:, 0], data.examples("validation")["series"][:, -1, 0])


def zeros_of(inputs, outputs):
    layer = nn.Linear(inputs, outputs)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


def test_the_last_rows_of_a_file_give_the_next_steps_with_their_times(in_tmp):
    months = pandas.date_range("2020-01-01", periods=40, freq="MS").strftime("%Y-%m")
    frame = pandas.DataFrame({"month": months, "sold": np.arange(40.0)})
    frame.to_csv("shop.csv", index=False)
    data = dg.load("shop.csv", time="month", lookback=4, horizon=3)
    run = dg.train(Repeat(3), data, epochs=0, out="run", progress=False)
    said = run.predict("shop.csv")
    assert said["time"].tolist() == ["2023-05-01", "2023-06-01", "2023-07-01"]
    assert said["sold"].tolist() == pytest.approx([39, 39, 39], abs=1e-4)
    frame.tail(3).to_csv("few.csv", index=False)
    with pytest.raises(DataError, match="ends with 3 time steps, and the network looks back on 4"):
        run.predict("few.csv")
    frame.drop(columns="sold").to_csv("less.csv", index=False)
    with pytest.raises(DataError, match="no column 'sold'"):
        run.predict("less.csv")


def test_two_variables_are_forecast_at_once():
    values = np.stack([np.arange(60.0), -np.arange(60.0)], axis=1)
    data = dg.load(values, target=["x0", "x1"], lookback=4, horizon=2)
    assert data.targets["target"].shape == (2, 2) and data.outputs == 4
    task = prepared(Forecasting(), nn.Sequential(nn.Flatten(), nn.Linear(8, 4)), data)
    decoded = task.decode(task.interpret(data.examples("validation")["target"]))
    np.testing.assert_allclose(decoded["x0"], -decoded["x1"], atol=1e-4)
