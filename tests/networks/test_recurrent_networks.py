"""Recurrent networks: padding changes nothing, step by step is all at once, and every option does what it says."""

from types import SimpleNamespace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F
from torch.testing import assert_close

from deepglass.errors import SettingError, ShapeError, UnknownName
from deepglass.networks import SUITS, build, calculator
from deepglass.networks.echo_state import echo_state
from deepglass.networks.lstm import lstm
from deepglass.networks.rnn import rnn

NAN = float("nan")
SORTS = {
    "rnn": {},
    "rnn, relu, stacked": {"nonlinearity": "relu", "layers": 2},
    "rnn, output": {"recurrence": "output"},
    "rnn, leaky": {"time_constants": [1, 8]},
    "rnn, skip": {"skip": 2},
    "rnn, clockwork": {"every": [1, 2]},
    "lstm": {},
    "lstm, mean": {"summary": "mean"},
    "lstm, max": {"summary": "max"},
    "gru, stacked": {"layers": 2},
    "echo_state": {},
}
BOTH_WAYS = {
    "rnn, skip, both ways": {"skip": 2, "bidirectional": True},
    "lstm, both ways": {"bidirectional": True},
    "lstm, both ways, stacked": {"bidirectional": True, "layers": 2},
    "gru, both ways, mean": {"bidirectional": True, "summary": "mean"},
}
EVERY = {**SORTS, **BOTH_WAYS}


def network(sort, *, tokens=True, every_step=False, **more):
    shape, vocabulary = ((9,), 7) if tokens else ((9, 2), None)
    options = {**EVERY[sort], "units": 5, **more}
    name = sort.split(",")[0]
    made = build(name, inputs=shape, outputs=3, vocabulary=vocabulary, every_step=every_step, **options)
    return made.double().eval()


def texts(lengths, time, *, tokens=True):
    """Drawn texts of these lengths, padded to so many steps; a text is the same whatever it is padded to."""
    x = (
        torch.zeros(len(lengths), time, dtype=torch.int64)
        if tokens
        else torch.full((len(lengths), time, 2), NAN).double()
    )
    for row, length in enumerate(lengths):
        random = torch.Generator().manual_seed(row)
        drawn = torch.randint(1, 7, (length,), generator=random)
        x[row, :length] = drawn if tokens else torch.randn(length, 2, dtype=torch.float64, generator=random)
    return x


@pytest.mark.parametrize("tokens", [True, False])
@pytest.mark.parametrize("sort", EVERY)
@settings(max_examples=6, deadline=None)
@given(lengths=st.lists(st.integers(0, 6), min_size=1, max_size=4), more=st.integers(0, 3))
def test_neither_padding_nor_the_other_texts_change_an_answer(sort, tokens, lengths, more):
    for every_step in (False, True):
        made = network(sort, tokens=tokens, every_step=every_step)
        padded = made(texts(lengths, max(lengths) + more, tokens=tokens))
        assert padded.isfinite().all()
        for row, length in enumerate(lengths):
            alone = made(texts(lengths, max(lengths), tokens=tokens)[row : row + 1, :length])
            assert_close(
                padded[row, :length] if every_step else padded[row], alone[0, :length] if every_step else alone[0]
            )


@pytest.mark.parametrize("sort", EVERY)
def test_gradients_do_not_depend_on_padding_and_are_numbers_for_an_empty_text(sort):
    made = network(sort)
    weights = [p for p in made.parameters() if p.requires_grad]
    by_padding = []
    for time in (5, 8):
        answers = made(texts([5, 0, 2], time))
        by_padding.append(
            torch.autograd.grad(answers.square().sum(), weights, allow_unused=True, materialize_grads=True)
        )
    assert_close(by_padding[0], by_padding[1])
    assert all(slope.isfinite().all() for slope in by_padding[0])


@pytest.mark.parametrize("tokens", [True, False])
@pytest.mark.parametrize("sort", SORTS)
def test_step_by_step_it_says_what_it_says_all_at_once(sort, tokens):
    made, x = network(sort, tokens=tokens, every_step=True), texts([5, 5], 5, tokens=tokens)
    whole, state, said = made(x), made.begin({}, batch=2), []
    for t in range(5):
        answer, state = made.step(x[:, t], state)
        said.append(answer)
    assert_close(torch.stack(said, dim=1), whole)
    assert all(len(part) == 2 for part in state.values())


@pytest.mark.parametrize("sort", SORTS)
def test_continued_from_the_state_of_the_first_part_it_is_the_whole(sort):
    made, x = network(sort, every_step=True), texts([6, 3], 6)
    whole = made(x)
    first, state = made.continued(x[:, :4], {})
    second, _ = made.continued(x[:, 4:], state)
    assert_close(torch.cat([first[:1], second[:1]], dim=1), whole[:1])
    assert_close(first[1, :3], whole[1, :3])


