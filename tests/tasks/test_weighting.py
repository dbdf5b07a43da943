"""What classes count in the loss, beside torch and scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch import nn
from torch.nn import functional as F
from torch.testing import assert_close

import deepglass as dg
from deepglass.data.augment.settings import Augment
from deepglass.errors import SettingError
from deepglass.tasks import Classification, Labels, Regression
from deepglass.tasks.supervised import Supervised
from deepglass.tasks.weighting import balanced, smoothed_cross_entropy

IRIS, TWO = dg.load("iris"), dg.load("iris", positive="setosa")
TAGS = dg.load((np.random.default_rng(0).normal(size=(40, 4)), np.arange(120).reshape(40, 3) % 4 == 0))
WEIGHT = {"setosa": 3.0, "virginica": 0.5}
TORCH_WEIGHT = torch.tensor([3.0, 1.0, 0.5])  # versicolor is not named: it counts 1


def learned(data, task, **options):
    """The training loss of a task on the training split, the network's output and the target."""
    network = dg.build("mlp", data, hidden=[8], **options)
    task.prepare(data, network)
    batch = data.examples("train")
    loss = task.losses(network, batch, "network", None)["loss"]
    return loss, network(batch["x"]), batch[task.targets[0]]


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("weighted", [False, True])
def test_smoothing_and_weights_of_classes_are_those_of_torch(smoothing, weighted):
    task = Classification(label_smoothing=smoothing, class_weight=WEIGHT if weighted else None)
    loss, output, target = learned(IRIS, task)
    expected = F.cross_entropy(output, target, weight=TORCH_WEIGHT if weighted else None, label_smoothing=smoothing)
    assert_close(loss, expected)


@pytest.mark.parametrize("ending", ["softmax", nn.LogSoftmax(dim=1)])
def test_a_network_that_ends_in_probabilities_is_smoothed_alike(ending):
    task = Classification(label_smoothing=0.1, class_weight=WEIGHT)
    loss, output, target = learned(IRIS, task, output_activation=ending)
    logits = output.log() if ending == "softmax" else output
    assert_close(loss, F.cross_entropy(logits, target, weight=TORCH_WEIGHT, label_smoothing=0.1))


@pytest.mark.parametrize("ending", [None, "sigmoid"])
def test_one_output_is_smoothed_like_two(ending):
    task = Classification(label_smoothing=0.2, class_weight={"setosa": 4.0})
    loss, output, target = learned(TWO, task, **({"output_activation": ending} if ending else {}))
    logit = output.logit() if ending else output
    two = torch.cat([torch.zeros_like(logit), logit], dim=1)
    assert_close(loss, F.cross_entropy(two, target, weight=torch.tensor([1.0, 4.0]), label_smoothing=0.2))


def test_binary_smoothing_moves_the_target_half_way_by_hand():
    logit = torch.tensor([[2.0], [-1.0]])
    log_p = torch.cat([F.logsigmoid(-logit), F.logsigmoid(logit)], dim=1)
    found = smoothed_cross_entropy(log_p, torch.tensor([1, 0]), 0.1)
    assert_close(found, F.binary_cross_entropy_with_logits(logit[:, 0], torch.tensor([0.95, 0.05]), reduction="none"))


def test_balanced_weights_are_those_of_scikit_learn():
    codes = np.repeat([0, 1, 2], [70, 25, 5])
    assert balanced([70, 25, 5]) == pytest.approx(compute_class_weight("balanced", classes=np.arange(3), y=codes))
    task = Classification(class_weight="balanced")
    learned(TWO, task)
    counts = torch.bincount(TWO.codes("train")).tolist()
    assert list(task.weighting.weights.values()) == pytest.approx(balanced(counts))
    assert task.facts()["class_weights"]["setosa"] > 1


def test_weights_of_examples_multiply_those_of_classes():
    rows = torch.arange(len(IRIS)) % 3 + 1.0
    data = dg.load("iris", weights=rows.numpy())
    loss, output, target = learned(data, Classification(class_weight=WEIGHT))
    own = rows[data.members("train")]
    each = F.cross_entropy(output, target, reduction="none")
    both = own * TORCH_WEIGHT[target]
    assert_close(loss, (each * both).sum() / both.sum())


