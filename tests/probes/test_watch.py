"""Evidence from anybody's own loop."""

import copy
from contextlib import nullcontext

import pytest
import torch
from driven import NETWORKS, hooks_of, make, rows
from torch import nn
from torch.nn import functional as F

import deepglass as dg
from deepglass.errors import SettingError
from deepglass.probes.watching import watch

BATCH, EPOCHS = 10, 3


def data():
    x, names = rows()
    return torch.from_numpy(x), torch.tensor(["abc".index(name) for name in names])


def loop(network, optimizer, evidence=None, *, clear=True, step=True, steps=None, mode=True):
    """An ordinary loop, with the mistakes that are asked for."""
    x, y = data()
    network.train(mode)
    taken = 0
    for _ in range(EPOCHS):
        for start in range(0, len(x), BATCH):
            if clear:
                optimizer.zero_grad()
            loss = F.cross_entropy(network(x[start : start + BATCH]), y[start : start + BATCH])
            loss.backward()
            if step:
                optimizer.step()
            taken += 1
            if taken == steps:
                return
        network.eval()
        with torch.no_grad():
            validation = F.cross_entropy(network(x), y)
        network.train(mode)
        if evidence is not None:
            evidence.log(validation_loss=validation)


def watched(network, optimizer, **mistakes):
    with dg.watch(network, optimizer=optimizer) as evidence:
        loop(network, optimizer, evidence, **mistakes)
    assert evidence.notes == []
    return evidence


def sgd(network):
    return torch.optim.SGD(network.parameters(), 0.1, momentum=0.9)


def test_a_network_without_a_forward_of_its_own_is_asked_by_the_part_that_was_called():
    network = nn.Module()  # as many a LightningModule, whose training_step calls its parts
    network.body = make("batch norm and dropout")
    optimizer = sgd(network)
    with dg.watch(network, optimizer=optimizer) as evidence:
        loop(network.body, optimizer, evidence)
    assert evidence.notes == []
    sample, _ = evidence.examples
    assert sample and all(kept.output is not None for kept in sample)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_same_bits_come_out_watched_or_not(name):
    import numpy as np

    states = []
    for is_watched in (False, True):
        network = make(name)
        optimizer = sgd(network)
        torch.manual_seed(1)
        np.random.seed(1)  # noqa: NPY002 (one of the networks draws from it)
        with watch(network, optimizer=optimizer) if is_watched else nullcontext() as evidence:
            loop(network, optimizer)
        states.append(copy.deepcopy([*network.state_dict().values(), *(p.grad for p in network.parameters())]))
    assert all(torch.equal(a, b) for a, b in zip(*states))
    assert evidence.notes == [] and evidence.steps == (0, 1, 2, 4, 8)
    assert hooks_of(network) == 0 and evidence.loop["optimizer_steps"] == 27
    assert all(evidence.series("update_ratio", y.name).values[0] > 0 for y in evidence.layers if y.parameters)


def test_mixed_precision_learns_the_same_watched_or_not():
    states = []
    for is_watched in (False, True):
        network = make("residual")
        with (
            watch(network, optimizer=sgd(network)) if is_watched else nullcontext(),
            torch.autocast("cpu", dtype=torch.bfloat16),  # over several passes, as weights that were cast are kept
        ):
            loop(network, sgd(network))
        states.append([v.clone() for v in network.state_dict().values()])
    assert all(torch.equal(a, b) for a, b in zip(*states))
    assert not torch.equal(states[1][0], make("residual").state_dict()["inward.weight"])


def test_a_sound_loop_shows_nothing_amiss():
    network = make("batch norm and dropout")
    evidence = watched(network, sgd(network))
    assert evidence.loop == {
        "forwards": 27,
        "backwards": 27,
        "backwards_in_evaluation_mode": 0,
        "optimizer_steps": 27,
        "steps_without_backward": 0,
        "checked_for_leftovers": 4,  # steps 1, 2, 4, 8
        "leftovers": 0,
        "judgements": 3,  # one after each epoch
        "judgements_in_training_mode": 0,
        "optimizer": {
            "optimizer": "momentum",
            "learning_rate": 0.1,
            "momentum": 0.9,
            "weight_decay": 0.0,
            "maximize": False,
        },
        "unoptimized": [],
        "frozen": [],
        "optimized_twice": [],
        "foreign": 0,
        "without_gradient": [],
    }
    assert len(evidence.losses) == 27 and len(evidence.epochs) == 3
    nine = [loss for _, loss, _ in evidence.losses[:9]]
    assert evidence.epochs[0]["running"]["loss"] == pytest.approx(sum(nine) / 9, rel=1e-4)
    assert evidence.series("mode_gap").values[0] > 0  # dropout, and running statistics that have just begun
    assert evidence.series("gradient_norm", "4").values[0] > 0 and evidence.series("learning_rate").values[0] == 0.1


