import math

import pytest
import torch
from tokens_data import Reader, Writer, reversals, source, tagged, windows
from torch.testing import assert_close

import deepglass as dg
from deepglass.data import Batch
from deepglass.errors import SettingError, ShapeError
from deepglass.randomness import Noise
from deepglass.tasks import LanguageModelling, Tagging, TaskSettings, Translation, task_for
from deepglass.training.gradients import differentiate


def loss_by_hand(logits, target, weights):
    log_p = logits.detach().log_softmax(-1)
    total = count = 0.0
    for row in range(len(target)):
        for place in range(target.shape[1]):
            if target[row, place]:
                total -= float(weights[row]) * float(log_p[row, place, target[row, place]])
                count += float(weights[row])
    return total / count


@pytest.fixture(scope="module")
def names():
    data = tagged()
    network = Reader(len(data.inputs["x"].tokens), len(data.target.tokens))
    task = Tagging()
    task.prepare(data, network)
    return data, network, task


def test_the_loss_is_the_mean_over_all_tokens_that_are_not_padding(names):
    data, network, task = names
    batch = data.examples("train", limit=12)
    assert (batch["y"] == 0).any()  # some are shorter
    loss = task.losses(network, batch, "network", Noise(0, 1, batch.ids))["loss"]
    assert loss.item() == pytest.approx(loss_by_hand(network(batch["x"]), batch["y"], torch.ones(12)), rel=1e-5)


def test_an_examples_weight_counts_for_each_of_its_tokens(names):
    data, network, task = names
    plain = data.examples("train", limit=12)
    weights = torch.linspace(0, 2, 12)
    batch = Batch(plain.fields, plain.ids, weights)
    loss = task.losses(network, batch, "network", Noise(0, 1, batch.ids))["loss"]
    assert loss.item() == pytest.approx(loss_by_hand(network(batch["x"]), batch["y"], weights), rel=1e-5)
    measured = task.measure(network, [batch])
    assert measured["loss"] == pytest.approx(loss.item(), rel=1e-5)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_several_batches_of_one_step_give_the_gradient_of_all_at_once(names, weighted, smoothing):
    data, network, _ = names
    task = Tagging(label_smoothing=smoothing)
    task.prepare(data, network)
    whole = data.examples("train", limit=20)
    weights = torch.linspace(0.1, 3, 20) if weighted else None
    whole = Batch(whole.fields, whole.ids, weights)
    parts = [whole._part(0, 3), whole._part(3, 4), whole._part(4, 20)]

    def gradient(batches):
        network.zero_grad()
        loss = differentiate(
            lambda b: task.losses(network, b, "network", Noise(0, 1, b.ids)),
            batches,
            network.parameters(),
            task.weight_of,
        )["loss"]
        return loss, [p.grad.clone() for p in network.parameters()]

    once, several = gradient([whole]), gradient(parts)
    assert_close(several[0], once[0])
    assert_close(several[1], once[1])


def test_smoothing_spreads_a_share_of_each_target_in_training_alone(names):
    data, network, plain = names
    task = Tagging(label_smoothing=0.2)
    task.prepare(data, network)
    batch = data.examples("train", limit=12)
    log_p = network(batch["x"]).log_softmax(-1)
    there = batch["y"] != 0
    even = -log_p.mean(-1)[there].mean()
    sharp = plain.losses(network, batch, "network", Noise(0, 1, batch.ids))["loss"]
    smoothed = task.losses(network, batch, "network", Noise(0, 1, batch.ids))["loss"]
    assert_close(smoothed, 0.8 * sharp + 0.2 * even)
    assert task.measure(network, [batch])["loss"] == pytest.approx(sharp.item(), rel=1e-5)


def test_a_batch_of_nothing_but_padding_costs_nothing(names):
    _, network, task = names
    empty = Batch({"x": torch.zeros(2, 3).long(), "y": torch.zeros(2, 3).long()}, torch.arange(2))
    loss = task.losses(network, empty, "network", Noise(0, 1, empty.ids))["loss"]
    loss.backward()
    assert loss.item() == 0


def test_measuring_in_other_batches_gives_the_same_figures(names):
    data, network, task = names
    ids = data.members("train")
    several = task.measure(network, data.reader().read(ids, 7))
    assert several == pytest.approx(task.measure(network, data.reader().read(ids, len(ids))), rel=1e-5)


def test_the_task_is_found_by_the_target():
    data = tagged()
    assert isinstance(task_for(data), Tagging)
    assert isinstance(task_for(windows("a text to go on " * 9)), LanguageModelling)
    task = task_for(reversals(80), TaskSettings(beam_width=2, teacher_forcing=0.5, label_smoothing=0.1))
    assert isinstance(task, Translation)
    assert (task.beam_width, task.teacher_forcing, task.label_smoothing) == (2, 0.5, 0.1)


def test_settings_of_other_tasks_are_refused():
    with pytest.raises(SettingError, match=r"task\.beam_width means nothing to the task 'tagging'"):
        task_for(tagged(), TaskSettings(beam_width=2))
    with pytest.raises(SettingError, match=r"task\.teacher_forcing means nothing to the task 'classification'"):
        task_for(dg.load("iris"), TaskSettings(teacher_forcing=0.5))
    with pytest.raises(SettingError, match="takes the cross-entropy of logits"):
        Tagging(loss="mse")
    with pytest.raises(SettingError, match="no metric 'rouge' of tagging"):
        Tagging(metrics=["rouge"]).prepare(tagged(), Reader(9, 9))


def test_a_network_with_one_answer_a_text_is_told_that_one_a_token_is_needed(names):
    data, _, task = names

    class Last(Reader):
        def forward(self, x):
            return super().forward(x)[:, -1]

    batch = data.examples("train", limit=3)
    network = Last(len(data.inputs["x"].tokens), len(data.target.tokens))
    with pytest.raises(ShapeError, match=r"tagging needs \d+ steps x \d+ tokens .* every_step"):
        task.losses(network, batch, "network", Noise(0, 1, batch.ids))


def test_a_translation_is_not_learned_as_tags_nor_tags_as_a_translation():
    with pytest.raises(ShapeError, match="tagging learns a token for each of the input"):
        Tagging().prepare(reversals(80), Reader(9, 9))
    with pytest.raises(ShapeError, match="translation learns a text of its own length"):
        Translation().prepare(tagged(), Writer(9, 9))


def test_a_metric_of_ones_own_gets_the_tokens_that_were_said_and_those_that_are_true(names):
    data, network, _ = names

    def longest(said, true):
        assert len(said) == len(true) == 10
        assert all(len(a) == len(b) for a, b in zip(said, true))
        return max(map(len, true))

    task = Tagging(metrics={"longest": longest})
    task.prepare(data, network)
    batch = data.examples("validation")
    assert task.measure(network, [batch])["longest"] == int((batch["y"] != 0).sum(1).max())


def test_texts_of_one_token_are_learned_too():
    data = dg.load(source("short", ["a", "b", "a", "b"], ["A", "B", "A", "B"], aligned=True), level="tokens")
    network = Reader(len(data.inputs["x"].tokens), len(data.target.tokens))
    task = Tagging()
    task.prepare(data, network)
    examined = task.examine(network, [data.examples("train")])
    assert math.isfinite(examined["loss"])
    assert examined["tokens"] == examined["examples"] == 4
    assert examined["loss_interval"] is None  # of too few examples