def test_mixup_shares_out_the_weighted_loss():
    data = IRIS.with_(augment={"mixup": 0.4})
    task = Classification(label_smoothing=0.1, class_weight=WEIGHT)
    network = dg.build("mlp", data, hidden=[8])
    task.prepare(data, network)
    change = Augment(mixup=0.4)
    batch = next(iter(data.reader().read(data.members("train"), 32, epoch=1, change=change)))
    output, share = network(batch["x"]), batch.mixed.shares
    own, other = batch["species"], batch.mixed.partners["species"]

    def loss(target):
        return F.cross_entropy(output, target, weight=TORCH_WEIGHT, label_smoothing=0.1, reduction="none")

    top = share * loss(own) + (1 - share) * loss(other)
    bottom = share * TORCH_WEIGHT[own] + (1 - share) * TORCH_WEIGHT[other]
    assert_close(task.losses(network, batch, "network", None)["loss"], top.sum() / bottom.sum())


def test_a_label_that_is_there_counts_its_weight_as_in_torch():
    names = [str(c) for c in TAGS.target.classes]
    task = Labels(label_smoothing=0.2, class_weight={names[1]: 5.0})
    loss, output, target = learned(TAGS, task)
    expected = F.binary_cross_entropy_with_logits(output, target * 0.8 + 0.1, pos_weight=torch.tensor([1.0, 5.0, 1.0]))
    assert_close(loss, expected)
    task = Labels(class_weight="balanced")
    _, _, target = learned(TAGS, task)
    there = target.sum(dim=0)
    assert list(task.weighting.weights.values()) == pytest.approx(((len(target) - there) / there).tolist())


def test_other_losses_and_ones_own_are_weighted_by_class_too():
    def own(output, target):
        return (output - F.one_hot(target, 3)).abs().sum(dim=1)

    for task in (Classification(loss="mse", class_weight=WEIGHT), Classification(loss=own, class_weight=WEIGHT)):
        loss, output, target = learned(IRIS, task)
        each = own(output, target) if callable(task.loss) else ((output - F.one_hot(target, 3)) ** 2).mean(dim=1)
        assert_close(loss, (each * TORCH_WEIGHT[target]).sum() / TORCH_WEIGHT[target].sum())


def test_what_is_measured_is_neither_smoothed_nor_weighted_by_class():
    network = dg.build("mlp", IRIS, hidden=[8])
    plain, weighted = Classification(), Classification(label_smoothing=0.3, class_weight=WEIGHT)
    for task in (plain, weighted):
        task.prepare(IRIS, network)
    batches = [IRIS.examples("validation")]
    with torch.no_grad():
        assert plain.measure(network, batches) == weighted.measure(network, batches)


def test_the_measured_loss_heeds_the_weights_that_the_data_have_and_other_metrics_do_not():
    rows = np.where(np.arange(len(IRIS)) % 2, 5.0, 0.0)
    data = dg.load("iris", weights=rows)
    network = dg.build("mlp", data, hidden=[8])
    task = Classification()
    task.prepare(data, network)
    batch = data.examples("validation")
    with torch.no_grad():
        output, measured = network(batch["x"]), task.measure(network, [batch])
    each = F.cross_entropy(output, batch["species"], reduction="none")
    odd = batch.ids % 2 == 1
    assert measured["loss"] == pytest.approx(each[odd].mean().item())
    assert measured["accuracy"] == (output.argmax(dim=1) == batch["species"]).float().mean()


def test_a_batch_of_classes_that_weigh_nothing_moves_nothing():
    task = Classification(class_weight={"setosa": 0})
    network = dg.build("mlp", IRIS, hidden=[8])
    task.prepare(IRIS, network)
    ids = IRIS.members("train")
    batch = IRIS.read(ids[IRIS.codes("train") == 0][:4])
    loss = task.losses(network, batch, "network", None)["loss"]
    loss.backward()
    assert loss == 0 and all((p.grad == 0).all() for p in network.parameters())


