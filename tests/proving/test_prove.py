"""Remedies of planted faults, proved: trained with and without them, judged on the validation split."""

import json
import os
import shutil
import signal

import numpy as np
import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.proof import proofs_of
from deepglass.errors import RunError, SettingError, UnknownName
from deepglass.proving import Arm, Candidate, Subject, candidates, prove
from deepglass.proving.judging import Judge
from deepglass.proving.shown import Shown
from deepglass.run import Run
from deepglass.training.spec import Spec


def trained(tmp_path, **settings):
    asked = {"epochs": 3, "threads": 1, "patience": 3, **settings}
    network, data = asked.pop("network", "mlp"), asked.pop("data", "iris")
    return dg.train(network, data, out=tmp_path / "run", progress=False, **asked)


def proof_of(run, change, **asked):
    return run.prove(change=change, progress=False, **asked)


@pytest.fixture(scope="module")
def slow_run(tmp_path_factory):
    """Iris with a rate that is far too low."""
    return trained(tmp_path_factory.mktemp("slow"), learning_rate=1e-5, epochs=15)


def test_a_rate_that_was_far_too_low_is_proved_and_the_spec_that_helped_can_be_trained(slow_run):
    proof = proof_of(slow_run, {"recipe.learning_rate": 0.01})
    assert proof.verdict == "helped"
    low, high = proof.interval
    assert 0 < low < proof.effect < high
    spec = Spec.from_file(slow_run.path / "proofs" / proof.spec_path.rpartition("/")[2])
    assert spec == proof.spec == slow_run.spec.with_({"recipe.learning_rate": 0.01})
    assert proofs_of(slow_run.path)[-1].text() == proof.text()


def test_a_rate_that_was_far_too_high_is_proved(tmp_path):
    run = trained(tmp_path, data="digits", learning_rate=1.0, epochs=2)
    proof = proof_of(run, {"recipe.learning_rate": 0.003}, seeds=5)
    assert proof.verdict == "helped"
    assert proof.effect > 0.5


def test_a_useless_change_is_told_to_do_nothing(slow_run):
    proof = proof_of(slow_run, {"recipe.epsilon": 1e-9}, seeds=5)
    assert proof.verdict == "no_difference"
    assert proof.text().startswith("It did nothing")
    assert proof.spec is None


def test_a_harmful_change_is_told_to_do_harm(tmp_path):
    run = trained(tmp_path, learning_rate=0.01, epochs=15)
    proof = proof_of(run, {"recipe.learning_rate": 1e-6}, seeds=10)
    assert proof.verdict == "hurt"
    assert proof.effect < 0
    assert "Leave the setting as it was" in proof.text()


def test_few_seeds_and_noise_decide_nothing(slow_run):
    proof = proof_of(slow_run, {"network.hidden": [16]}, seeds=5)
    assert proof.verdict == "undecided"
    low, high = proof.interval
    assert low < 0 < high


def test_the_same_question_has_the_same_answer_and_trains_nothing_twice(tmp_path, slow_run):
    change = {"recipe.learning_rate": 0.01}
    first = proof_of(slow_run, change, seeds=5)
    again = proof_of(slow_run, change, seeds=5)
    elsewhere = proof_of(trained(tmp_path, learning_rate=1e-5, epochs=15), change, seeds=5)
    assert again.tried == first.tried == elsewhere.tried
    assert again.trainings == 10
    begun = [Run(p.parent).facts["started"] for p in (slow_run.path / "proofs").glob("*/seed-*/run.json")]
    assert max(begun) <= first.time


def test_the_pairs_have_seeds_that_the_run_was_not_judged_by(slow_run):
    assert proof_of(slow_run, {"recipe.learning_rate": 0.01}, seeds=5).best.seeds == (1, 2, 3, 4, 5)


def test_the_test_split_is_not_looked_at(slow_run):
    proof_of(slow_run, {"recipe.learning_rate": 0.01}, seeds=5)
    trials = [slow_run.path, *(p.parent for p in (slow_run.path / "proofs").glob("*/seed-*/run.json"))]
    assert len(trials) > 8
    assert all(Run(path).folder.looks() == [] for path in trials)