def test_a_finished_text_keeps_its_state_while_others_go_on():
    made = network("lstm", every_step=True)
    _, state = made.step(torch.tensor([2, 3]), made.begin(batch=2))
    _, after = made.step(torch.tensor([4, 0]), state)
    for part in state:
        assert_close(after[part][1], state[part][1])
        assert not torch.equal(after[part][0], state[part][0])


def test_a_network_that_reads_both_ways_says_why_it_cannot_go_step_by_step():
    with pytest.raises(ShapeError, match=r"both ways needs the whole series.*bidirectional=False"):
        network("lstm, both ways").begin(batch=1)


@pytest.mark.parametrize("sort", ["lstm, both ways", "gru, both ways, mean", "rnn, skip, both ways"])
def test_with_its_two_ways_swapped_it_says_of_a_reversed_text_what_it_says_of_the_text(sort):
    made, x = network(sort, every_step=True), texts([6], 6)
    top = made.get_submodule(made.names[0])
    whole = made.hidden(*made.read(x))
    top.forwards, top.backwards = top.backwards, top.forwards
    turned = made.hidden(*made.read(x.flip(1))).flip(1)
    assert_close(torch.cat(turned.split(5, dim=2)[::-1], dim=2), whole)


def test_one_layer_both_ways_is_torchs_bidirectional_layer():
    made, x = network("lstm, both ways", every_step=True), texts([4, 4], 4)
    torchs = nn.LSTM(7, 5, bidirectional=True, batch_first=True).double()
    ways = made.get_submodule("lstm1")
    weights = {**ways.forwards.state_dict(), **{f"{k}_reverse": v for k, v in ways.backwards.state_dict().items()}}
    torchs.load_state_dict(weights)
    assert_close(made.hidden(*made.read(x)), torchs(made.embedding(x))[0])


def test_teacher_forcing_takes_the_loop_through_time_away():
    made, x = network("rnn, output", every_step=True), texts([5, 5], 5)
    truth = torch.tensor([[0, 2, 1, 1, 0], [2, 2, 0, 1, 1]])
    state, said = made.begin(batch=2), []
    for t in range(5):
        answer, _ = made.step(x[:, t], state)
        said.append(answer)
        state = {"answer": F.one_hot(truth[:, t], 3).double()}  # the truth, whatever was answered
    forced = made.forced(x, truth)
    assert_close(forced, torch.stack(said, dim=1))
    changed = made.forced(x, torch.cat([truth[:, :2], 2 - truth[:, 2:3], truth[:, 3:]], dim=1))
    assert not torch.equal(changed[:, 3], forced[:, 3])
    assert_close(changed[:, 4], forced[:, 4])  # one step later nothing is left of it


def test_a_vector_becomes_a_series_and_arrives_at_the_start_or_at_each_step():
    torch.manual_seed(0)
    x = torch.randn(2, 4)
    each, start = (build("lstm", inputs=(4,), outputs=6, units=5, steps=3, context=c).eval() for c in ("each", "start"))
    assert each(x).shape == start(x).shape == (2, 6)
    assert_close(each(x)[:, :2], start(x)[:, :2])  # the first step hears it either way, and the weights are the same
    assert not torch.allclose(each(x)[:, 2:], start(x)[:, 2:])
    repeated = torch.stack([x, torch.zeros(2, 4), torch.zeros(2, 4)], dim=1)
    assert_close(start(x), start.output(start.lstm1(repeated)[0]).flatten(1))
    assert_close(each(x), each.output(each.lstm1(x[:, None].repeat(1, 3, 1))[0]).flatten(1))


@pytest.mark.parametrize(("name", "gates"), [("rnn", 1), ("gru", 3), ("lstm", 4)])
def test_parameters_are_those_of_the_formula_with_two_biases(name, gates):
    found = calculator(name, (10, 1), 2, units=30)
    layer = next(layer for layer in found.layers if layer.name.endswith("1"))
    assert layer.parameters == gates * 30 * (1 + 30 + 1 + 1)
    assert found.parameters == layer.parameters + 30 * 2 + 2
    assert layer.multiply_adds == gates * 30 * 31 * 10


def test_tokens_become_vectors_of_64_or_as_many_as_there_are_tokens_and_padding_stays_0():
    assert build("gru", inputs=(9,), outputs=2, vocabulary=1000).embedding.weight.shape == (1000, 64)
    few = build("gru", inputs=(9,), outputs=2, vocabulary=6)
    assert few.embedding.weight.shape == (6, 6)
    assert (few.embedding.weight[0] == 0).all()
    assert build("gru", inputs=(9,), outputs=2, vocabulary=1000, embedding=8).embedding.weight.shape == (1000, 8)


