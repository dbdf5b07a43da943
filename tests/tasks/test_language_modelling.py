import itertools
import math

import pytest
import torch
from tokens_data import Reader, source, split_of, windows
from torch.testing import assert_close

import deepglass as dg
from deepglass.data.source import Raw
from deepglass.errors import SettingError
from deepglass.randomness import Noise
from deepglass.tasks import LanguageModelling

TEXT = "".join("abcdefgh"[(7 * i * i + i // 3) % 8] for i in range(1000))


def take(training, steps):
    """Take the first steps of an epoch."""
    for _ in itertools.islice(training.steps(), steps):
        pass


def training(data=None, network=None, carry=True, **recipe):
    data = data or windows(TEXT)
    torch.manual_seed(0)
    network = network or Reader(len(data.inputs["x"].tokens), len(data.target.tokens))
    return dg.Training(
        network,
        data,
        dg.Recipe(**{"batch_size": 10, "threads": 1, "epochs": 2, **recipe}),
        task=LanguageModelling(carry=carry),
    )


def test_the_loss_is_that_of_the_next_token_given_all_before_in_its_lane():
    made = training()
    task, network = made.task, made.network
    lane = torch.stack([batch["x"][3] for batch in made._batches()]).flatten()  # the fourth lane, window after window
    after = torch.stack([batch["y"][3] for batch in made._batches()]).flatten()
    assert torch.equal(lane[1:], after[:-1])
    whole = torch.nn.functional.cross_entropy(network(lane[None])[0], after, reduction="none").reshape(-1, 8).mean(1)
    found = []
    task.carry = task.start_carry(1, torch.device("cpu"))
    for batch in made._batches():
        one = batch._part(3, 4)
        found.append(task.losses(network, one, "network", Noise(0, 1, one.ids))["loss"].detach())
    assert_close(torch.stack(found), whole.detach())


def test_gradients_stay_within_a_window_and_the_state_goes_on():
    made = training()
    take(made, 3)
    state = made.task.carry["hidden"]
    assert not state.requires_grad
    assert state.abs().sum() > 0
    made.close_epoch()
    assert made.task.carry["hidden"].abs().sum() == 0


def test_a_training_that_is_saved_amid_an_epoch_goes_on_to_the_same_bits():
    one, other = training(), training()
    take(one, 5)
    state = one.state_dict()
    assert any(name.startswith("carry.") for name in state["tensors"])
    other.load_state_dict(state)
    ends = [list(t)[-1] for t in (one, other)]
    assert ends[0].validation == ends[1].validation
    assert all(
        torch.equal(a, b) for a, b in zip(one.network.state_dict().values(), other.network.state_dict().values())
    )


def test_the_state_can_be_left_at_home_and_is_not_asked_for_where_windows_do_not_follow():
    task = LanguageModelling(carry=False)
    data = windows(TEXT)
    task.prepare(data, Reader(*(len(f.tokens) for f in data.fields.values())))
    assert task.order == "shuffled"
    assert task.start_carry(4, torch.device("cpu")) == {}
    lines = dg.load(source("lines", ["abc", "bcd"], ["bcd", "cde"], aligned=True, shares="x"), level="characters")
    network = Reader(*(len(f.tokens) for f in lines.fields.values()))
    with pytest.raises(SettingError, match="its texts do not follow one another"):
        LanguageModelling(carry=True).prepare(lines, network)
    with pytest.raises(SettingError, match="the network has no state to go on from"):
        LanguageModelling(carry=True).prepare(data, torch.nn.Embedding(12, 12))


def test_lanes_are_the_default_from_so_many_windows_on_that_some_steps_are_left():
    for text, order in ((TEXT, "shuffled"), (TEXT * 4, "lanes")):
        assert training(windows(text), carry=None).order == order


def test_every_epoch_tells_nats_perplexity_and_bits_a_character():
    (epoch,) = training(epochs=1)
    found = epoch.validation
    assert found["perplexity"] == pytest.approx(math.exp(found["loss"]))
    assert found["bits_per_character"] == pytest.approx(found["loss"] / math.log(2))
    assert 0 <= found["accuracy"] <= 1
    assert "bits_per_character" not in next(iter(training(data=words(), carry=None, epochs=1))).validation


def words():
    """The same windows, but of words."""
    names = [f"w{c}" for c in TEXT]
    x, y = ([" ".join(names[i * 8 + by : (i + 1) * 8 + by]) for i in range(100)] for by in (0, 1))
    fields = {"x": Raw("text", x, shares="y"), "y": Raw("text", y, shares="x", aligned=True)}
    from deepglass.data import Source

    return dg.load(Source("words", fields, ("x",), ("y",), splits=split_of(80, 20)), level="words")


def test_a_prediction_is_the_likeliest_token_after_each_text_and_how_surprising_it_is():
    made = training(epochs=3, learning_rate=0.02, data=windows("abcd" * 250))
    for _ in made:
        pass
    network, task = made.network.eval(), made.task
    x = task.source.encode(["abcdab", "c", "dabc"])
    found = task.decode(task.predict(network, {"x": x}))
    assert found["next"].tolist() == ["c", "d", "d"]
    assert (found["probability"] > 0.9).all()
    assert found["loss"][0] < 0.5
    assert math.isnan(found["loss"][1])  # of one token, nothing was foretold
    alone = task.decode(task.predict(network, {"x": x[:1, :6]}))
    assert alone["probability"][0] == pytest.approx(found["probability"][0], rel=1e-5)  # padding changes nothing