def test_a_proof_reads_no_example_of_the_test_split(tmp_path):
    x, y = np.random.default_rng(0).normal(size=(120, 3)).astype(np.float32), np.arange(120) % 2
    data = dg.load((x, y), stratify=False)
    run = trained(tmp_path, data=data, epochs=2)
    data.store.values["x"][torch.as_tensor(data.splits.test)] = torch.nan  # whoever reads them would notice
    proof = proof_of(run, {"recipe.batch_size": 16}, seeds=5)
    assert proof.best.failed == (0, 0)
    assert proof.best.examples == len(data.splits.validation)


def test_a_training_that_comes_to_nothing_counts_as_a_constant_answer(tmp_path):
    x = np.random.default_rng(0).normal(size=(150, 4)).astype(np.float32)
    run = trained(tmp_path, data=(x, (x[:, 0] > 0).astype(int)), learning_rate=0.01, epochs=5)
    proof = proof_of(run, {"recipe.optimizer": "sgd", "recipe.learning_rate": 1e30}, seeds=5)
    assert proof.best.failed == (0, 5)
    assert proof.verdict == "hurt"
    truth = run.data.codes("validation")
    commonest = run.data.codes("train").bincount().argmax()
    assert proof.best.remedy == pytest.approx([float((truth == commonest).float().mean())] * 5)


def test_targets_in_another_scale_are_judged_in_their_own_unit(tmp_path):
    random = np.random.default_rng(0)
    x = random.normal(size=(200, 3)).astype(np.float32)
    data = dg.load((x, 1000 * x[:, 0] + 5000), target_scaling="none")
    proof = proof_of(
        trained(tmp_path, data=data, epochs=10, learning_rate=0.01), {"data.target_scaling": "standard"}, seeds=5
    )
    assert (proof.verdict, proof.best.metric) == ("helped", "r2")
    assert len(set(proof.best.control)) == 1  # worse than the mean of the training split is no better than that mean
    assert -0.05 < proof.best.control[0] <= 0
    assert min(proof.best.remedy) > 0.5


def test_classes_learned_as_numbers_are_judged_as_classes(tmp_path):
    run = trained(tmp_path, data=dg.load("iris", label_encoding="number"), epochs=10, learning_rate=0.01)
    proof = proof_of(run, {"data.label_encoding": "index"}, seeds=5)
    assert proof.best.metric == "accuracy"
    assert all(0 <= value <= 1 for value in proof.best.control)


def test_a_change_of_how_classes_count_is_judged_by_balanced_accuracy(slow_run):
    assert proof_of(slow_run, {"task.class_weight": "balanced"}, seeds=5).best.metric == "balanced_accuracy"


def test_another_schedule_does_not_keep_what_shaped_the_one_before(tmp_path):
    run = trained(tmp_path, schedule="step", schedule_epochs=1, schedule_factor=0.1)
    arm = Arm(Subject(run.folder, run.spec, run.data), {"recipe.schedule": "cosine"})
    assert (arm.spec.recipe.schedule_epochs, arm.spec.recipe.schedule_factor) == (None, None)
    assert arm.training(1).recipe.schedule == "cosine"  # which takes neither


def test_where_seeds_cannot_go_in_one_step_pairs_are_trained_one_after_the_other(tmp_path):
    run = trained(tmp_path, learning_rate=1e-5, average=0.5, epochs=15)
    proof = proof_of(run, {"recipe.learning_rate": 0.01})
    assert proof.looks == (5, 10)
    assert proof.verdict == "helped"


def test_the_time_is_kept(tmp_path):
    run = trained(tmp_path, average=0.5, epochs=1)
    proof = proof_of(run, {"recipe.epochs": 100000, "recipe.early_stopping": False}, max_time="0.5s")
    assert proof.status == "time ended"
    assert proof.seconds < 2
    assert "with more (--max-time) it goes on from there" in proof.text()


