import importlib.util
import os
import sys
from pathlib import Path

import pytest
import yaml

TOOL = Path(__file__).resolve().parents[1] / "tools" / "course.py"
spec = importlib.util.spec_from_file_location("course", TOOL)
course = importlib.util.module_from_spec(spec)
sys.modules["course"] = course  # its dataclass looks itself up by this name
spec.loader.exec_module(course)

ROWS = course.parse(yaml.safe_load(course.ROWS_FILE.read_text(encoding="utf-8")))


def listed(**changes):
    """The rows of a course in which nothing is shown, but for `changes`: id -> further keys."""
    return [{"id": i, "what": "a thing", "show": None, **changes.get(i, {})} for i in course.IDS]


def test_the_course_has_300_rows_and_each_of_them_once():
    assert len(course.IDS) == 300
    assert (course.IDS[0], course.IDS[-1]) == ("A01", "O16")
    assert sorted(row.id for row in ROWS) == sorted(course.IDS)


def test_the_page_is_up_to_date_with_the_rows():
    assert course.PAGE_FILE.read_text(encoding="utf-8") == course.page(ROWS), "run: python tools/course.py --write"


def test_every_test_that_shows_a_row_is_in_a_file_that_exists():
    files = {entry.split("::")[0] for row in ROWS for entry in row.entries() if course.is_test(entry)}
    assert [file for file in files if not (course.REPOSITORY / file).is_file()] == []


def test_a_missing_a_doubled_and_an_unknown_row_are_named():
    rows = [*listed()[1:], *listed()[4:5], {"id": "Z99", "what": "a thing", "show": None}]
    with pytest.raises(ValueError, match=r"missing: A01; unknown: Z99; more than once: A05\."):
        course.parse(rows)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shows": []}, "Row B02 has shows. Known: id, lacks"),
        ({"show": "deepglass data iris"}, "Row B02: show has to be a list of texts, or null"),
        ({"what": ""}, "Row B02 needs `what` and `show`"),
    ],
)
def test_a_misspelt_row_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        course.parse(listed(B02=change))


def test_quick_stands_for_fewer_epochs_and_people_never_see_it():
    row = course.Row("A01", "a thing", ("deepglass train iris {quick} --out run",))
    assert row.entries() == ("deepglass train iris --epochs 2 --out run",)
    assert row.entries(full=True) == ("deepglass train iris --out run",)
    assert "`deepglass train iris --out run`" in course.page([row])


def test_a_cheaper_list_takes_the_place_of_the_commands():
    row = course.Row("A01", "a thing", ("deepglass train mnist",), ("deepglass train digits {quick}",))
    assert row.entries() == ("deepglass train digits --epochs 2",)
    assert row.entries(full=True) == ("deepglass train mnist",)


def test_commands_share_an_empty_folder_and_stop_at_the_first_that_fails():
    write = """python -c "open('a.txt', 'w').write('1,234 parameters')" """
    read = """python -c "print(open('a.txt').read())" """
    problem, printed = course.run_command(f"{write} && {read}", os.environ)
    assert problem == ""
    assert course.is_in("1234", printed)
    problem, _ = course.run_command(f"{read} && {write}", os.environ)
    assert "ends with 1: FileNotFoundError" in problem


def test_a_command_that_does_not_exist_is_told_so():
    problem, _ = course.run_command("no-such-program", os.environ)
    assert problem.startswith("`no-such-program` does not start")


def test_each_command_runs_once_and_every_row_gets_its_verdict(monkeypatch, capsys):
    ran = []
    monkeypatch.setattr(course, "run_command", lambda command, _: (ran.append(command), ("", "accuracy 0.97"))[1])
    rows = [
        course.Row("A01", "works", ("deepglass data iris",), sees=("accuracy",)),
        course.Row("A02", "prints something else", ("deepglass data iris",), sees=("precision",)),
        course.Row("A03", "works in part", ("deepglass data iris",), lacks="a picture"),
        course.Row("A04", "has no data here", ("deepglass data mars",), needs="no-such-data"),
        course.Row("A05", "is not shown"),
    ]
    verdicts = course.run(rows)
    assert ran == ["deepglass data iris"]
    assert verdicts == {"A01": "", "A02": "does not print 'precision'", "A03": "", "A04": "needs no-such-data"}
    assert course.report(rows, verdicts) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "A02  prints something else: does not print 'precision'"
    assert "A04 needs no-such-data" in said[1]
    assert said[2:] == ["In part: A03", "1 of 5 rows work; 1 failed: A02"]


def test_a_test_id_names_a_file_a_test_or_one_case():
    test = "tests/data/test_split.py::test_disjoint[3]"
    assert course.belongs(test, "tests/data/test_split.py")
    assert course.belongs(test, "tests/data/test_split.py::test_disjoint")
    assert course.belongs(test, test)
    assert not course.belongs(test, "tests/data/test_split.py::test_dis")


def test_tests_are_run_and_those_that_do_not_exist_are_named(tmp_path, monkeypatch):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_one.py").write_text("def test_right(): pass\ndef test_wrong(): assert False\n")
    monkeypatch.setattr(course, "REPOSITORY", tmp_path)
    one = "tests/test_one.py"
    assert course.run_tests([f"{one}::test_right", f"{one}::test_wrong", f"{one}::test_none", "tests/no.py"], {}) == {
        f"{one}::test_right": "",
        f"{one}::test_wrong": f"{one}::test_wrong failed",
        f"{one}::test_none": f"{one}::test_none is no test",
        "tests/no.py": "tests/no.py is no test",
    }


def test_an_unknown_row_on_the_command_line_is_bad_input(capsys):
    assert course.main(["Q01"]) == 2
    assert "There are no rows Q01. Rows run from A01 to O16." in capsys.readouterr().err
