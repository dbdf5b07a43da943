"""Through time: what a user sees of the recurrent layers of a network."""

import pandas
import pytest
import torch
from torch import nn
from torch.testing import assert_close

import deepglass as dg
from deepglass.errors import SettingError, ShapeError
from deepglass.inside.through_time import reach_of, through_time
from deepglass.layers.recurrent_clockwork import ClockworkRecurrent
from deepglass.layers.recurrent_skip import SkipRecurrent
from deepglass.layers.recurrent_steps import StepByStep
from deepglass.networks import build
from deepglass.report.pictures.figure import to_png
from deepglass.report.pictures.through_time import through_time_picture


def text(*codes):
    return torch.tensor([codes])


@pytest.mark.parametrize(("weight", "steps"), [(0.9, 50), (1.1, 50), (0.25, 10)])
def test_of_a_linear_recurrence_w_to_the_t_is_left(weight, steps):
    layer = StepByStep(1, 1, nonlinearity="identity").double()
    with torch.no_grad():
        layer.weight_hh_l0.fill_(weight)
    found = reach_of(layer, torch.randn(1, steps, 1, dtype=torch.float64))
    assert_close(found, weight ** torch.arange(steps, -1, -1.0, dtype=torch.float64))


def test_the_reach_is_the_largest_singular_value_of_what_autograd_says():
    torch.manual_seed(0)
    layer, x = nn.LSTM(3, 4, batch_first=True).double(), torch.randn(1, 6, 3, dtype=torch.float64)

    def end(state):
        return layer(x[:, 2:], (state[None, None, :4], state[None, None, 4:]))[0][0, -1]

    middle = layer(x[:, :2])[1]
    jacobian = torch.autograd.functional.jacobian(end, torch.cat([part.flatten() for part in middle]))
    assert_close(reach_of(layer, x)[2], torch.linalg.svdvals(jacobian)[0])


@pytest.mark.parametrize(
    "make", [lambda: SkipRecurrent(3, 4, delay=2), lambda: ClockworkRecurrent(3, 4, periods=[1, 2])]
)
def test_states_of_several_parts_and_clocks_are_followed_too(make):
    torch.manual_seed(0)
    found = reach_of(make().double(), torch.randn(1, 5, 3, dtype=torch.float64))
    assert found.shape == (6,) and found[-1] == 1 and (found > 0).all()


def test_each_layer_is_seen_with_states_gates_and_reach_and_padding_is_left_out():
    network = build("lstm", inputs=(9,), outputs=2, vocabulary=7, units=5, layers=2)
    found = through_time(network, text(3, 1, 4, 2, 0, 0))
    assert list(found) == ["lstm1", "lstm2"]
    first = found["lstm1"]
    assert first.steps == 4 and first.states.shape == (4, 5) and first.reach.shape == (5,)
    assert list(first.gates) == ["input", "forget", "output"]
    assert_close(first.states, network.lstm1(network.embedding(text(3, 1, 4, 2)))[0][0].detach())
    shares = first.histogram("forget")
    assert shares.shape == (10, 4)
    assert_close(shares.sum(dim=0), torch.ones(4))
    values = first.gates["forget"][0]
    assert shares[:, 0].tolist() == pytest.approx((torch.histc(values, 10, 0, 1) / 5).tolist())


def test_of_two_ways_the_second_is_seen_in_the_order_in_which_it_reads():
    network = build("gru", inputs=(9,), outputs=2, vocabulary=7, units=5, bidirectional=True)
    found = through_time(network, text(3, 1, 4, 0, 0))
    way, back = found["gru1.forwards"], found["gru1.backwards"]
    assert (way.backwards, back.backwards) == (False, True)
    assert back.kind == "GRU, reading backwards" and list(back.gates) == ["reset", "update"]
    assert_close(back.states, network.gru1.backwards(network.embedding(text(4, 1, 3)))[0][0].detach())


def test_ones_own_network_is_looked_at_as_it_is_and_left_as_it_was():
    class Mine(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(2, 3)  # steps first
            self.end = nn.Linear(3, 1)

        def forward(self, x):
            return self.end(self.lstm(x.transpose(0, 1))[0][-1])

    network, x = Mine().train(), torch.randn(1, 7, 2)
    found = through_time(network, x)
    assert found["lstm"].steps == 7
    assert network.training and not network.lstm._forward_pre_hooks
    assert all(p.grad is None and p.dtype == torch.float32 and p.requires_grad for p in network.parameters())


def test_what_cannot_be_looked_at_is_told():
    lstm = build("lstm", inputs=(9,), outputs=2, vocabulary=7, units=5)
    with pytest.raises(SettingError, match="This example is empty"):
        through_time(lstm, text(0, 0))
    with pytest.raises(ShapeError, match="looks at one example, and got 2"):
        through_time(lstm, torch.ones(2, 3, dtype=torch.int64))
    with pytest.raises(SettingError, match="Sequential has no recurrent layer"):
        through_time(build("mlp", inputs=(4,), outputs=2), torch.zeros(1, 4))


@pytest.mark.parametrize("method", ["gradient", "gradient_x_input", "integrated_gradients", "smooth_grad", "occlusion"])
def test_saliency_works_on_recurrent_networks_of_series_and_of_texts(method):
    series = build("lstm", inputs=(6, 2), outputs=2, units=4, bidirectional=True)
    found = dg.saliency(series, torch.randn(3, 6, 2), method=method)
    assert found.values.shape == (3, 6, 2) and found.values.isfinite().all()
    texts = build("gru", inputs=(6,), outputs=2, vocabulary=5, units=4)
    found = dg.saliency(texts, text(3, 1, 4, 0, 0), method=method)
    assert found.values.shape == (1, 5) and (found.values[0, 3:] == 0).all()


def test_what_is_heard_last_alone_matters_to_a_network_that_forgets_at_once():
    network = build("rnn", inputs=(4, 1), outputs=1, units=3)
    with torch.no_grad():
        network.rnn1.weight_hh_l0.zero_()
    found = dg.saliency(network, torch.ones(1, 4, 1), 0, "gradient").values[0, :, 0]
    assert (found[:3] == 0).all() and found[3] != 0


def test_the_picture_names_every_step_and_the_gates():
    network = build("lstm", inputs=(9,), outputs=2, vocabulary=7, units=5)
    found = list(through_time(network, text(3, 1, 4)).values())
    figure = through_time_picture(found, ["so", "it", "goes"], "a title")
    panels = figure.subfigs[0].axes
    assert [label.get_text() for label in panels[4].get_xticklabels()] == ["so", "it", "goes"]
    assert any(panel.get_title(loc="left").startswith("forget gate") for panel in panels)
    assert to_png(figure).startswith(b"\x89PNG")


def test_a_run_is_looked_at_over_time_and_its_steps_are_the_words(tmp_path):
    texts = ["so it goes", "so it went on and on", "it goes on", "and so on"] * 10
    data = dg.load(
        pandas.DataFrame({"text": texts, "mood": ["up", "down", "up", "down"] * 10}),
        target="mood",
        kinds={"text": "text"},
    )
    run = dg.train(build("gru", data, units=4), data, epochs=1, out=tmp_path / "run", progress=False)
    number = int(data.members("validation")[0])
    seen = run.look(number, what="time")
    assert seen.words == texts[number].split()
    assert seen.layers["gru1"].steps == len(seen.words)
    assert "gates on average open: reset" in repr(seen)
    assert seen.to_dict()["layers"][0]["reach"][-1] == 1
    assert seen.picture(tmp_path / "time.png") and (tmp_path / "time.png").is_file()
