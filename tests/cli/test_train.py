"""What a user gets from `deepglass train`, `show`, `runs`, `evaluate` and `predict`."""

from pathlib import Path

import pytest

QUICK = ("--epochs", "2", "--set", "recipe.threads=1")


def test_a_run_is_kept_with_a_report_and_found_again(deepglass):
    trained = deepglass("train", "iris", *QUICK, "--out", "mine")
    assert trained.code == 0
    assert "report: mine" in trained.out and Path("mine/report.html").is_file()
    assert "commonest class" in trained.out  # the baseline stands beside the score
    assert "mine" in deepglass("runs", ".").out
    shown = deepglass("show", "mine")
    assert "accuracy" in shown.out and "best" in shown.out


def test_progress_goes_to_standard_error_and_json_is_the_last_line_of_standard_output(deepglass):
    answer = deepglass("train", "iris", *QUICK, "--out", "mine", "--json")
    assert "epoch" in answer.err
    assert answer.json["run"] == "mine" and answer.json["status"] == "done" and answer.json["epochs"] == 2
    assert set(answer.json) == {"run", "status", "epochs", "seconds", "best_epoch", "train", "validation"}
    assert {"loss", "accuracy"} <= set(answer.json["validation"])


def test_every_look_at_the_test_split_is_counted(deepglass):
    deepglass("train", "iris", *QUICK, "--out", "mine")
    assert deepglass("evaluate", "mine", "--json").json["looks"] == 1
    again = deepglass("evaluate", "mine")
    assert "look 2" in again.out and "less honest" in again.out
    for word in ("precision", "recall", "linear model", "95 % interval"):
        assert word in again.out


def test_seeds_give_an_interval(deepglass):
    answer = deepglass("train", "iris", *QUICK, "--seeds", "3", "--out", "three")
    assert answer.code == 0 and "over 3 seeds" in answer.out
    evaluated = deepglass("evaluate", "three/seed-0", "three/seed-1", "three/seed-2", "--json").json
    assert evaluated["test"]["accuracy"]["seeds"] == 3 and len(evaluated["runs"]) == 3


def test_predictions_are_names_with_probabilities(deepglass):
    deepglass(
        "train", "iris", "--epochs", "30", "--learning-rate", "0.01", "--set", "recipe.threads=1", "--out", "mine"
    )
    Path("new.csv").write_text(
        "sepal length,sepal width,petal length,petal width,species\n5.1,3.5,1.4,0.2,setosa\n6.9,3.1,5.4,2.1,virginica\n"
    )
    rows = deepglass("predict", "mine", "new.csv", "--json").json["predictions"]
    assert [row["species"] for row in rows] == ["setosa", "virginica"] == [row["given"] for row in rows]
    assert 0.4 < rows[0]["p(setosa)"] <= 1
    assert deepglass("predict", "mine", "new.csv", "-o", "out.csv").code == 0
    assert Path("out.csv").read_text().startswith("species,")


def test_a_spec_repeats_its_run_with_the_same_numbers(deepglass):
    first = deepglass("train", "digits", "--network", "mlp", *QUICK, "--out", "first", "--json").json
    second = deepglass("train", "first/spec.yaml", "--out", "second", "--json").json
    assert second["validation"] == first["validation"] and second["train"] == first["train"]
    other = deepglass("train", "first/spec.yaml", "--seed", "1", "--out", "third", "--json").json
    assert other["validation"] != first["validation"]


def test_a_network_comes_from_a_file_of_layers(deepglass):
    Path("net.yaml").write_text("network: [{Linear: 8}, ReLU, {Linear: outputs}]\n")
    assert deepglass("train", "iris", "--network", "net.yaml", *QUICK, "--out", "mine").code == 0
    assert deepglass("evaluate", "mine").code == 0


def test_the_code_of_someone_else_runs_only_when_the_user_says_so(deepglass):
    Path("my_net.py").write_text(
        "from torch import nn\n\ndef build(shape, outputs):\n    print('my code runs')\n    return nn.Linear(shape[0], outputs)\n"
    )
    assert deepglass("train", "iris", "--network", "my_net.py:build", *QUICK, "--out", "mine").code == 0
    Path("my_net.py").unlink()
    refused = deepglass("evaluate", "mine")
    assert refused.code == 2 and "--trust" in refused.err and "my code runs" not in refused.out
    trusted = deepglass("evaluate", "mine", "--trust")
    assert trusted.code == 0 and "my code runs" in trusted.out


def test_a_fault_in_the_users_own_code_shows_their_frames_only(deepglass):
    Path("my_net.py").write_text("def build(shape, outputs):\n    return 1 / 0\n")
    answer = deepglass("train", "iris", "--network", "my_net.py:build")
    assert answer.code == 1 and "return 1 / 0" in answer.err and "ZeroDivisionError" in answer.err
    assert "deepglass/networks" not in answer.err