def test_gradients_are_those_that_the_optimizer_uses():
    network = make("residual")
    optimizer = sgd(network)
    x, y = data()
    F.cross_entropy(network(x[:BATCH]), y[:BATCH]).backward()
    norms = {n: p.grad.norm() for n, p in network.named_parameters()}
    optimizer.zero_grad()
    evidence = watched(network, optimizer, steps=1)
    expected = float(torch.stack([norms["block.weight"], norms["block.bias"]]).norm())
    assert evidence.series("gradient_norm", "block").values == (pytest.approx(expected, rel=1e-5),)
    assert evidence.series("gradient_norm").values == (
        pytest.approx(float(torch.stack([*norms.values()]).norm()), rel=1e-5),
    )


def test_gradients_that_are_never_cleared_are_found():
    network = make("residual")
    seen = watched(network, sgd(network), clear=False).loop
    assert (seen["leftovers"], seen["checked_for_leftovers"]) == (4, 4)


def test_accumulating_on_purpose_is_no_leftover():
    network = make("residual")
    optimizer = sgd(network)
    x, y = data()
    with watch(network, optimizer=optimizer) as evidence:
        for turn in range(40):
            F.cross_entropy(network(x[:BATCH]), y[:BATCH]).backward()
            if turn % 4 == 3:
                optimizer.step()
                optimizer.zero_grad()
    assert evidence.loop["optimizer_steps"] == 10 and evidence.loop["backwards"] == 40
    assert evidence.loop["leftovers"] == 0 and evidence.loop["checked_for_leftovers"] == 4


def test_two_networks_that_play_against_each_other_are_no_leftover():
    maker, judge = nn.Linear(2, 2), nn.Linear(2, 1)
    first, second = torch.optim.SGD(maker.parameters(), 0.1), torch.optim.SGD(judge.parameters(), 0.1)
    with watch(maker, optimizer=first) as evidence:
        for _ in range(9):
            fake = maker(torch.ones(4, 2))
            second.zero_grad()
            judge(fake).mean().backward(retain_graph=True)  # reaches the maker, too, after its step
            first.zero_grad()
            (-judge(fake).mean()).backward()
            first.step()
            second.step()
    assert evidence.loop["optimizer_steps"] == 9 and evidence.loop["leftovers"] == 0


def test_an_optimizer_that_never_steps_is_found():
    network = make("residual")
    x, y = data()
    optimizer = sgd(network)
    with watch(network, optimizer=optimizer) as evidence:
        for _ in range(40):
            F.cross_entropy(network(x[:BATCH]), y[:BATCH]).backward()
    assert evidence.loop["optimizer_steps"] == 0 and evidence.loop["backwards"] == 40
    prints = evidence.series("fingerprint", "block")
    assert len(prints) >= 3 and len(set(prints.values)) == 1  # looked at all the same, and nothing moves


def test_parameters_without_an_optimizer_are_named():
    network = make("residual")
    network.inward.bias.requires_grad_(False)
    optimizer = torch.optim.SGD([*network.out.parameters(), nn.Parameter(torch.ones(1))], 0.1)
    evidence = watched(network, optimizer)
    assert evidence.loop["unoptimized"] == ["inward.weight", "block.weight", "block.bias"]
    assert evidence.loop["frozen"] == ["inward.bias"] and evidence.loop["foreign"] == 1
    assert evidence.layer("block").optimized == 0 and evidence.layer("out").optimized == 27


def test_training_in_evaluation_mode_is_found():
    network = make("batch norm and dropout")
    assert watched(network, sgd(network), mode=False).loop["backwards_in_evaluation_mode"] == 27


