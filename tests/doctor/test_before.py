"""What is measured before the first step, and whole runs that it is measured of."""

import numpy as np
import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.doctor import examine
from deepglass.doctor.before import OF_DATA, of_data, of_start
from deepglass.doctor.before.batch import changes_against_chance
from deepglass.doctor.before.leakage import leakage
from deepglass.doctor.before.splits import splits
from deepglass.doctor.examine import evidence_of
from deepglass.errors import RunError
from deepglass.probes import Evidence
from deepglass.tasks import Classification, Regression
from deepglass.training.training import Training


def prepared(network, data, **settings):
    made = network if isinstance(network, nn.Module) else dg.build(network, data)
    task = settings.pop("task", None)
    return Training(made, data, dg.Recipe(epochs=1, threads=1, **settings), task=task)


def start(network, data, **settings):
    training = prepared(network, data, **settings)
    return of_start(training.network, data, training.task, training.recipe)


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(0)
    x = random.standard_normal((300, 4)).astype(np.float32)
    return x, (x[:, 0] - x[:, 1] + 0.1 * random.standard_normal(300)).astype(np.float32)


def test_a_diagnosis_knows_all_that_is_measured_of_data():
    assert tuple(OF_DATA) == examine.OF_DATA


def test_a_look_before_the_first_step_leaves_weights_and_random_state():
    data = dg.load("iris")
    training = prepared("mlp", data)
    weights = {n: v.clone() for n, v in training.network.state_dict().items()}
    state = torch.get_rng_state()
    of_start(training.network, data, training.task, training.recipe)
    of_data(data, training.task, {})
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(v, weights[n]) for n, v in training.network.state_dict().items())


def test_layers_in_a_plain_list_are_seen():
    class Listed(nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden = [nn.Linear(4, 8)]
            self.last = nn.Linear(8, 3)

        def forward(self, x):
            return self.last(self.hidden[0](x).relu())

    assert start(Listed(), dg.load("iris"))["parameters"]["hidden"] == ["hidden"]


def test_classes_in_their_order_change_seldom():
    assert changes_against_chance(np.array([0] * 50 + [1] * 50)) == pytest.approx(1 / 49.5)
    assert changes_against_chance(np.array([0, 1] * 50)) == pytest.approx(99 / 49.5)
    assert changes_against_chance(np.zeros(10)) is None


@pytest.mark.parametrize(
    ("loss", "asked", "answer"),
    [
        (lambda output, target: ((output - target[:, 0]) ** 2).mean(), "order_matters", False),
        (lambda output, target: ((output - target) ** 2).mean(), "order_matters", True),
    ],
)
def test_a_loss_of_ones_own_is_asked_whether_it_minds_whose_target_it_gets(table, loss, asked, answer):
    data = dg.load(table)
    known = start("mlp", data, task=Regression(loss=loss))
    assert known["own_loss"][asked] is answer


def test_a_loss_with_a_bare_logarithm_is_found_before_it_breaks():
    def bare(output, target):
        return -output.softmax(1)[torch.arange(len(target)), target.long()].log().mean()

    data = dg.load("iris")
    own = start("mlp", data, task=Classification(loss=bare))["own_loss"]
    assert own["not_finite_at"] is not None
    assert own["right"] < own["wrong"]


def test_baselines_and_labels_tell_an_easy_problem_from_a_shuffled_one():
    iris = dg.load("iris")
    known = of_data(iris, prepared("mlp", iris).task, {})
    assert known["baselines"]["accuracy"]["best"] > 0.8
    assert known["baselines"]["loss"]["constant"] == pytest.approx(np.log(3), abs=1e-3)
    x = np.random.default_rng(0).standard_normal((300, 4)).astype(np.float32)
    mixed = dg.load((x, np.arange(300) % 3))
    labels = of_data(mixed, prepared("mlp", mixed).task, {})["labels"]
    assert labels["score"] < labels["chance"] + 3 * labels["error"]


def test_a_column_that_numbers_sorted_rows_is_measured_by_what_it_adds(table):
    x, y = table
    order = np.argsort(y)
    data = dg.load((np.column_stack([x[order], 1000 + np.arange(300)]).astype(np.float32), y[order]))
    columns = leakage(data, prepared("mlp", data).task)["columns"]
    numbered = next(c for c in columns if c["check"] == "identifiers")
    assert numbered["with"] > numbered["without"]


def test_splits_say_how_large_they_are(table):
    data = dg.load(table)
    assert splits(data, prepared("mlp", data).task)["sizes"] == {"train": 192, "validation": 48, "test": 60}


def test_a_healthy_run_gets_no_finding_above_a_remark(tmp_path):
    run = dg.train("mlp", "iris", epochs=40, learning_rate=0.01, threads=1, out=tmp_path / "run", progress=False)
    assert [f.symptom for f in run.findings if f.is_serious] == []
    assert (tmp_path / "run" / "findings.json").exists()


def test_softmax_before_its_own_loss_is_named_first(tmp_path):
    network = {"name": "mlp", "output_activation": "softmax"}
    run = dg.train(network, "iris", loss="cross_entropy", epochs=5, threads=1, out=tmp_path / "run", progress=False)
    assert run.findings[0].symptom == "activation_twice"


def test_a_run_whose_data_are_gone_is_diagnosed_by_the_rest(tmp_path):
    dg.train("mlp", "iris", epochs=2, threads=1, out=tmp_path / "run", progress=False)
    run = dg.Run(tmp_path / "run")

    def gone():
        raise RunError("The data are gone.")

    evidence = evidence_of(run.folder, gone, gone)
    assert "The data are gone" in evidence.notes[-1]
    assert "output" in evidence.before


def test_measurements_that_train_are_kept_as_evidence(tmp_path):
    run = dg.train("mlp", "iris", epochs=2, threads=1, out=tmp_path / "run", progress=False)
    measured = run.measure()
    assert measured["memorize"]["least_loss"] < 0.5 * measured["memorize"]["constant"]
    assert measured["rates"]["suggestion"] > 0
    assert dg.Run(tmp_path / "run").findings is not None
    assert Evidence.from_run(tmp_path / "run").before["measurements"]["memorize"]["rows"] == 32