def test_a_class_may_be_called_yes_which_yaml_takes_for_true():
    data = dg.load((np.random.default_rng(0).normal(size=(40, 2)), np.tile(["no", "yes"], 20)))
    task = Classification(class_weight={True: 3})
    learned(data, task)
    assert task.weighting.weights == {"no": 1.0, "yes": 3.0}


@pytest.mark.parametrize(
    ("task", "data", "message"),
    [
        (
            lambda: Classification(class_weight={"setos": 2}),
            IRIS,
            r"names 'setos', .* Did you mean 'setosa'\? Classes: setosa",
        ),
        (
            lambda: Classification(class_weight="balance"),
            IRIS,
            r"task.class_weight='balance': give 'balanced', or a weight",
        ),
        (
            lambda: Classification(class_weight={"setosa": -1}),
            IRIS,
            r"the weight of 'setosa' is -1; give a number from 0 on",
        ),
        (
            lambda: Classification(class_weight=dict.fromkeys(["setosa", "versicolor", "virginica"], 0)),
            IRIS,
            "every class the weight 0, so nothing can be learned",
        ),
        (
            lambda: Classification(loss="hinge", label_smoothing=0.1),
            IRIS,
            "shares out a cross-entropy, and the loss is 'hinge'",
        ),
        (lambda: Labels(loss="mse", class_weight="balanced"), TAGS, "needs a cross-entropy, not 'mse'"),
        (lambda: Labels(loss="mse", label_smoothing=0.1), TAGS, "label_smoothing=0.1 shares out a cross-entropy"),
        (
            lambda: Regression(class_weight="balanced"),
            dg.load("diabetes"),
            r"task.class_weight weighs classes, and regression has none.*data.weight=COLUMN",
        ),
        (
            lambda: Regression(label_smoothing=0.1),
            dg.load("diabetes"),
            "task.label_smoothing spreads targets over classes, and regression has none",
        ),
    ],
)
def test_weights_that_cannot_be_are_refused_with_what_would_do(task, data, message):
    with pytest.raises(SettingError, match=message):
        learned(data, task())


def test_a_loss_of_ones_own_that_gives_one_number_cannot_be_weighted():
    def own(output, target):
        return F.cross_entropy(output, target)

    with pytest.raises(
        SettingError, match=r"task.class_weight weighs the loss of each example, and own gives one number"
    ):
        learned(IRIS, Classification(loss=own, class_weight=WEIGHT))


def test_classes_that_are_not_known_before_reading_cannot_be_counted():
    data = dg.load(torch.utils.data.TensorDataset(torch.ones(20, 3), torch.arange(20) % 2))
    with pytest.raises(SettingError, match=r"does not tell them without being read through. Give weights by name"):
        Classification(class_weight="balanced").prepare(data, dg.build("mlp", data))


def test_settings_reach_the_task_from_the_spec():
    task = dg.tasks.task_for(IRIS, dg.tasks.TaskSettings(label_smoothing=0.1, class_weight={"setosa": 2}))
    assert isinstance(task, Supervised) and task.label_smoothing == 0.1 and task.class_weight == {"setosa": 2.0}
    spec = dg.Spec.from_dict({}).with_({"task.class_weight.setosa": 2})
    assert spec.to_dict()["task"]["class_weight"] == {"setosa": 2.0}


@pytest.mark.parametrize("mixup", [0.0, 0.5])
def test_several_batches_a_step_are_one_batch_of_them_all_with_weights_of_classes_too(mixup):
    data = IRIS.with_(augment={"mixup": mixup})

    def weights(**recipe):
        task = Classification(class_weight=WEIGHT, label_smoothing=0.1)
        network = dg.build("linear", data)
        recipe = dg.Recipe(threads=1, epochs=1, optimizer="sgd", early_stopping=False, **recipe)
        for _ in dg.Training(network, data, recipe, task=task):
            pass
        return list(network.state_dict().values())

    assert_close(weights(batch_size=8, accumulate=4), weights(batch_size=32))