def test_one_that_is_stopped_is_kept_and_goes_on_from_there(tmp_path, monkeypatch):
    run = trained(tmp_path, average=0.5)
    change, steps = {"recipe.learning_rate": 0.01}, []

    def stop(self, step, plain=Shown.step):
        steps.append(step)
        if len(steps) == 20:
            os.kill(os.getpid(), signal.SIGINT)
        plain(self, step)

    with monkeypatch.context() as patched:
        patched.setattr(Shown, "step", stop)
        paused = proof_of(run, change, seeds=5)
    assert (paused.status, paused.stopped_by) == ("paused", "SIGINT")
    assert len(steps) == 20  # at once
    proof = proof_of(run, change, seeds=5)
    fresh = proof_of(trained(tmp_path / "other", average=0.5), change, seeds=5)
    assert proof.tried == fresh.tried  # as if nothing had happened


class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 3)

    def forward(self, x):
        return self.layer(x)


class Bare(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(4, 3))

    def forward(self, x):
        return x @ self.weight


def test_what_was_proved_before_it_was_stopped_is_kept(tmp_path, monkeypatch):
    run = trained(tmp_path, average=0.5, epochs=2)
    ended = []

    def stop(self, plain=Shown.end):
        plain(self)
        ended.append(1)
        if len(ended) == 7:  # three pairs, and the control of the fourth
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Shown, "end", stop)
        proof_of(run, {"recipe.learning_rate": 0.01}, seeds=5)
    (paused,) = proofs_of(run.path)
    assert (paused.status, paused.verdict, paused.best.seeds) == ("paused", "undecided", (1, 2, 3))
    proof_of(run, {"recipe.learning_rate": 0.01}, seeds=5)
    (whole,) = proofs_of(run.path)  # in its place
    assert (whole.status, whole.best.seeds) == ("done", (1, 2, 3, 4, 5))


def test_a_signal_that_comes_while_trainings_are_judged_pauses_it_too(slow_run, monkeypatch):
    def stop(self, *given, plain=Judge.judge):
        signal.raise_signal(signal.SIGTERM)
        return plain(self, *given)

    remedies = [Candidate({"recipe.epsilon": 1e-7}), Candidate({"recipe.epsilon": 1e-6})]
    with monkeypatch.context() as patched:
        patched.setattr(Judge, "judge", stop)
        proof = prove(Subject(slow_run.folder, slow_run.spec, slow_run.data), remedies, seeds=5, progress=False)
    assert (proof.status, proof.stopped_by) == ("paused", "SIGTERM")
    assert [len(tried.seeds) for tried in proof.tried] == [5, 0]
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def starts_of(run):
    """The first numbers of the weights that the trainings of the control started from, by seed."""
    arm = Arm(Subject(run.folder, run.spec, run.data, run.own_network, run.own_task), {})
    return [next(arm.network(seed).parameters()).flatten()[:3].tolist() for seed in (1, 2)]


def test_a_network_of_ones_own_starts_from_the_weights_it_was_given_with(tmp_path):
    network = Bare()
    network.weight.data[:] = torch.arange(12.0).reshape(4, 3) / 100
    run = trained(tmp_path, network=network, learning_rate=1e-6, epochs=10)
    before = {n: v.clone() for n, v in run.network.state_dict().items()}
    assert starts_of(run) == [pytest.approx([0.0, 0.01, 0.02])] * 2
    proof = proof_of(run, {"recipe.learning_rate": 0.1}, seeds=5)
    assert proof.verdict == "helped"
    assert "each training starts from the weights that the run started from" in proof.text()
    assert all(torch.equal(run.network.state_dict()[n], v) for n, v in before.items())
    with pytest.raises(SettingError, match=r"network\.hidden cannot be changed: the network is an object of yours"):
        proof_of(run, {"network.hidden": [3]})
    with pytest.raises(RunError, match=r"Pass it again: dg\.Run"):
        proof_of(Run(run.path), {"recipe.learning_rate": 0.05})


