from types import SimpleNamespace

import pytest
import torch
from torch import nn

from deepglass.errors import SettingError, ShapeError, UnknownName
from deepglass.layers import MelSpectrogram, Scalogram
from deepglass.networks import NETWORKS, build, summary, with_defaults
from deepglass.networks.front import FRONTS, TAKE_WAVES, as_usual, front_of


def signals(channels: int = 1, samples: int = 4000, rate: float = 8000.0) -> SimpleNamespace:
    field = SimpleNamespace(rate=rate)
    return SimpleNamespace(input_shapes={"sound": (channels, samples)}, outputs=3, fields={"sound": field})


SOUND = signals()


def test_a_network_for_images_gets_a_mel_spectrogram_of_a_signal_and_others_the_wave():
    network = build("convnet", SOUND)
    assert isinstance(front_of(network)[0], MelSpectrogram)
    assert network(torch.randn(2, 1, 4000)).shape == (2, 3)
    assert front_of(build("mlp", SOUND)) is None
    assert build("mlp", SOUND).hidden1.in_features == 4000


@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize(("channels", "samples", "rate"), [(1, 4000, 8000.0), (3, 400, 100.0)])
def test_every_front_gives_an_image_with_its_axes(front, channels, samples, rate):
    data = signals(channels, samples, rate)
    network = build("convnet", data, front=front)
    transform = front_of(network)[0]
    image = front_of(network)(torch.randn(2, channels, samples))
    assert image.shape == (2, channels, len(transform.frequencies), len(transform.times(samples)))
    assert summary(network, data).output_shape == (3,)


def test_the_layers_of_a_row_keep_their_names_so_weights_fit_with_and_without_a_front():
    plain = build("convnet", inputs=(1, 40, 48), outputs=3)
    assert list(build("convnet", SOUND).state_dict()) == list(plain.state_dict())


def test_what_is_no_row_stands_behind_its_front():
    class Own(nn.Module):
        def __init__(self, shape, outputs):
            super().__init__()
            self.shape = shape

        def forward(self, x):
            return x.mean(dim=(2, 3)).expand(-1, 3)

    network = build(Own, SOUND, front="spectrogram")
    assert network.network.shape == (1, 129, 48)
    assert network(torch.randn(2, 1, 4000)).shape == (2, 3)
    assert not hasattr(build(Own, SOUND), "front")  # unless it is asked for, a network of one's own gets the signal


def test_a_list_of_layers_is_sized_for_what_the_front_gives():
    network = build([{"Conv2d": [4, 3]}, "Flatten", {"Linear": "outputs"}], SOUND, front={"mel": {"bands": 16}})
    assert network(torch.randn(2, 1, 4000)).shape == (2, 3)


def test_the_spec_says_all_of_the_front_and_builds_the_same_network_without_the_data():
    section = with_defaults({"name": "convnet", "front": {"scalogram": {"voices": 4}}}, SOUND)
    assert section["front"] == {
        "scalogram": {
            "rate": 8000.0, "wavelet": "morlet", "voices": 4, "lowest": 50.0, "highest": 3200.0, "hop_seconds": 0.01,
            "range_db": 80.0,
        }
    }  # fmt: skip
    sizes_alone = SimpleNamespace(input_shapes=SOUND.input_shapes, outputs=3)
    again, first = build(section, sizes_alone), build(section, SOUND)
    x = torch.randn(2, 1, 4000)
    assert torch.equal(again.eval()(x), first.eval()(x))
    assert isinstance(again.front[0], Scalogram)


def test_defaults_are_written_out_and_other_data_stay_without_a_front():
    assert list(with_defaults({"name": "convnet"}, SOUND)["front"]) == ["mel"]
    assert with_defaults({"name": "mlp"}, SOUND)["front"] == "wave"
    pictures = SimpleNamespace(
        input_shapes={"image": (1, 28, 28)}, outputs=3, fields={"image": SimpleNamespace(rate=0.0)}
    )
    assert "front" not in with_defaults({"name": "convnet"}, pictures)
    assert with_defaults({"name": "convnet"}) == with_defaults({"name": "convnet"}, pictures)