def test_an_alarm_is_said_and_strict_refuses(deepglass):
    words = ("train", "breast-cancer", "--network", "mlp", "--set", "network.output_activation=softmax", *QUICK)
    warned = deepglass(*words, "--out", "mine")
    assert warned.code == 0 and "alarm:" in warned.err and "oftmax" in warned.err
    strict = deepglass(*words, "--strict")
    assert strict.code == 2 and "strict" in strict.err and not Path("runs").exists()


def test_the_perceptron_says_what_no_plane_can_separate(deepglass):
    alone = deepglass(
        "train", "iris", "--network", "perceptron", "--set", "data.positive=setosa", "--out", "a", "--json"
    )
    assert alone.json["validation"]["accuracy"] == 1.0 == alone.json["train"]["accuracy"]
    assert deepglass("evaluate", "a", "--json").json["test"]["accuracy"] == 1.0
    two = deepglass(
        "train", "iris", "--network", "perceptron", "--set", "data.classes=[versicolor, virginica]", "--out", "b"
    )
    assert "separates versicolor" in two.err or "virginica" in two.err
    assert "No plane" in two.err or "no plane" in two.err


def test_a_loss_that_is_not_finite_ends_with_code_1_and_finite_weights(deepglass):
    answer = deepglass(
        "train", "diabetes", "--network", "mlp", "--optimizer", "sgd", "--learning-rate", "1e20", *QUICK, "--out", "x"
    )
    assert answer.code == 1 and "learning_rate" in answer.err and "step" in answer.err and "Traceback" not in answer.err
    assert "failed" in deepglass("runs", ".").out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("train", "irs"), "Did you mean 'iris'"),
        (("train", "iris", "--network", "mpl"), "Did you mean 'mlp'"),
        (("train", "iris", "--optimizer", "adm"), "Did you mean 'adam'"),
        (("train", "iris", "--set", "recipe.epoch=3"), "Did you mean 'epochs'"),
        (("train", "iris", "--set", "rezipe.epochs=3"), "Did you mean 'recipe'"),
        (("train", "iris", "--set", "epochs=3"), "section.key=value"),
        (("train", "iris", "--set", "task.loss=crossentropy"), "Did you mean 'cross_entropy'"),
        (("train", "iris", "--set", "network.hiden=[3]", "--network", "mlp"), "Did you mean 'hidden'"),
        (("train", "iris", "--set", "data.positive=setos"), "setosa"),
        (("train", "iris", "--batch-size", "0"), "at least 1"),
        (("train", "iris", "--batch-size", "some"), "batch_size"),
        (("train", "iris", "--epochs", "-1"), "epochs"),
        (("train", "iris", "--learning-rate", "0"), "learning_rate"),
        (("train", "nothing.csv"), "no file"),
        (("train",), "Name the data"),
        (("train", "iris", "--resume"), "--out"),
        (("show", "nowhere"), "no run"),
        (("evaluate", "nowhere"), "no run"),
        (("networks", "lenet5", "--input", "1xbig"), "--input"),
        (("networks", "lenet5", "--input", "1x2x2"), "lenet5"),
        (("data", "iris", "--set", "data.test=2000"), "150"),
        (("data", "iris", "--set", "recipe.epochs=2"), "data"),
        (("tran", "iris"), "train"),
    ],
)
def test_bad_input_is_a_line_or_two_and_code_2(deepglass, words, says):
    answer = deepglass(*words)
    assert answer.code == 2, answer
    assert says in answer.err and "Traceback" not in answer.err
    assert not Path("runs").exists()  # nothing is left behind


def test_a_folder_that_holds_something_is_never_written_over(deepglass):
    Path("mine").mkdir()
    Path("mine/thesis.txt").write_text("years of work")
    assert deepglass("train", "iris", *QUICK, "--out", "mine").code == 2
    assert Path("mine/thesis.txt").read_text() == "years of work" and len(list(Path("mine").iterdir())) == 1
    assert deepglass("train", "iris", *QUICK, "--out", "run").code == 0
    again = deepglass("train", "iris", *QUICK, "--out", "run")
    assert again.code == 2 and "--resume" in again.err


def test_the_command_that_began_a_run_goes_on_with_it_and_only_what_differs_is_refused(deepglass):
    begun = ("train", "iris", *QUICK, "--set", "data.scaling=unit", "--out", "run", "--resume")
    assert deepglass(*begun).code == 0
    again = deepglass(*begun)
    assert again.code == 0, again.err
    other = deepglass("train", "iris", "--set", "data.scaling=none", "--out", "run", "--resume")
    assert other.code == 2 and "data.scaling cannot change when a run is resumed" in other.err


def test_resume_starts_afresh_without_a_run_and_goes_on_with_one(deepglass):
    assert deepglass("train", "iris", *QUICK, "--out", "run", "--resume").code == 0
    longer = deepglass("train", "--out", "run", "--resume", "--epochs", "4", "--json")
    assert longer.json["epochs"] == 4 and longer.json["status"] == "done"


@pytest.mark.parametrize("command", ["data", "networks", "train", "runs", "show", "evaluate", "predict"])
def test_every_help_shows_examples_and_the_next_step(deepglass, command):
    answer = deepglass(command, "--help")
    assert answer.code == 0 and f"  deepglass {command}" in answer.out