def test_signals_and_spectrograms_are_read_along_time():
    signal = SimpleNamespace(
        input_shapes={"sound": (2, 50)}, outputs=3, fields={"sound": SimpleNamespace(kind="signal", rate=100.0)}
    )
    made = build("gru", signal, units=5)
    assert made[1].gru1.input_size == 2
    assert made(torch.randn(4, 2, 50)).shape == (4, 3)
    picture = build("gru", inputs=(1, 8, 20), outputs=3, units=5)
    assert picture[1].gru1.input_size == 8


def test_with_an_answer_at_each_step_softmax_is_over_the_answers():
    made = build("gru", inputs=(4, 2), outputs=3, every_step=True, output_activation="softmax")
    assert_close(made(torch.randn(2, 4, 2)).sum(dim=2), torch.ones(2, 4))


def test_an_echo_state_network_is_solved_at_once_and_continues_a_wave():
    t = torch.arange(600, dtype=torch.float64)
    wave = (0.2 * t).sin() * (0.031 * t).cos()
    x, y = wave[None, :-1, None], wave[None, 1:, None]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = echo_state((400, 1), 1, every_step=True, units=60).double()
    made.solve(x[:, :400], y[:, :400], washout=50)
    error = (made(x)[:, 400:] - y[:, 400:]).square().mean()
    still = (x[:, 400:] - y[:, 400:]).square().mean()  # tomorrow as today
    assert error < still / 1000
    assert sum(p.requires_grad for p in made.parameters()) == 2


def test_the_read_out_of_one_answer_is_solved_from_the_last_state_and_other_targets_are_told():
    made = network("echo_state", tokens=False, units=40)
    x, y = texts([6] * 30, 6, tokens=False), torch.randn(30, 3, dtype=torch.float64)
    made.solve(x, y, ridge=1e-9)
    assert_close(made(x), y, rtol=0, atol=1e-2)  # 41 numbers for 30 rows
    with pytest.raises(ShapeError, match=r"cannot be solved for targets \(29, 3\)"):
        made.solve(x, y[1:])


def test_gradients_of_recurrent_networks_are_clipped_unless_somebody_says_otherwise():
    assert all(SUITS[name]["recipe.clip_norm"] == 1 for name in ("gru", "lstm", "rnn"))


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda: lstm((4,), 3), ShapeError, r"lstm takes series \(time, features\).*steps=10"),
        (lambda: lstm((1, 2, 3, 4), 3), ShapeError, "use convnet"),
        (lambda: lstm((4, 2), 3, steps=3), ShapeError, "makes a series from a vector"),
        (lambda: lstm((4,), 7, steps=3), SettingError, "steps=3 does not share out 7 outputs"),
        (lambda: lstm((4,), 6, steps=3, context="never"), SettingError, "context='never' does not exist"),
        (lambda: lstm((4,), 6, steps=3, bidirectional=True), SettingError, "bidirectional=True is impossible"),
        (lambda: lstm((4, 2), 3, units=0), SettingError, "units=0 is no number"),
        (lambda: lstm((4, 2), 3, summary="first"), SettingError, "summary='first' does not exist"),
        (lambda: lstm((4, 2), 3, initialization="lucky"), UnknownName, "lucky"),
        (lambda: rnn((4, 2), 3, nonlinearity="sigmoid"), SettingError, "nonlinearity='sigmoid' does not exist"),
        (lambda: rnn((4, 2), 3, skip=2, every=[1, 2]), SettingError, "skip and every are asked for"),
        (lambda: rnn((4, 2), 3, recurrence="output", layers=2, skip=3), SettingError, "no layers, skip"),
        (lambda: rnn((4, 2), 3, recurrence="sideways"), SettingError, "recurrence='sideways' does not exist"),
    ],
)
def test_what_cannot_be_is_told(make, error, said):
    with pytest.raises(error, match=said):
        make()


@pytest.mark.parametrize("context", ["start", "each"])
def test_a_wave_is_drawn_from_its_frequency_and_phase(context):
    random = torch.Generator().manual_seed(0)
    given = torch.rand(200, 2, generator=random) * 2 - 1
    steps = torch.arange(10)
    waves = (0.6 * steps * (1 + 0.3 * given[:, :1]) + given[:, 1:]).sin()
    network = build("gru", inputs=(2,), outputs=10, units=24, steps=10, context=context)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(150):
        optimizer.zero_grad()
        F.mse_loss(network(given[:150]), waves[:150]).backward()
        optimizer.step()
    error = F.mse_loss(network(given[150:]), waves[150:])
    assert error < 0.02 * waves[150:].var()
