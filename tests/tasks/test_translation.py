import pytest
import torch
from tokens_data import Writer, reversals
from torch.testing import assert_close

import deepglass as dg
from deepglass.errors import SettingError, ShapeError
from deepglass.randomness import Noise
from deepglass.tasks import Translation, token_metrics
from deepglass.tasks.translation import before


def made(data=None, seed=0, **settings):
    data = data or reversals()
    torch.manual_seed(seed)
    network = Writer(*(len(f.tokens) for f in data.fields.values()))
    task = Translation(**settings)
    task.prepare(data, network)
    return data, network, task


@pytest.fixture(scope="module")
def trained():
    data = reversals(600, letters="abc", longest=3)
    torch.manual_seed(0)
    network = Writer(*(len(f.tokens) for f in data.fields.values()))
    recipe = dg.Recipe(epochs=12, batch_size=32, learning_rate=0.01, threads=1)
    training = dg.Training(network, data, recipe, task=Translation(beam_width=2))
    history = list(training)
    return data, training.network.eval(), training.task, history


def test_each_word_is_learned_after_the_true_ones_before_it():
    data, network, task = made()
    batch = data.examples("train", limit=9)
    target = batch["y"]
    assert before(target)[:, 0].eq(2).all()  # <start>
    assert torch.equal(before(target)[:, 1:], target[:, :-1])
    logits = network(batch["x"], before(target))
    by_hand = torch.nn.functional.cross_entropy(logits[target != 0], target[target != 0])
    assert_close(task.losses(network, batch, "network", Noise(0, 1, batch.ids))["loss"], by_hand)


def test_reversal_is_learned_and_the_texts_that_are_written_freely_are_counted(trained):
    data, network, task, history = trained
    last = history[-1].validation
    assert last["sequence_accuracy"] >= 0.9
    assert last["accuracy"] >= 0.9
    assert {"loss", "accuracy", "sequence_accuracy"} == last.keys()
    decoded = task.decode(task.predict(network, {"x": data.inputs["x"].encode(["ab", "cba"])}))
    assert decoded["y"].tolist() == ["ba", "abc"]
    assert (decoded["loss"] < 0.3).all()


def test_an_evaluation_says_bleu_with_its_signature_and_intervals(trained):
    pytest.importorskip("sacrebleu")
    data, network, task, _ = trained
    found = task.examine(network, [data.examples("validation")])
    low, high = found["sequence_accuracy_interval"]
    assert low <= found["sequence_accuracy"] <= high
    assert "tok:none" in found["bleu_signature"]
    assert found["beam_width"] == 2
    assert found["examples"] == 30


def test_padding_of_a_batch_changes_no_translation(trained):
    data, network, task, _ = trained
    x = data.inputs["x"].encode(["a", "bc", "abc"])
    together = task.predict(network, {"x": x})
    for row, length in enumerate((1, 2, 3)):
        alone = task.predict(network, {"x": x[row : row + 1, :length]})
        steps = alone["tokens"].shape[1]
        assert torch.equal(together["tokens"][row, :steps], alone["tokens"][0])
        assert_close(together["log_probability"][row], alone["log_probability"][0])


def test_with_full_teacher_forcing_going_step_by_step_gives_what_all_at_once_gives():
    data, network, _ = made()
    task = Translation(teacher_forcing=1 - 1e-12)  # goes step by step, and takes the true word each time
    task.prepare(data, network)
    plain = made()[2]
    batch = data.examples("train", limit=20)
    noise = Noise(0, 1, batch.ids)
    assert_close(task.losses(network, batch, "network", noise), plain.losses(network, batch, "network", noise))


def test_without_teacher_forcing_the_words_before_are_its_own_guesses():
    data, network, task = made(teacher_forcing=0.0)
    batch = data.examples("train", limit=20)
    target = batch["y"]
    own, state = [], network.begin({"x": batch["x"]}, 20)
    token = torch.full((20,), 2)
    for _ in range(target.shape[1]):
        logits, state = network.step(token, state)
        token = 3 + logits[:, 3:].argmax(1)
        own.append(token)
    previous = torch.cat([torch.full((20, 1), 2), torch.stack(own, 1)[:, :-1]], 1)
    logits = network(batch["x"], previous)
    by_hand = torch.nn.functional.cross_entropy(logits[target != 0], target[target != 0])
    assert_close(task.losses(network, batch, "network", Noise(0, 1, batch.ids))["loss"], by_hand)


def test_scheduled_sampling_draws_alike_when_a_step_is_repeated_and_learns():
    data, network, task = made(teacher_forcing=0.5)
    batch = data.examples("train", limit=20)

    def loss(epoch):
        return task.losses(network, batch, "network", Noise(3, epoch, batch.ids))["loss"]

    assert loss(1) == loss(1)
    assert loss(1) != loss(2)
    loss(1).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())


def test_measuring_is_with_the_true_words_before_whatever_was_trained_with():
    data, network, task = made(teacher_forcing=0.0)
    _, _, forced = made()
    batch = data.examples("validation")
    assert task.measure(network, [batch])["loss"] == pytest.approx(forced.measure(network, [batch])["loss"])


def test_bleu_can_be_measured_each_epoch_and_says_how_to_get_it(monkeypatch):
    pytest.importorskip("sacrebleu")
    data, network, task = made(metrics=["bleu"])
    assert task.measure(network, [data.examples("validation")])["bleu"] >= 0
    assert task.direction("bleu") == "max"
    monkeypatch.setattr(token_metrics, "find_spec", lambda name: None)
    with pytest.raises(SettingError, match=r"pip install deepglass\[text\]"):
        Translation(metrics=["bleu"])
    assert "bleu" not in made()[2].examine(network, [data.examples("validation")])


def test_a_network_that_cannot_write_word_after_word_is_told_so():
    data = reversals(80)

    class Whole(torch.nn.Module):
        def forward(self, source, previous):
            return torch.zeros(*previous.shape, 9)

    with pytest.raises(ShapeError, match=r"writes word after word .* and Whole cannot: that needs"):
        Translation().prepare(data, Whole())


@pytest.mark.parametrize("wrong", [{"teacher_forcing": 1.5}, {"beam_width": 0}, {"length_penalty": -1}])
def test_settings_outside_their_range_are_refused(wrong):
    (name,) = wrong
    with pytest.raises(SettingError, match=rf"task\.{name}="):
        Translation(**wrong)


@pytest.mark.parametrize("name", ["seq2seq", "transformer_translator"])
def test_the_named_networks_can_learn_from_their_own_guesses(name):
    data = reversals(120)
    network = dg.build(name, data, width=16, dropout=0.0)
    batch = data.examples("train", limit=20)
    noise = Noise(0, 1, batch.ids)
    losses = []
    for forced in (1.0, 1 - 1e-12, 0.3):
        task = Translation(teacher_forcing=forced)
        task.prepare(data, network)
        losses.append(task.losses(network, batch, "network", noise)["loss"])
    assert_close(losses[0], losses[1])  # step by step as all at once
    losses[2].backward()
    assert all(p.grad is not None for n, p in network.named_parameters() if "embedding" not in n)
