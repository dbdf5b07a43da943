import numpy as np
import pytest
import torch
from torch.nn import functional
from torch.testing import assert_close

import deepglass as dg
from deepglass.data.augment.mixup import beta_at
from deepglass.errors import SettingError
from deepglass.networks import call
from deepglass.randomness import Noise
from deepglass.tasks import Task, task_for
from deepglass.tasks.classification import Classification

X = np.random.default_rng(0).normal(size=(50, 3))
TARGETS = {
    "classes": np.arange(50) % 3,
    "two classes": np.arange(50) % 2,
    "labels": np.arange(150).reshape(50, 3) % 2,
    "numbers": X @ [1.0, 2.0, 3.0],
}
LOSSES = {
    "classes": lambda o, y: functional.cross_entropy(o, y, reduction="none"),
    "two classes": lambda o, y: functional.binary_cross_entropy_with_logits(o[:, 0], y.float(), reduction="none"),
    "labels": lambda o, y: functional.binary_cross_entropy_with_logits(o, y, reduction="none").mean(1),
    "numbers": lambda o, y: functional.mse_loss(o, y, reduction="none").mean(1),
}


def mixed_batch(data, epoch=1):
    train = data.members("train")
    return next(iter(data.reader().read(train, len(train), epoch=epoch, change=data.settings.augment)))


def test_an_example_is_blended_with_a_training_example_by_its_share():
    data = dg.load((X, TARGETS["classes"]), augment={"mixup": 0.4})
    batch = mixed_batch(data)
    own, share, partners = data.read(batch.ids), batch.mixed.shares[:, None], batch.mixed.partners
    assert_close(batch["x"], share * own["x"] + (1 - share) * partners["x"])
    assert torch.equal(batch["y"], own["y"])
    assert torch.equal(partners["y"], data.read(partners.ids)["y"])
    assert set(partners.ids.tolist()) <= set(data.members("train").tolist())
    assert (partners.ids != batch.ids).float().mean() > 0.9


@pytest.mark.parametrize("kind", TARGETS)
def test_the_loss_is_shared_out_between_both_targets(kind):
    data = dg.load((X, TARGETS[kind]), augment={"mixup": 0.4})
    network, task = dg.build("mlp", data, hidden=[4]), task_for(data)
    task.prepare(data, network)
    batch = mixed_batch(data)
    output, share = call(network, batch.pick(["x"])), batch.mixed.shares
    own, partners = (LOSSES[kind](output, y) for y in (batch["y"], batch.mixed.partners["y"]))
    loss = task.losses(network, batch, "network", Noise(0, 1, batch.ids))["loss"]
    assert_close(loss, (share * own + (1 - share) * partners).mean())


def test_weights_count_for_the_example_and_not_for_its_partner():
    data = dg.load((X, TARGETS["numbers"]), augment={"mixup": 0.4}, weights=np.arange(50.0))
    batch = mixed_batch(data)
    assert torch.equal(batch.weights, batch.ids.float())


def test_metrics_are_those_of_whole_examples():
    data = dg.load((X, TARGETS["classes"]), augment={"mixup": 0.4})
    network = dg.build("mlp", data, hidden=[4])
    training, plain = (dg.Training(network, d, dg.Recipe(threads=1)) for d in (data, data.with_(augment={})))
    for split in ("train", "validation"):
        assert training.measure(split) == plain.measure(split)


def test_a_loss_of_one_number_a_batch_cannot_be_shared_out():
    data = dg.load((X, TARGETS["classes"]), augment={"mixup": 0.2})

    def own_loss(output, target):
        return functional.cross_entropy(output, target)

    training = dg.Training(dg.build("mlp", data), data, task=Classification(loss=own_loss))
    with pytest.raises(SettingError, match=r"mixup shares out the loss of each example, and own_loss gives one number"):
        list(training)


def test_a_task_that_does_not_heed_the_partners_is_refused():
    class Mine(Task):
        name = "mine"

        def losses(self, network, batch, player, noise):
            return {"loss": (network(batch["x"]) - batch["y"]).square().mean()}

    data = dg.load((X, TARGETS["numbers"]), augment={"mixup": 0.2})
    with pytest.raises(
        SettingError, match=r"mixup=0\.2 mixes targets, and the task 'mine' does not heed `batch\.mixed`"
    ):
        dg.Training(dg.build("mlp", data), data, task=Mine())


@pytest.mark.parametrize("alpha", [0.05, 0.2, 1.0, 2.0, 40.0])
def test_shares_are_those_of_the_beta_distribution(alpha):
    from scipy.stats import beta

    quantiles = torch.linspace(0.001, 0.999, 999)
    assert_close(beta_at(quantiles, alpha), torch.tensor(beta(alpha, alpha).ppf(quantiles)).float(), atol=2e-4, rtol=0)
    assert beta_at(torch.tensor([0.0]), alpha).item() in (0.0, 1.0)
