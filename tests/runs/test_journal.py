import errno
import io
import json
from pathlib import Path

import pytest

from deepglass.errors import TrainingError
from deepglass.runs import Journal

RECORDS = [{"epoch": epoch, "train": {"loss": 1 / epoch}, "name": "ä"} for epoch in (1, 2, 3)]


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "history.jsonl")
    for record in RECORDS:
        journal.append(record)
    return journal


def test_records_come_back_in_order_and_exactly(journal):
    assert journal.records() == RECORDS
    assert journal.notes == []


def test_each_line_is_an_object_that_others_can_read(journal):
    lines = [json.loads(line) for line in journal.path.read_text(encoding="utf-8").splitlines()]
    assert [{**line, "checksum": 0} for line in lines] == [{**record, "checksum": 0} for record in RECORDS]


def test_wherever_the_file_is_cut_only_the_torn_record_is_lost_and_appending_goes_on(journal):
    content = journal.path.read_bytes()
    for length in range(len(content)):
        journal.path.write_bytes(content[:length])
        before = journal.records()
        assert before == RECORDS[: len(before)]
        assert len(before) >= content[:length].count(b"\n")
        assert journal.notes == []
        journal.append({"epoch": 9})
        assert journal.records() == [*before, {"epoch": 9}]
        assert journal.notes == []


def test_a_damaged_line_in_the_middle_is_left_out_and_noted(journal):
    content = bytearray(journal.path.read_bytes())
    content[content.index(b"0.5")] ^= 1
    journal.path.write_bytes(content)
    assert journal.records() == [RECORDS[0], RECORDS[2]]
    assert journal.notes == ["history.jsonl, line 2, is damaged and was left out."]


def test_cutting_drops_the_record_and_what_follows(journal):
    journal.cut(lambda record: record["epoch"] > 1)
    assert journal.records() == RECORDS[:1]
    journal.append({"epoch": 2})
    assert journal.records() == [RECORDS[0], {"epoch": 2}]


def test_cutting_an_empty_journal_makes_no_file(tmp_path):
    Journal(tmp_path / "a.jsonl").cut(lambda record: True)
    assert not (tmp_path / "a.jsonl").exists()


def test_a_full_disk_leaves_the_records_as_they_were(journal, monkeypatch):
    before = journal.path.read_bytes()

    class Full(io.FileIO):
        def write(self, content):
            if super().tell() > len(before):
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(content[:4])

    monkeypatch.setattr(Path, "open", lambda path, mode, buffering: Full(path, "a+"))
    with pytest.raises(TrainingError, match="No space left on device"):
        journal.append({"epoch": 4})
    monkeypatch.undo()
    assert journal.path.read_bytes() == before