def test_of_a_front_only_what_was_chosen_counts_as_changed():
    usual = with_defaults({"name": "convnet"}, SOUND)
    assert as_usual(usual)["front"] == usual["front"]
    chosen = with_defaults({"name": "convnet", "front": {"mel": {"bands": 20}}}, SOUND)
    assert as_usual(chosen)["front"] == usual["front"]
    assert as_usual(with_defaults({"name": "mlp"}, SOUND)) == {"front": "wave"}
    assert as_usual(with_defaults({"name": "convnet", "front": "scalogram"}, SOUND)) == {}
    assert as_usual({"name": "convnet"}) == {}


def test_masks_come_last_and_only_where_they_are_asked_for():
    assert list(build("convnet", SOUND).front._modules) == ["mel", "decibels", "standardize"]
    network = build("convnet", SOUND, front={"mel": {"time_masks": 1}})
    assert network.front.masks.time_masks == 1 and network.front.masks.frequency_masks == 0


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_of_the_catalogue_takes_a_signal_in_its_usual_way(name):
    if name in ("conv3d", "handwriting", "reader"):
        pytest.skip("takes volumes, strokes or texts, which no front gives")
    data = signals(samples=8000)
    with torch.device("meta"):  # of which the weights are not made
        network = build(name, data)
    assert (front_of(network) is None) == (name in TAKE_WAVES)


def test_the_network_in_float32_hears_quiet_sounds_that_bfloat16_would_lose():
    layer = build("convnet", SOUND).front
    x = torch.randn(1, 1, 4000) * 0.01 + torch.sin(torch.arange(4000) * 0.5)
    with torch.autocast("cpu", torch.bfloat16):
        low = layer(x)
    assert torch.equal(low, layer(x))


@pytest.mark.parametrize(
    ("front", "error", "message"),
    [
        ("mell", UnknownName, "no front 'mell'. Did you mean 'mel'"),
        ({"mel": {"band": 3}}, SettingError, "front=mel has no option 'band'. Did you mean 'bands'"),
        (
            {"mel": {"rate": 16000}},
            SettingError,
            "made for 16000 samples a second, and the data have 8000. Leave its rate out",
        ),
        ({"mel": {"rate": "8 kHz"}}, SettingError, "rate='8 kHz' is no number of samples a second"),
        ({"mel": {"lowest": "low"}}, SettingError, "lowest='low' is no frequency. Give hertz, such as lowest=100"),
        ({"spectrogram": {"window": ["hann"]}}, SettingError, r"window=\['hann'\] is no window of a spectrogram"),
        ({"scalogram": {"wavelet": {"haar": 1}}}, SettingError, "wavelet={'haar': 1} is no wavelet"),
        ({"wave": {"bands": 3}}, SettingError, "front=wave is the signal as it is and has no option 'bands'"),
        (["mel"], SettingError, r"front=\['mel'\] is no front. Write mel, scalogram, spectrogram, wave"),
        (
            {"mel": {"window_seconds": 1.0}},
            ShapeError,
            "4000 samples is shorter than a window of MelSpectrogram, 8000 samples",
        ),
    ],
)
def test_a_front_that_cannot_be_is_told(front, error, message):
    with pytest.raises(error, match=message):
        build("convnet", SOUND, front=front)


def test_a_summary_says_rate_windows_and_bands():
    said = str(summary(build("convnet", SOUND), SOUND)).splitlines()[-1]
    assert said == (
        "front: MelSpectrogram(8000 Hz, hann windows of 200 samples (25 ms) every 80 (10 ms), 40 bands from 0 to 4000 Hz (slaney))"
    )
    assert "front:" not in str(summary(build("mlp", SOUND), SOUND))


def test_a_front_needs_a_signal_and_its_rate():
    with pytest.raises(
        SettingError, match="front=mel needs the samples a second of the signal, which the data do not tell"
    ):
        build("convnet", inputs=(1, 4000), outputs=3, front="mel")
    with pytest.raises(
        ShapeError, match=r"A front takes signals \(channels, samples\), and an example here has shape \(1, 28, 28\)"
    ):
        build("convnet", inputs=(1, 28, 28), outputs=3, front={"mel": {"rate": 8000}})
    with pytest.raises(ShapeError, match=r"an example here has shape \(4,\). Leave front out"):
        build("mlp", inputs=(4,), outputs=3, front="mel")