def test_without_an_optimizer_given_it_is_noticed_at_its_step():
    network = make("residual")
    optimizer = sgd(network)
    other = torch.optim.SGD([nn.Parameter(torch.ones(1))], 0.1)
    with watch(network) as evidence:
        loop(network, optimizer)
        other.step()
    assert evidence.loop["optimizer_steps"] == 27 and evidence.loop["unoptimized"] == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_nothing_is_left_behind_by_an_exception(error):
    network = make("batch norm and dropout")
    optimizer, backward = sgd(network), torch.Tensor.backward
    with pytest.raises(error), watch(network, optimizer=optimizer) as evidence:
        loop(network, optimizer, steps=3)
        raise error
    assert hooks_of(network) == 0 and torch.Tensor.backward is backward
    assert not optimizer._optimizer_step_post_hooks
    assert len(evidence.probes) == 3


def test_what_cannot_be_measured_is_noted_and_harms_nobody():
    class Picky(nn.Module):
        """Has no evaluation mode, which a look asks for."""

        def __init__(self):
            super().__init__()
            self.out = nn.Linear(6, 3)

        def forward(self, x):
            if not self.training:
                raise RuntimeError("train me")
            return self.out(x)

    network = Picky()
    optimizer = sgd(network)
    x, y = data()
    with watch(network, optimizer=optimizer) as evidence:
        for part, target in zip(x.split(BATCH), y.split(BATCH)):
            optimizer.zero_grad()
            F.cross_entropy(network(part), target).backward()
            optimizer.step()
    assert evidence.loop["optimizer_steps"] == 9 and len(evidence.losses) == 9
    assert evidence.notes == ["Nothing is measured inside the network from step 0 on: train me."]


def test_something_else_than_a_network_is_refused():
    with pytest.raises(SettingError, match=r"watch takes an nn.Module, not a list"), watch([]):
        pass


def test_lightning_is_watched():
    lightning = pytest.importorskip("lightning", reason="Lightning is not installed")

    class Lit(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.inner = make("batch norm and dropout")

        def training_step(self, batch, index):
            return F.cross_entropy(self.inner(batch[0]), batch[1])

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), 0.01)

    states = []
    for is_watched in (False, True):
        module = Lit()
        torch.manual_seed(1)
        batches = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*data()), BATCH)
        quiet = dict.fromkeys(("enable_progress_bar", "enable_model_summary", "enable_checkpointing", "logger"), False)
        with watch(module) if is_watched else nullcontext() as evidence:
            lightning.Trainer(max_epochs=3, accelerator="cpu", **quiet).fit(module, batches)
        states.append([v.clone() for v in module.state_dict().values()])
    assert all(torch.equal(a, b) for a, b in zip(*states))
    assert evidence.loop["optimizer_steps"] == 27 and evidence.loop["leftovers"] == 0
    assert [y.name for y in evidence.layers] == [f"inner.{i}" for i in range(5)] and len(evidence.losses) == 27


def test_keras_on_torch_is_watched(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras", reason="Keras is not installed")
    if keras.backend.backend() != "torch":
        pytest.skip("Keras was imported with another backend")
    x, y = (t.numpy() for t in data())
    weights = []
    for is_watched in (False, True):
        keras.utils.set_random_seed(0)
        parts = [keras.layers.Dense(8, activation="relu", name="hidden"), keras.layers.BatchNormalization(name="norm")]
        parts += [keras.layers.Dropout(0.5, name="drop"), keras.layers.Dense(3, name="out")]
        model = keras.Sequential([keras.Input((6,)), *parts])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(0.01), loss)
        with watch(model) if is_watched else nullcontext() as evidence:
            history = model.fit(x, y, epochs=3, batch_size=BATCH, verbose=0)
        weights.append(model.get_weights())
    assert all((a == b).all() for a, b in zip(*weights))
    assert evidence.notes == [] and evidence.loop["optimizer_steps"] == 27 and evidence.loop["leftovers"] == 0
    assert [y.name for y in evidence.layers] == ["hidden.relu", "hidden", "norm", "drop", "out"]
    assert evidence.series("update_ratio", "hidden").values[0] > 0 and evidence.loop["unoptimized"] == []
    assert len(evidence.losses) == 27 and len(history.history["loss"]) == 3
