import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks" / "doctor"
sys.path.insert(0, str(FOLDER))
try:
    from bench import HALVES, LOOKED_AT, NOT_LISTED, chosen
    from cases import FAULTS, WELL
    from cases.real import REAL_FAULTS, REAL_WELL
    from cases.unseen import UNSEEN_FAULTS, UNSEEN_WELL
finally:
    sys.path.remove(str(FOLDER))


def test_real_programs_are_parted_in_two_by_their_names_and_one_part_is_never_listed():
    assert len(REAL_FAULTS) >= 60 and len(REAL_WELL) >= 30
    names = {*REAL_FAULTS, *REAL_WELL}
    assert not names & {*FAULTS, *WELL, *UNSEEN_FAULTS, *UNSEEN_WELL}
    first, second = ({case.name for case in chosen(part, None, "1/1")} for part in HALVES["real"])
    assert first | second == names and not first & second
    assert HALVES["real"][1] in NOT_LISTED and set(HALVES["real"]) <= set(LOOKED_AT)


def test_each_real_program_says_where_it_comes_from():
    for case in (*REAL_FAULTS.values(), *REAL_WELL.values()):
        file = Path(case.make.__code__.co_filename)
        line = file.read_text(encoding="utf-8").splitlines()
        start = next(n for n, text in enumerate(line) if text.startswith(f"def {case.name}("))
        assert any("  # " in text for text in line[start : start + 3]), case.name
