import numpy as np

from deepglass.data.checks import CHECKS


def test_sound_data_have_no_problems(deepglass):
    answer = deepglass("data", "wine", "--check")
    assert answer.code == 0
    assert answer.out.startswith("wine: 178 examples")
    assert answer.out.endswith(f"No problems found in {len(CHECKS)} checks.\n")


def test_problems_are_printed_and_are_no_error(deepglass, tmp_path):
    rows = [f"{i},{x:.6f},{i % 2}" for i, x in enumerate(np.random.default_rng(0).normal(size=200))]
    (tmp_path / "people.csv").write_text("\n".join(["id,size,sold", *rows]) + "\n")
    answer = deepglass("data", "people.csv", "--target", "sold", "--check")
    assert answer.code == 0
    assert f"1 warning in {len(CHECKS)} checks:\n  warning identifiers: column 'id' holds a whole number" in answer.out
    (problem,) = deepglass("data", "people.csv", "--target", "sold", "--check", "--json").json["problems"]
    assert problem["check"] == "identifiers"
    assert problem["severity"] == "warning"
    assert (problem["field"], problem["column"]) == ("features", "id")
    assert (problem["count"], problem["of"], problem["places"]) == (160, 160, ["id"])


def test_without_the_option_nothing_is_checked(deepglass):
    assert deepglass("data", "iris", "--json").json["problems"] == []
    assert len(deepglass("data", "iris", "--check", "--json").json["problems"]) == 1