def test_a_built_network_that_was_left_as_it_was_is_drawn_anew_by_each_seed(tmp_path):
    data = dg.load("iris")
    run = trained(tmp_path, network=dg.build("mlp", data, hidden=[4]), data=data)
    first, second = starts_of(run)
    assert first != second
    proof = proof_of(run, {"recipe.learning_rate": 0.05}, seeds=5)
    assert "The seeds vary the start weights and the order of the examples." in proof.text()


def test_a_built_network_with_weights_of_ones_own_keeps_them_but_where_the_remedy_draws_others(tmp_path):
    data = dg.load("iris")
    network = dg.build("mlp", data, hidden=[4])
    torch.nn.init.zeros_(network[0].weight) if isinstance(network, nn.Sequential) else [
        nn.init.zeros_(p) for p in network.parameters()
    ]
    run = trained(tmp_path, network=network, data=data, epochs=20, learning_rate=0.02)
    assert starts_of(run) == [[0.0, 0.0, 0.0]] * 2
    proof = proof_of(run, {"network.initialization": "glorot"}, seeds=5)
    assert proof.verdict == "helped"
    assert "draws weights of its own" in proof.text()


def test_without_the_weights_that_it_started_from_a_network_is_drawn_anew_or_told_what_it_needs(tmp_path):
    run = trained(tmp_path / "own", network=Own())
    bare = trained(tmp_path / "bare", network=Bare())
    for one in (run, bare):
        shutil.rmtree(one.path / "epochs")  # a run of an older Deepglass
    first, second = starts_of(run)
    assert first != second
    with pytest.raises(RunError, match=r"Bare\) cannot draw new ones. Give it a method reset_parameters"):
        proof_of(bare, {"recipe.learning_rate": 0.05})


def test_a_run_that_started_from_weights_is_tried_from_the_same_weights(tmp_path):
    good = trained(tmp_path / "good", learning_rate=0.02, epochs=20)
    run = trained(tmp_path, weights=good, learning_rate=1e-7, epochs=1)
    proof = proof_of(run, {"recipe.batch_size": 16}, seeds=5)
    assert min(proof.best.control) > 0.8  # one epoch at this rate from drawn weights would reach a third
    (good.path / "spec.yaml").unlink()
    with pytest.raises(RunError, match="cannot be trained again as it was"):
        proof_of(run, {"recipe.batch_size": 8}, seeds=5)


def test_a_run_with_a_new_head_for_as_many_other_classes_is_tried_with_a_new_head_too(tmp_path):
    low, high = (dg.load("digits", classes=classes) for classes in (["0", "1", "2"], ["7", "8", "9"]))
    good = trained(tmp_path / "good", data=low, network={"name": "mlp", "hidden": [8]}, epochs=1)
    run = dg.fine_tune(good, high, epochs=1, threads=1, out=tmp_path / "run", progress=False)
    arm = Arm(Subject(run.folder, run.spec, run.data), {})
    heads = [arm.network(seed).state_dict()["output.weight"] for seed in (1, 2)]
    assert not any(torch.equal(head, good.network.output.weight) for head in heads)
    assert not torch.equal(*heads)  # each seed draws its own, as fine_tune does
    assert torch.equal(arm.network(1).state_dict()["hidden1.weight"], good.network.hidden1.weight)


def test_what_is_learned_by_heart_is_judged_by_the_loss_that_shows_it(tmp_path, monkeypatch):
    run = trained(tmp_path, early_stopping=False, epochs=4)
    stop = Remedy({"recipe.early_stopping": True}, "Go back to the best epoch.")
    monkeypatch.setattr(Run, "findings", [Finding("overfitting", "alarm", "w", "y", remedies=(stop,))])
    proof = run.prove(seeds=5, progress=False)
    assert (proof.best.metric, proof.best.sign) == ("loss", -1)
    recorded = [Run(run.path / "proofs" / "control" / f"seed-{s}").history[-1].validation["loss"] for s in range(1, 6)]
    assert proof.best.control == pytest.approx(recorded, rel=1e-5)


