"""The evidence of a run in its folder."""

import json

import pytest
import torch
from driven import drive, make, prober_of, training_of

from deepglass.errors import RunError
from deepglass.probes import Evidence
from deepglass.probes.stored import write_before
from deepglass.runs import RunFolder


def plain(evidence):
    """All but the time that looks took."""
    probes = [{**p, "network": {q: v for q, v in p["network"].items() if q != "seconds"}} for p in evidence.probes]
    return probes, evidence.layers, evidence.losses


@pytest.fixture
def folder(tmp_path):
    run = RunFolder.create(tmp_path / "run")
    run.write_spec({"recipe": {"epochs": 3}})
    return run.path


def test_what_was_measured_is_read_back(folder):
    training = training_of(make("batch norm and dropout"))
    prober = prober_of(training, folder)
    drive(training, prober)
    evidence = Evidence.from_run(folder)
    assert repr(plain(evidence)) == repr(plain(prober.evidence))
    assert evidence.settings == {"recipe": {"epochs": 3}}
    assert evidence.source == "run" and evidence.facts["run"]["status"] == "running"
    assert evidence.facts["seconds"] == pytest.approx(prober.seconds) and prober.seconds > 0
    assert len(evidence.losses) == 27  # 3 epochs of 9 steps, each its own window
    assert (folder / "probes" / "probes.jsonl").stat().st_size < 100_000


@pytest.mark.parametrize("stop", [1, 3, 8, 20])
def test_after_a_kill_and_a_resume_the_evidence_is_the_same(tmp_path, stop):
    whole = training_of(make("batch norm and dropout"))
    straight = prober_of(whole, RunFolder.create(tmp_path / "straight").path)
    drive(whole, straight)

    folder = RunFolder.create(tmp_path / "killed").path
    killed = training_of(make("batch norm and dropout"))
    prober = prober_of(killed, folder)
    drive(killed, prober, stop_after=stop)
    state, losses = killed.state_dict(), {n: v.clone() for n, v in prober.tensors().items()}
    drive(killed, prober, stop_after=stop + 5)  # what comes after the checkpoint is lost with the process

    resumed = training_of(make("batch norm and dropout"))
    resumed.load_state_dict(state)
    again = prober_of(resumed, folder)
    again.resume(losses, resumed.step_number)
    drive(resumed, again)
    assert plain(again.evidence) == plain(straight.evidence)
    assert repr(plain(Evidence.from_run(folder))) == repr(plain(Evidence.from_run(tmp_path / "straight")))


def test_a_run_that_is_trained_on_has_the_evidence_of_one_that_was_never_ended(tmp_path):
    whole = training_of(make("residual"), epochs=4)
    straight = prober_of(whole)
    drive(whole, straight)
    folder = RunFolder.create(tmp_path / "run").path
    short = training_of(make("residual"), epochs=3)
    prober = prober_of(short, folder)
    drive(short, prober)  # with a look at its end
    longer = training_of(make("residual"), epochs=4)
    longer.load_state_dict(short.state_dict())
    again = prober_of(longer, folder)
    again.resume(prober.tensors(), longer.step_number)
    drive(longer, again)
    assert plain(again.evidence) == plain(straight.evidence)


def test_a_torn_last_line_is_left_out_and_damage_is_said(folder):
    training = training_of(make("residual"))
    drive(training, prober_of(training, folder))
    path = folder / "probes" / "probes.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines)[:-40])
    torn = Evidence.from_run(folder)
    assert len(torn.probes) == len(lines) - 2 and torn.notes == []
    path.write_bytes(b"".join([lines[0], lines[1].replace(b"probe", b"prone", 1), *lines[2:]]))
    damaged = Evidence.from_run(folder)
    assert len(damaged.probes) == len(lines) - 2
    assert damaged.notes == ["probes.jsonl, line 2, is damaged and was left out."]


def test_a_run_without_probes_has_its_epochs_still(folder):
    RunFolder(folder).append_history({"epoch": 1, "train": {"loss": 0.5}, "validation": {}})
    evidence = Evidence.from_run(folder)
    assert not evidence.has("probes") and evidence.curve("train") == [0.5]


def test_what_was_known_before_the_first_step_is_kept(folder):
    write_before(folder, {"shapes": {"output": [3]}})
    assert Evidence.from_run(folder).before == {"shapes": {"output": [3]}}


def test_evidence_of_a_newer_schema_is_refused(folder):
    training = training_of(make("residual"))
    drive(training, prober_of(training, folder), stop_after=1)
    from deepglass.runs import Journal

    Journal(folder / "probes" / "probes.jsonl").append({"record": "header", "schema": 99, "layers": [], "facts": {}})
    with pytest.raises(RunError, match=r"written by a newer Deepglass .schema 99"):
        Evidence.from_run(folder)


def test_the_file_is_plain_json_without_tokens_that_are_none(folder):
    network = make("in place")
    network[2].weight.data[0, 0] = torch.inf
    training = training_of(network)
    prober = prober_of(training, folder)
    prober.before(0, 1)
    prober._conclude({}, None, landed=False)
    for line in (folder / "probes" / "probes.jsonl").read_text().splitlines():
        json.loads(line, parse_constant=lambda token: pytest.fail(token))
    assert Evidence.from_run(folder).series("weight_norm", "2").values == (float("inf"),)
