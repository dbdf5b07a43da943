import importlib
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch, tmp_path):
    """The benchmarks are scripts: their folder is where they find each other. No MNIST is there for them."""
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setenv("DEEPGLASS_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def part(name):
    return importlib.import_module(name)


def turn(seconds=1.0, *epochs):
    """What a contestant tells: epochs are (training, whole, accuracy, at)."""
    names = ("training", "whole", "accuracy", "at")
    return {"seconds": seconds, "epochs": [dict(zip(names, e)) for e in epochs], "peak_mib": 100.0}


@pytest.mark.parametrize(
    "contestant",
    [
        *(
            "ours:mlp",
            "ours:convnet_alone",
            "ours:small",
            "ours:many",
            "ours:stacked",
            "ours:rows_streamed",
            "ours:in_parts",
        ),
        *("pytorch:mlp", "pytorch:many", "expert:convnet", "expert:bare"),
    ],
)
def test_contestants_that_need_no_other_library_play(contestant):
    clock, size = part("clock").Clock(), part("clock").Size(rows=64, tests=16, epochs=2, batch=32, candidates=2)
    module, function = contestant.split(":")
    getattr(part(f"peers.{module}"), function)(size, clock)
    assert clock.facts["seconds"] > 0
    assert len(clock.epochs) == (0 if function in ("many", "stacked") else 2)
    assert all(0 < e["training"] <= e["whole"] for e in clock.epochs)


def test_an_epochs_seconds_are_the_median_over_turns_of_what_follows_the_first():
    turns = [
        turn(9, (5.0, 6, 0.5, 6), (1.0, 2, 0.9, 8), (3.0, 4, 0.8, 12)),
        turn(9, (7.0, 8, 0.5, 8), (4.0, 5, 0.95, 13)),
    ]
    assert part("figures").epoch(turns, "training") == 3.0  # medians 2 and 4
    assert part("figures").reached(turns, 0.9) == 10.5  # 8 and 13
    assert part("figures").reached(turns, 0.92) is None  # the first never got there
    assert part("figures").accuracy(turns) == "87.50 (80.00 to 95.00)"


def test_a_library_that_says_nothing_of_its_epochs_shares_its_time_evenly():
    assert part("figures").epoch([{**turn(6.0), "epochs_in_all": 3}], "training") == 2.0


def test_time_that_grows_with_the_square_has_slope_2():
    assert part("workloads.scaling").slope([(10, 1.0), (100, 100.0), (1000, 10000.0)]) == pytest.approx(2)


def test_the_cost_of_keeping_a_run_is_divided_into_parts_that_add_up():
    workload = part("workloads").WORKLOADS["overhead"]
    kept = {**turn(13.0), "steps": 10.5, "measuring": 1.0, "probes": 0.1, "saves": 0.3, "log": 0.2, "bare": 10.0}
    plain = "the same steps in plain PyTorch, as an expert writes them"
    lines = workload.show({plain: [turn(12.0)], "Deepglass": [kept]})
    shares = [float(line.split("|")[3]) for line in lines.splitlines()[2:9]]
    assert shares == pytest.approx([5, 10, 1, 3, 2, 9, 30])
    assert lines.endswith("Plain PyTorch: 12 s.")
    assert sum(shares[:-1]) == pytest.approx(shares[-1])


@pytest.mark.parametrize("contestant", ["mlp", "watched_mlp"])
def test_a_training_with_looks_and_one_without_are_timed_in_one_process(contestant):
    clock, size = part("clock").Clock(), part("clock").Size(rows=64, tests=16, epochs=2, batch=32)
    getattr(part("peers.probed"), contestant)(size, clock)
    facts = clock.facts
    assert 0 < facts["looks"] < facts["with"] and facts["without"] > 0
    assert facts["with"] + facts["without"] <= facts["seconds"]
    assert facts["steps"] == 4


def test_what_looks_cost_is_the_difference_of_each_pair():
    workload = part("workloads").WORKLOADS["probes"]
    pairs = [(10.0, 10.2, 0.1), (10.0, 11.0, 0.2), (20.0, 20.0, 0.6)]
    turns = [{**turn(1.0), "without": a, "with": b, "looks": c, "steps": 1234} for a, b, c in pairs]
    lines = workload.show({"one": turns, "another": [{"over": 900.0}]}).splitlines()
    assert lines[2:] == ["| one | 1,234 | 10 | 11 | +2.0 | +0.0, +2.0, +10.0 | 2.0 |"]


def test_without_the_other_libraries_their_contestants_are_left_out_with_a_word(tmp_path):
    contest, figures = part("contest"), part("figures")
    needs_more = contest.Contestant("Lightning", "lightning:mlp", peer=True)
    played = contest.contest([needs_more], part("clock").Size(), 2, contest.Place(tmp_path / "nowhere"))
    assert "Lightning: left out" in figures.missing(played)
    assert "`make peers` makes it" in figures.missing(played)


def test_a_contestant_that_cannot_be_imported_is_left_out_and_one_that_takes_too_long_is_stopped(tmp_path):
    contest, size = part("contest"), part("clock").Size()
    place = contest.Place(tmp_path)
    assert "peers.nobody" in contest.play(contest.Contestant("nobody", "nobody:mlp"), size, place)[0]["left_out"]
    assert contest.play(contest.Contestant("slow", "pytorch:mlp", limit=0.01), size, place)[0]["over"] > 0


def test_figures_find_their_place_in_the_page_again_and_again():
    sections, name = part("sections"), "iris"
    kept = {
        name: {"command": "c", "turns": 1, "hardware": {}, "generated": False, "played": {"Deepglass": [turn(2.5)]}}
    }
    page = sections.put_in((FOLDER / "README.md").read_text(encoding="utf-8"), kept)
    assert "| Deepglass | 2.5 |" in page
    assert sections.put_in(page, kept) == page
    for name in part("workloads").WORKLOADS:
        assert f"<!-- speed: {name} -->" in page and f"<!-- end of {name} -->" in page


def test_bars_are_drawn_beside_the_ordinary_loop(tmp_path):
    picture = part("picture")
    kept = {"iris": {"played": {"Deepglass": [turn(2.0)], "ordinary PyTorch loop": [turn(4.0)]}}}
    assert picture.shares_of("iris", kept["iris"]) == {"Deepglass": 0.5, "ordinary PyTorch loop": 1.0}
    picture.draw(kept, tmp_path / "speed.png")
    assert (tmp_path / "speed.png").stat().st_size > 1000


def test_quick_figures_are_never_kept(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["speed.py", "--quick", "--write"])
    with pytest.raises(SystemExit) as left:
        part("speed").main()
    assert left.value.code == 2
    assert "those of --quick mean nothing" in capsys.readouterr().err


def test_a_contest_that_was_stopped_is_said_to_be_so_beside_the_time_alone():
    alone, both = turn(3.0, (1.0, 1.5, 0.9, 1.5)), {"over": 90.0}
    shown = part("workloads.together").show(
        {"ordinary PyTorch loop": [alone], "ordinary PyTorch loop, two at once": [both, both]}
    )
    assert "| ordinary PyTorch loop | 1.5 | not done after 90 s | over 30 |" in shown
