"""bAbI: stories with questions, as the files of Facebook's bAbI tasks write them, and anybody's of that form."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from deepglass.data.readers.files import Files, Folder
from deepglass.data.readers.folders import SPLIT_NAMES
from deepglass.data.readers.text_lines import lines_of
from deepglass.data.settings import DataSettings
from deepglass.data.source import Source, categories, texts
from deepglass.errors import DataError, SettingError

NAME = re.compile(r"(?:^|/)qa(?P<task>\d+)_[^/]*_(?P<split>train|valid|validation|test)\.txt$")
LINE = re.compile(r"(\d+) (.*\S)\s*")
ORDER = ("train", "validation", "test")
LOOKED_AT = 50  # lines in which a file has to ask a question to be one of stories


@dataclass(frozen=True)
class Asked:
    """One question: the sentences told so far, what is asked, the answer, and the number of the story in its file."""

    story: str
    question: str
    answer: str
    number: int


def is_babi_text(text: str) -> bool:
    """Whether a text begins as stories do: numbered sentences, the first 1, and a question with its answer after a tab."""
    lines = text[: 1 << 14].split("\n")[:LOOKED_AT]
    numbered = [line for line in lines if line]
    asks = any(line.count("\t") for line in numbered)
    return bool(numbered) and numbered[0].startswith("1 ") and asks and all(LINE.match(n) for n in numbered[:3])


def babi_names(files: Files) -> dict[str, re.Match[str]]:
    """The files of a place that are called as those of bAbI, such as qa1_single-supporting-fact_train.txt."""
    found = {e.name: NAME.search(e.name) for e in files.entries if not e.problem}
    return {name: match for name, match in found.items() if match}


def read_babi(files: Files, settings: DataSettings) -> Source:
    """Read the tasks of a folder or an archive; files called train, valid and test are the splits.

    Raises: DataError, with file and line; SettingError, for a task that is not there.
    """
    named = babi_names(files)
    tasks = sorted({int(match["task"]) for match in named.values()})
    wanted = settings.babi_tasks if settings.babi_tasks is not None else tasks
    for task in wanted:
        if task not in tasks:
            raise SettingError(
                f"data.babi_tasks: {files.title} has no task {task}. Tasks: {', '.join(map(str, tasks))}."
            )
    chosen = {n: SPLIT_NAMES[m["split"]] for n, m in named.items() if int(m["task"]) in wanted}
    _refuse_twice(files, chosen)
    listed = ", ".join(map(str, wanted))
    note = (
        f"tasks: {listed} of {', '.join(map(str, tasks))} (babi_tasks= chooses)"
        if len(tasks) > 1
        else f"task: {listed}"
    )
    return _source(Path(files.title).name, files, chosen, settings, [note])


def read_babi_file(path: Path, settings: DataSettings) -> Source:
    """Read one file of stories; the file called ..._test.txt beside one called ..._train.txt is the test split."""
    files = Folder(path.parent, listed=False)
    chosen = {path.name: "train"}
    match = NAME.search(path.name)
    for split in ("valid", "test") if match and match["split"] == "train" else ():
        other = path.name.replace("_train.txt", f"_{split}.txt")
        if (path.parent / other).is_file():
            chosen[other] = SPLIT_NAMES[split]
    return _source(path.name, files, chosen, settings, [])


def _refuse_twice(files: Files, chosen: Mapping[str, str]) -> None:
    """Raises: DataError, for two files of one task and split, as the folders en and en-10k of the whole download have them."""
    seen: dict[str, str] = {}
    for name in chosen:
        last = name.rpartition("/")[2]
        if last in seen:
            raise DataError(f"{files.title} holds {last} twice, as {seen[last]} and {name}. Load one of their folders.")
        seen[last] = name


def _source(
    title: str, files: Files, chosen: Mapping[str, str], settings: DataSettings, notes: Sequence[str]
) -> Source:
    asked: list[Asked] = []
    groups: list[int] = []
    members: dict[str, list[int]] = {}
    for name, split in sorted(chosen.items(), key=lambda item: ORDER.index(item[1])):
        found = _parsed(files, name, settings)
        first = groups[-1] + 1 if groups else 0
        groups += [first + one.number for one in found]
        members.setdefault(split, []).extend(range(len(asked), len(asked) + len(found)))
        asked += found
    if "train" not in members:
        raise DataError(
            f"{files.title} holds no stories to train on, only {', '.join(members)}. Add the file of those."
        )
    answers = sorted({one.answer for one in asked})
    code = {answer: i for i, answer in enumerate(answers)}
    known = {asked[i].answer for i in members["train"]}
    strange = sum(one.answer not in known for one in asked)
    told = ", ".join(f"{split} {len(ids):,} questions" for split, ids in members.items())
    lacking = [f"answer: {strange:,} questions have an answer that no training question has"] if strange else []
    splits = {n: np.array(ids, dtype=np.int64) for n, ids in members.items()}
    return Source(
        name=title,
        fields={
            "story": texts([a.story for a in asked], shares="question", level="words", cut="sentences"),
            "question": texts([a.question for a in asked], shares="story", level="words"),
            "answer": replace(categories([code[a.answer] for a in asked], answers), reading={"all_classes": True}),
        },
        inputs=("story", "question"),
        targets=("answer",),
        splits=splits if len(splits) > 1 else None,
        notes=(f"stories with questions: {told}; questions of one story stay in one split", *notes, *lacking),
        groups=np.array(groups),
    )


def _parsed(files: Files, name: str, settings: DataSettings) -> list[Asked]:
    """Read a file of stories. Raises: DataError, naming the line that is neither a sentence nor a question."""
    lines, _ = lines_of(files, name, settings.encoding)
    found: list[Asked] = []
    story: list[str] = []
    number, before = -1, 0
    for place, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{files.where(name)}, line {place}"
        match = LINE.fullmatch(line)
        if match is None:
            raise DataError(
                f"{where}: {_short(line)} is no line of a story. Write '1 Mary went home.', or a question, a tab and its answer."
            )
        count, rest = int(match[1]), match[2]
        if count == 1:
            story, number = [], number + 1
        elif count != before + 1:
            raise DataError(f"{where}: sentence {count} follows sentence {before}. Number those of a story from 1 on.")
        before = count
        question, *told = rest.split("\t")
        if not told:
            story.append(f"{rest.rstrip(' .')} .")
            continue
        if not told[0].strip():
            raise DataError(f"{where}: the question {_short(question)} has no answer after the tab.")
        found.append(Asked(" ".join(story), question.strip(), told[0].strip(), number))
    if not found:
        raise DataError(f"{files.where(name)} holds no question: no line with a tab and an answer.")
    return found


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "...")
