"""What was found of a run's weights goes once they change."""

import pytest

import deepglass as dg
from deepglass.training import keep
from deepglass.training.reopen import load_newest

HOW = {"threads": 1, "progress": False}


@pytest.fixture
def judged(tmp_path):
    """A run of two epochs with all that can be found of it."""
    run = dg.train({"name": "mlp", "hidden": [4]}, "iris", epochs=2, out=tmp_path / "run", **HOW)
    run.evaluate()
    run.standing()
    run.calibrate()
    return run


def test_test_scores_standing_and_decisions_of_older_weights_go_when_a_run_trains_on(judged):
    assert judged.facts["test"]["examples"] == 30
    older = judged.facts["standing"]["scores"]
    run = dg.resume(judged.path, epochs=4, progress=False)
    assert not {"test", "test_baselines", "standing", "decisions", "reason"} & run.facts.keys()
    assert run.standing()["scores"] != older
    assert len(run.folder.looks()) == 1  # that someone looked stays
    assert "30 test examples" not in run.report().read_text()


def test_nothing_goes_when_there_is_nothing_more_to_train(judged):
    before = judged.facts
    after = dg.resume(judged.path, progress=False).facts
    assert (after["test"], after["standing"]) == (before["test"], before["standing"])
    assert after["decisions"] == before["decisions"]


def test_a_kill_after_the_first_new_checkpoint_leaves_no_score_of_older_weights(judged, monkeypatch):
    class Watcher:
        def step(self, step): ...

        def epoch(self, epoch, best):
            if epoch.number == 3:
                raise KeyboardInterrupt

    monkeypatch.setattr(keep, "SAVING_SHARE", 1e9)
    training = dg.Training(judged.network, judged.data, judged.spec.recipe.model_copy(update={"epochs": 4}))
    load_newest(training, judged.folder)
    with pytest.raises(KeyboardInterrupt):
        keep.keep(training, judged.folder, Watcher())
    assert not {"test", "standing", "decisions"} & dg.Run(judged.path).facts.keys()
