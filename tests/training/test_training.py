import math
import random

import numpy as np
import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.errors import DeepglassError, TrainingError
from deepglass.training.records import history_hash

IRIS = dg.load("iris")  # 96 training examples


def training(network=None, data=IRIS, **recipe):
    network = network or dg.build("mlp", data, hidden=[8], dropout=0.2)
    return dg.Training(network, data, dg.Recipe(**{"threads": 1, "epochs": 3, **recipe}))


def weights(network):
    return {name: value.clone() for name, value in network.state_dict().items()}


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


def test_epochs_are_numbered_from_1_and_hold_what_was_measured():
    epochs = list(training())
    assert [e.number for e in epochs] == [1, 2, 3]
    assert {"loss", "accuracy"} <= epochs[0].train.keys() & epochs[0].validation.keys()
    assert epochs[2].train["loss"] < epochs[0].train["loss"]
    assert epochs[0].seconds > 0


@pytest.mark.parametrize(("batch_size", "steps"), [(32, 3), (50, 2), (95, 2), (96, 1), (1000, 1), ("all", 1), (1, 96)])
def test_an_epoch_has_as_many_steps_as_batches_the_last_one_short(batch_size, steps):
    done = list(training(batch_size=batch_size).steps())
    assert len(done) == steps
    assert sum(step.examples for step in done) == 96
    assert [step.number for step in done] == list(range(1, steps + 1))


def test_no_epochs_leave_the_network_as_it_is():
    none = training(epochs=0)
    before = weights(none.network)
    assert list(none) == []
    assert same(before, none.network.state_dict())


def test_the_same_seed_gives_the_same_run_and_another_seed_another():
    runs = [training(seed=seed) for seed in (1, 1, 2)]
    hashes = []
    for i, run in enumerate(runs):
        torch.manual_seed(i)  # which is nothing to a training
        hashes.append(history_hash(list(run)))
    assert hashes[0] == hashes[1] != hashes[2]
    assert same(runs[0].network.state_dict(), runs[1].network.state_dict())


def test_random_numbers_drawn_between_the_steps_change_nothing():
    quiet, noisy = training(), training()
    list(quiet)
    while not noisy.finished:
        for _step in noisy.steps():
            torch.rand(3)
        noisy.close_epoch()
    assert history_hash(quiet.history) == history_hash(noisy.history)


def test_of_the_callers_generators_only_torchs_default_one_is_used():
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    list(training())
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002


def test_early_stopping_gives_back_the_best_weights_to_the_last_bit():
    stopped = training(epochs=60, patience=2, learning_rate=0.05, monitor="accuracy")
    seen = {epoch.number: (epoch.validation["accuracy"], weights(stopped.network)) for epoch in stopped}
    best = max(seen, key=lambda number: seen[number][0])  # the first of equals
    assert len(seen) == best + 2 < 60
    assert stopped.stopping.best_epoch == best
    assert same(seen[best][1], stopped.network.state_dict())


def test_without_early_stopping_the_last_weights_stay():
    whole = training(epochs=8, early_stopping=False, learning_rate=0.1)
    for _epoch in whole:
        last = weights(whole.network)
    assert len(whole.history) == 8
    assert same(last, whole.network.state_dict())


def test_a_metric_that_is_nan_never_wins():
    class Hopeless(dg.Task):
        def losses(self, network, batch, player, noise):
            return {"loss": network(batch["x"]).square().mean()}

        def measure(self, network, batches, seed=0):
            return {"loss": math.nan}

    hopeless = dg.Training(nn.Linear(4, 1), IRIS, dg.Recipe(threads=1, patience=3), task=Hopeless())
    assert len(list(hopeless)) == 3
    assert hopeless.stopping.best is None


def test_a_monitor_that_is_not_measured_is_told_the_measured_ones():
    with pytest.raises(TrainingError, match=r"monitor='acuracy' is not measured\. Measured: loss, accuracy"):
        list(training(monitor="acuracy"))


@pytest.mark.parametrize("clip_norm", [None, 1.0])
def test_a_gradient_that_is_not_finite_stops_before_the_update_and_names_layer_and_step(clip_norm):
    network = dg.build("mlp", IRIS, hidden=[8])
    broken = training(network, clip_norm=clip_norm)
    steps = broken.steps()
    next(steps)
    before = weights(network)
    network.output.weight.register_hook(
        lambda gradient: gradient * math.inf
    )  # now the second step breaks, in one layer
    message = r"gradient of output\.weight is not finite at step 2 \(learning_rate=0\.001, samples \d+"
    with pytest.raises(TrainingError, match=message) as caught:
        next(steps)
    assert "The update was not made" in str(caught.value)
    assert caught.value.exit_code == 1
    assert same(before, network.state_dict())


def test_data_that_are_not_finite_are_blamed_themselves():
    class Broken(torch.utils.data.Dataset):
        def __len__(self):
            return 20

        def __getitem__(self, index):
            return torch.full((2,), math.nan), float(index)

    with pytest.raises(TrainingError, match="The field 'x' holds values that are not finite: correct the data"):
        list(training(nn.Linear(2, 1), dg.load(Broken())))


def test_a_long_gradient_is_shortened_to_the_norm_that_is_let_through():
    network = nn.Linear(4, 3)
    clipped = training(network, optimizer="sgd", learning_rate=1.0, clip_norm=0.01, batch_size="all")
    before = weights(network)
    next(clipped.steps())
    moved = sum(((before[n] - p) ** 2).sum() for n, p in network.named_parameters()).sqrt()
    assert moved.item() == pytest.approx(0.01, rel=1e-3)


def test_weights_of_examples_count_in_the_loss():
    weighted = dg.load("iris", weights=np.arange(150) % 2)
    network = nn.Linear(4, 3)
    loss = next(training(network, weighted, batch_size="all", learning_rate=1e-9).steps()).loss
    batch = weighted.examples("train")
    kept = batch.weights > 0
    with torch.no_grad():
        expected = nn.functional.cross_entropy(network(batch["x"][kept]), batch["species"][kept]).item()
    assert loss == pytest.approx(expected, rel=1e-4)


def test_measuring_leaves_the_modes_of_all_modules_as_they_were():
    network = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Dropout(0.5), nn.Linear(5, 3))
    measured = training(network)
    network[1].eval()
    before = weights(network)
    assert measured.measure("validation") == measured.measure("validation")
    assert [m.training for m in network] == [True, False, True, True]
    assert same(before, network.state_dict())


def test_shuffling_can_be_switched_off():
    plain = training(shuffle=False, batch_size=96)
    assert next(plain._batches()).ids.tolist() == IRIS.members("train").tolist()
    assert next(training(batch_size=96)._batches()).ids.tolist() != IRIS.members("train").tolist()


def test_a_device_that_is_not_there_is_told():
    with pytest.raises(TrainingError, match=r"device='nonsense' cannot be used here: .* Use device=cpu"):
        training(device="nonsense")


def test_a_recipe_may_be_a_dict_as_for_train():
    training = dg.Training("mlp", dg.load("iris"), {"epochs": 2, "learning_rate": 0.5})
    assert training.recipe.epochs == 2 and training.recipe.learning_rate == 0.5
    with pytest.raises(DeepglassError, match="epoks"):
        dg.Training("mlp", dg.load("iris"), {"epoks": 2})
