from killed import assert_survives_a_kill

import deepglass as dg
from deepglass.networks import build
from deepglass.tasks import Forecasting


def make():
    data = dg.load("seasonal", options={"points": 200})
    network = build("mlp", data, hidden=[8], dropout=0.2, outputs=3 * data.outputs)
    recipe = dg.Recipe(batch_size=16, threads=1, early_stopping=True)
    return dg.Training(network, data, recipe, task=Forecasting(quantiles=[0.1, 0.5, 0.9]))


def test_a_forecast_with_quantiles_survives_a_kill(tmp_path):
    assert_survives_a_kill(make, tmp_path)
