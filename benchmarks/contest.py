"""Contest: contestants by turns, each in a process of its own, so that its peak memory is its own."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import Any

from arrays import mnist_folder
from clock import Size

HERE = Path(__file__).resolve().parent
LIMIT = 900.0  # seconds
# Every contestant decides for itself how many threads it takes.
THREADS = ("OMP_NUM_THREADS", "OMP_WAIT_POLICY", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "DEEPGLASS_THREADS")

Facts = dict[str, Any]  # what a contestant told of one turn
Played = dict[str, list[Facts]]  # all turns, by the contestant's name


@dataclass(frozen=True)
class Contestant:
    """One line of a table.

    Args:
        run: "module:function" in peers/.
        peer: whether it needs the libraries of .venv-peers.
        tuned: whether somebody went beyond the first page of the documentation; it stands in the second table.
        size: what is different from the workload's size, such as fewer epochs for the slow; never more than the workload has.
        copies: how many run at the same time.
        turns: at most.
        limit: seconds after which it is stopped.
    """

    name: str
    run: str
    peer: bool = False
    tuned: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    size: Mapping[str, int] = field(default_factory=dict)
    copies: int = 1
    turns: int | None = None
    limit: float = LIMIT


@dataclass(frozen=True)
class Place:
    """Where contestants run. Args: threads: for all of them (default: as each decides)."""

    peers: Path
    threads: int | None = None

    def python(self, contestant: Contestant) -> Path | None:
        """The Python that has what it needs; None when there is none."""
        if not contestant.peer:
            return Path(sys.executable)
        found = (self.peers / "bin" / "python", self.peers / "Scripts" / "python.exe")
        return next((python for python in found if python.exists()), None)

    def environment(self, contestant: Contestant, folder: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in THREADS}
        threads = {} if self.threads is None else dict.fromkeys(THREADS[:1] + THREADS[2:4], str(self.threads))
        found = mnist_folder()
        data = {} if found is None else {"DEEPGLASS_DATA": str(found.parent.resolve())}  # they run in another folder
        return {**kept, **data, "KERAS_HOME": folder, **threads, **contestant.environment}


def contest(contestants: Sequence[Contestant], size: Size, turns: int, place: Place) -> Played:
    """Let all of them play, A B C A B C ..., and return what they told. Every turn has a seed of its own, the same for all."""
    fitting = [c for c in contestants if c.size.get("rows", 0) <= size.rows]
    played: Played = {c.name: [] for c in fitting}
    for turn in range(turns):
        for contestant in fitting:
            told_before = played[contestant.name]
            if turn >= (contestant.turns or turns) or any(
                state in f for f in told_before for state in ("left_out", "failed")
            ):
                continue
            own = {name: min(value, getattr(size, name)) for name, value in contestant.size.items()}
            told = play(contestant, replace(size, seed=turn, **own), place)
            told_before += told
            said = ", ".join(in_short(facts) for facts in told)
            print(f"  {turn + 1}/{turns} {contestant.name}: {said}", file=sys.stderr, flush=True)
    return played


def play(contestant: Contestant, size: Size, place: Place) -> list[Facts]:
    """One turn; as many facts as it has copies."""
    python = place.python(contestant)
    if python is None:
        return [{"left_out": f"{place.peers} is not there; `make peers` makes it"}]
    words = [str(python), str(HERE / "contestant.py"), contestant.run, json.dumps(asdict(size))]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        running = []
        for copy in range(contestant.copies):
            own = Path(folder) / str(copy)
            own.mkdir()
            environment = place.environment(contestant, str(own))
            with (own / "said").open("w") as said, (own / "complained").open("w") as complained:
                running.append(subprocess.Popen(words, stdout=said, stderr=complained, cwd=own, env=environment))
        ends = monotonic() + contestant.limit
        try:
            return [_told(process, Path(folder) / str(copy), ends) for copy, process in enumerate(running)]
        finally:
            for process in running:
                process.kill()
                process.wait()


def _told(process: subprocess.Popen[bytes], folder: Path, ends: float) -> Facts:
    begun = monotonic()
    try:
        code = process.wait(max(0.0, ends - begun))
    except subprocess.TimeoutExpired:
        return {"over": ends - begun}
    if code:
        lines = (folder / "complained").read_text(errors="replace").strip().splitlines()
        return {"failed": lines[-1] if lines else f"exit code {code}"}
    told: Facts = json.loads((folder / "said").read_text(errors="replace").strip().splitlines()[-1])
    return told


def in_short(facts: Facts) -> str:
    """A turn in a word, for who waits."""
    if "seconds" in facts:
        return f"{facts['seconds']:.2f} s"
    if "over" in facts:
        return "stopped at its time limit"
    return f"left out, {facts['left_out']}" if "left_out" in facts else f"FAILED, {facts['failed']}"