def test_a_loss_whose_scale_the_change_alters_is_no_yardstick(tmp_path):
    data = dg.load((np.random.default_rng(0).normal(size=(60, 2)), np.arange(60.0)), target_scaling="none")
    with pytest.raises(SettingError, match="metric='loss' cannot judge both"):
        proof_of(trained(tmp_path, data=data), {"data.target_scaling": "standard"}, metric="loss")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"recipe.learning_rate": 1e-5}, "changes nothing: the run was trained like that"),
        ({"recipe.seed": 7}, "both arms are trained with the same seeds"),
        ({"data.validation": 0.5}, "data.validation changes which examples are judged"),
        ({"recipe.lerning_rate": 1}, "Did you mean 'learning_rate'"),
    ],
)
def test_a_change_that_cannot_be_proved_is_refused_in_words(slow_run, change, words):
    with pytest.raises(SettingError, match=words):
        proof_of(slow_run, change)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"seeds": 4}, "fewer than 5 pairs cannot decide anything"),
        ({"max_time": "soon"}, "a time is written such as 90s"),
        ({"max_time": 0}, "no time to train in"),
        ({"metric": "r2"}, "Those that can: accuracy"),
    ],
)
def test_what_is_asked_for_wrongly_is_refused_in_words(slow_run, asked, words):
    with pytest.raises(SettingError, match=words):
        proof_of(slow_run, {"recipe.epochs": 2}, **asked)


def test_without_a_validation_split_there_is_nothing_to_judge_on(tmp_path):
    run = trained(tmp_path, data=dg.load("iris", validation=0))
    with pytest.raises(RunError, match="no validation split to judge on"):
        proof_of(run, {"recipe.epochs": 2})


RATE = Remedy({"recipe.learning_rate": 0.01}, "longer steps")
FINDINGS = [
    Finding("identifier", "warning", "w", "y", remedies=(Remedy({}, "Leave the column out.", by="data"),)),
    Finding("rate_too_low", "alarm", "w", "y", remedies=(Remedy({"recipe.epsilon": 1e-9}, "none"), RATE)),
    Finding("unfinished", "warning", "w", "y", remedies=(RATE, Remedy({"recipe.epochs": 30}, "go on"))),
    Finding("batch_too_small", "remark", "w", "y", remedies=(Remedy({"recipe.batch_size": 64}, "larger"),)),
]


def test_the_remedies_of_all_that_is_wrong_are_tried_in_order_each_once():
    assert [c.change for c in candidates(FINDINGS)] == [{"recipe.epsilon": 1e-9}, RATE.change, {"recipe.epochs": 30}]
    assert [c.change for c in candidates(FINDINGS, "batch_too_small")] == [{"recipe.batch_size": 64}]
    assert candidates([]) == []


def test_a_finding_that_cannot_be_proved_is_told_what_to_do_by_hand():
    with pytest.raises(SettingError, match=r"identifier has no remedy among the settings.* Leave the column out\."):
        candidates(FINDINGS, "identifier")
    with pytest.raises(UnknownName, match="Did you mean 'rate_too_low'"):
        candidates(FINDINGS, "rate_to_low")
    with pytest.raises(SettingError, match="Nothing was found in this run"):
        candidates([], "rate_too_low")


def test_remedies_share_the_control_and_the_first_that_helps_ends_it(slow_run, monkeypatch):
    monkeypatch.setattr(Run, "findings", FINDINGS)
    proof = slow_run.prove(progress=False)
    assert [t.verdict for t in proof.tried] == ["no_difference", "helped", "undecided"]
    assert proof.trainings == 30  # ten of the control, of the first and of the second remedy; none of the third
    assert json.dumps(proof.to_dict()).startswith('{"finding": "rate_too_low", "verdict": "helped"')
    assert "Not tried, as this one helped: recipe.epochs 15 -> 30." in proof.text()
    assert "3 remedies" in proof.text()
