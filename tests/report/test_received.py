import numpy as np
import pytest
import torch

import deepglass as dg
from deepglass.report import Contents, received_of, render
from deepglass.report.pictures import received
from deepglass.report.pictures.received import frequency_names

RATE, SAMPLES = 100, 600


@pytest.fixture(scope="module")
def data():
    """Three channels of noise; class 1 has a wave of 10 Hz in the second half of the first channel."""
    random = np.random.default_rng(0)
    signals = 0.1 * random.normal(size=(40, 3, SAMPLES)).astype(np.float32)
    classes = np.arange(40) % 2
    signals[classes == 1, 0, 300:] += np.sin(2 * np.pi * 10 * np.arange(300) / RATE)
    return dg.load((signals, classes), kinds={"x": "signal"}, rate=RATE, channels=["E", "N", "Z"])


def test_the_front_is_shown_an_example_of_each_class_of_the_validation_split(data):
    got = received_of(dg.build("convnet", data, front="scalogram"), data)
    assert got.split == "validation" and got.truths == ["0", "1"]
    assert set(got.ids) <= set(data.members("validation").tolist())
    assert got.signals.shape == (2, 3, SAMPLES) and list(got.channels) == ["E", "N", "Z"]
    assert got.images.shape == (2, 3, len(got.frequencies), len(got.times))
    np.testing.assert_allclose(got.signals, data.store.take(torch.tensor(got.ids), 0)["x"], atol=1e-5)


def test_a_wave_is_loudest_at_its_time_and_frequency(data):
    got = received_of(dg.build("convnet", data, front="scalogram"), data)
    loud = got.images[1, 0] > np.quantile(got.images[1, 0], 0.97)
    row, column = (int(np.median(places)) for places in np.nonzero(loud))
    assert got.frequencies[row] == pytest.approx(10, rel=0.1)
    assert got.times[column] > 3


def test_a_network_without_a_front_receives_the_signal_itself(data):
    assert received_of(dg.build("mlp", data), data) is None


def test_the_picture_has_seconds_and_hertz(data):
    figure = received(received_of(dg.build("convnet", data, front="scalogram"), data))
    labels = [(panel.get_xlabel(), panel.get_ylabel()) for panel in figure.axes]
    assert sum(x == "seconds" for x, _ in labels) == 2
    assert [y for _, y in labels if "hertz" in y] == ["E\nhertz", "N\nhertz", "Z\nhertz"]
    names = [[text.get_text() for text in panel.get_yticklabels()] for panel in figure.axes]
    assert ["20", "10", "5", "2", "1"] in names


def test_frequencies_are_named_where_they_are():
    rows, names = frequency_names(np.linspace(0, 4000, 129))
    assert dict(zip(names, rows)) == {"4,000": 128, "3,000": 96, "2,000": 64, "1,000": 32, "0": 0}
    rows, names = frequency_names(50 * 2 ** (np.arange(49) / 8))
    assert dict(zip(names, rows))["200"] == pytest.approx(16)


def test_the_page_shows_what_the_network_receives(data):
    got = received_of(dg.build("convnet", data), data)
    about = {"name": "run", "status": "done", "path": "runs/run", "spec": {}, "history": [], "kind": "category"}
    page = render(Contents(**about, data=data.describe(), received=got))
    assert "What the network receives" in page and "MelSpectrogram: 100 Hz, hann windows of 64 samples" in page
    assert "What the network receives" not in render(Contents(**about, data=data.describe()))


def test_a_run_builds_its_front_again_without_the_data(data, tmp_path):
    front = {"mel": {"time_masks": 2}}
    run = dg.train({"name": "convnet", "filters": [4], "front": front}, data, epochs=1, out=tmp_path, progress=False)
    again = dg.Run(tmp_path)
    assert again.spec.network["front"]["mel"]["rate"] == RATE
    watched = {layer.name for layer in dg.Evidence.from_run(tmp_path).layers}
    assert "conv1" in watched and not any("front" in name for name in watched)  # which learns nothing
    x = torch.randn(2, 3, SAMPLES)
    assert torch.equal(again.network(x), run.network.eval()(x))


def test_a_training_that_is_resumed_goes_on_with_the_same_masks(data):
    def training():
        network = dg.build("convnet", data, filters=[4], front={"mel": {"time_masks": 2, "frequency_masks": 1}})
        return dg.Training(network, data, dg.Recipe(epochs=2, batch_size=8))

    whole, first, second = training(), training(), training()
    list(whole)
    next(iter(first))
    second.load_state_dict(first.state_dict())
    torch.rand(5)  # what others draw in between does not matter
    list(second)
    for a, b in zip(whole.network.parameters(), second.network.parameters(), strict=True):
        assert torch.equal(a, b)


def test_what_an_output_sees_of_a_signal_is_said_in_samples_and_seconds(data, tmp_path):
    run = dg.train({"name": "conv1d", "filters": [4]}, data, epochs=1, out=tmp_path, progress=False)
    page = run.report().read_text(encoding="utf-8")
    widest = max(y.receptive_field for y in dg.summary(run.network, data).layers if y.receptive_field is not None)
    said = f'"Sees" is how many samples of the signal one output depends on, at 100 a second: {widest} samples are'
    assert f"{said} {widest / RATE:.3g} s." in page and "pixels of the input" not in page
