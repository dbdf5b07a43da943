"""Soak: runs that are killed again and again, and have to end with the bits of runs that were left alone.

    python tools/soak.py --kills 1000 --runs 200 --seed 0

Every run is killed at random moments, by a signal that no process can catch, and gone on with each time. Recipe, moments
and how often is saved follow from the seed and the number of the run. A soak that is stopped goes on where it was when it
is started again with the same seed; a run that ended with other bits keeps its folder, to be looked into.
"""

import argparse
import hashlib
import json
import multiprocessing
import random
import shutil
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any

from deepglass.runs import RunFolder, checkpoint_folders, load_checkpoint
from deepglass.runs.files import TEMPORARY

MULTIPROCESSING: Any = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
IMPORTED = [
    "deepglass.job",
    "deepglass.report",
    "pandas",
    "torch._dynamo",
]  # once, in the process that others fork from
SHARES = (0.03, 0.5, 1e9)  # of the time that goes into saving, at most: how it is by default, often, after every step
PATIENCE = 120.0  # seconds after which a process hangs


def table() -> dict[str, Any]:
    """Numbers, categories and gaps, with weight decay and a warm-up."""
    import numpy as np
    import pandas

    random_ = np.random.default_rng(0)
    age = random_.normal(40, 12, 160).round(1)
    age[::17] = np.nan
    kind = random_.choice(["hand", "foot", "head"], 160)
    frame = pandas.DataFrame({"age": age, "kind": kind, "cost": random_.gamma(2, 10, 160)})
    frame["label"] = np.where(frame["cost"] + np.nan_to_num(age) > 60, "dear", "cheap")
    recipe = {"epochs": 12, "batch_size": 8, "optimizer": "adamw", "warmup_steps": 5, "early_stopping": False}
    return {
        "network": {"name": "mlp", "hidden": [8]},
        "data": (frame, {"target": "label", "on_missing": "fill"}),
        **recipe,
    }


def images() -> dict[str, Any]:
    """Coloured images with augmentation, with convolutions and batch norm."""
    import numpy as np

    random_ = np.random.default_rng(0)
    arrays = random_.integers(0, 256, (48, 3, 8, 8), dtype=np.uint8), np.arange(48) % 3
    augment = {"flip": True, "shift": 1, "rotate": 20, "brightness": 0.3, "erase": 0.3, "noise": 0.1, "mixup": 0.4}
    layers = [{"Conv2d": [4, 3]}, "BatchNorm2d", "ReLU", "Flatten", {"Linear": 3}]
    return {"network": layers, "data": (arrays, {"augment": augment}), "epochs": 8, "batch_size": 8}


def dropout() -> dict[str, Any]:
    """Dropout and batch norm, under a falling rate."""
    network = {"name": "mlp", "hidden": [16], "dropout": 0.4, "norm": "batch"}
    return {"network": network, "data": ("iris", {}), "epochs": 8, "batch_size": 8, "schedule": "cosine"}


def half() -> dict[str, Any]:
    """Dropout in half precision."""
    return {**dropout(), "network": {"name": "mlp", "hidden": [16], "dropout": 0.4}, "precision": "bfloat16"}


def stopping() -> dict[str, Any]:
    """Early stopping, which goes back to the best epoch."""
    recipe = {"epochs": 60, "batch_size": 16, "learning_rate": 0.05, "patience": 3}
    return {"network": {"name": "mlp", "hidden": [16]}, "data": ("iris", {}), **recipe}


def streaming() -> dict[str, Any]:
    """Examples that are read as they are needed."""
    return {**images(), "data": (images()["data"][0], {"augment": {"flip": True}, "streaming": True}), "epochs": 5}


def averages() -> dict[str, Any]:
    """Gradients summed over batches and cut, a running mean of the weights, a rate that falls on a plateau."""
    recipe = {"epochs": 10, "batch_size": 5, "accumulate": 3, "clip_norm": 0.5, "average": 0.9, "optimizer": "nesterov"}
    more = {"schedule": "plateau", "schedule_epochs": 1, "min_change": 0.1, "patience": 8}
    return {"network": {"name": "mlp", "hidden": [8]}, "data": ("iris", {}), **recipe, **more}


RECIPES = {recipe.__name__: recipe for recipe in (table, images, dropout, half, stopping, streaming, averages)}


class Lost(Exception):
    """A promise that was not kept."""


def train_or_resume(recipe: str, folder: Path) -> None:
    """Do what a person does who types the same command again after every crash."""
    import deepglass as dg
    from deepglass.runs import is_run

    if is_run(folder) and RunFolder(folder).begun:
        dg.resume(folder, progress=False)
        return
    wanted = dict(RECIPES[recipe]())
    source, how = wanted.pop("data")
    dg.train(wanted.pop("network"), dg.load(source, **how), out=folder, progress=False, threads=1, **wanted)


def in_process(recipe: str, folder: Path, share: float, said: Any) -> None:
    """What the process does that is to be killed."""
    from deepglass.training import keep

    keep.SAVING_SHARE, keep.LONGEST_UNSAVED = share, 0.0 if share > 1 else keep.LONGEST_UNSAVED
    said.send("started")
    started = perf_counter()
    train_or_resume(recipe, folder)
    said.send(perf_counter() - started)


def carry_on(recipe: str, folder: Path, share: float, kill_after: float | None) -> float | None:
    """Go on with a run in a process that is killed after so many seconds. Returns: the seconds to its end, if it came there.

    Raises: Lost, when the process fails by itself.
    """
    MULTIPROCESSING.set_forkserver_preload(IMPORTED)
    here, there = MULTIPROCESSING.Pipe(duplex=False)
    process = MULTIPROCESSING.Process(target=in_process, args=(recipe, folder, share, there))
    process.start()
    there.close()
    seconds: float | None = None
    with suppress(EOFError):
        if here.poll(PATIENCE) and here.recv() == "started":
            seconds = here.recv() if here.poll(PATIENCE if kill_after is None else kill_after) else None
    if seconds is not None:
        process.join(PATIENCE)
    killed = process.is_alive()
    process.kill()
    process.join()
    if process.exitcode != 0 and (not killed or kill_after is None):
        raise Lost(f"the process ended by itself with code {process.exitcode}")
    return seconds


def check_what_is_left(folder: Path) -> None:
    """Check a run that was just killed. Raises: Lost, when a checkpoint of it is damaged."""
    if folder.exists() and checkpoint_folders(folder):
        notes = load_checkpoint(folder).notes
        if notes:
            raise Lost(" ".join(notes))


def check_end(folder: Path) -> None:
    """Check a run that came to its end. Raises: Lost, when its history has gaps or anything half-done lies about."""
    numbers = [line["epoch"] for line in RunFolder(folder).history()]
    if numbers != list(range(1, len(numbers) + 1)):
        raise Lost(f"its history holds the epochs {numbers}")
    leftovers = [str(path.relative_to(folder)) for path in folder.rglob(f"{TEMPORARY}*")]
    if leftovers:
        raise Lost(f"{', '.join(leftovers)} stayed behind")


def bits(folder: Path) -> dict[str, str]:
    """SHA-256 of each part of a run's state, its history and its status, but the seconds, which no two runs share."""
    run, checkpoint = RunFolder(folder), load_checkpoint(folder)
    facts = {name: run.facts.get(name) for name in ("status", "epochs", "steps", "best_epoch", "train", "validation")}
    history = [{**line, "seconds": 0} for line in run.history()]
    parts = {name: json.dumps(value, sort_keys=True).encode() for name, value in {
        **facts, **checkpoint.values, "seconds": 0, "history lines": history}.items()}  # fmt: skip
    for name, tensor in checkpoint.tensors.items():
        parts[name] = f"{tensor.dtype} {tuple(tensor.shape)}".encode() + tensor.contiguous().numpy().tobytes()
    return {name: hashlib.sha256(part).hexdigest() for name, part in sorted(parts.items())}


def differing(one: Mapping[str, str], other: Mapping[str, str]) -> str:
    """Name the parts in which two runs differ."""
    return ", ".join(sorted(name for name in {**one, **other} if one.get(name) != other.get(name)))


def straight(recipe: str, folder: Path) -> tuple[dict[str, str], float]:
    """Let a run alone. Returns: its bits, and how many seconds it took."""
    seconds = carry_on(recipe, folder, SHARES[0], None)
    assert seconds is not None
    return bits(folder), seconds


def interrupted(
    recipe: str, folder: Path, kills: int, seconds: float, chance: random.Random
) -> tuple[dict[str, str], int]:
    """Kill a run at random moments and go on with it until it ends. Returns: its bits, and how often it was killed.

    Args:
        kills: how often it is killed, unless it comes to its end before.
        seconds: what the run takes when it is left alone; each kill falls somewhere in so long a time.
    """
    for killed in range(kills):
        if carry_on(recipe, folder, chance.choice(SHARES), chance.uniform(0, seconds)) is not None:
            check_end(folder)
            return bits(folder), killed
        check_what_is_left(folder)
    carry_on(recipe, folder, chance.choice(SHARES), None)
    check_end(folder)
    return bits(folder), kills


def soak(kills: int, runs: int, seed: int, root: Path, shown: Callable[[int, int, int], None]) -> list[dict[str, Any]]:
    """Kill runs until so many kills over at least so many runs are done, and return one record a run.

    Args: shown: is told the kills, the runs and the failures so far.
    """
    root.mkdir(parents=True, exist_ok=True)
    journal = root / f"soak-{seed}.jsonl"
    records = [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []
    alone: dict[str, tuple[dict[str, str], float]] = {}
    while (done := sum(record["kills"] for record in records)) < kills or len(records) < runs:
        number = len(records)
        chance = random.Random(f"{seed} {number}")
        recipe = list(RECIPES)[number % len(RECIPES)]
        folder = root / f"run-{seed}-{number}"
        shutil.rmtree(folder, ignore_errors=True)
        if recipe not in alone:
            shutil.rmtree(root / recipe, ignore_errors=True)
            alone[recipe] = straight(recipe, root / recipe)
        expected, seconds = alone[recipe]
        wanted = min(kills - done, max(1, -(-(kills - done) // max(1, runs - number))))
        record = {"run": number, "recipe": recipe, "kills": 0, "fault": ""}
        try:
            found, record["kills"] = interrupted(recipe, folder, wanted, seconds, chance)
            if found != expected:
                record["fault"] = f"other bits in {differing(found, expected)}"
        except Exception as error:
            record["fault"] = f"{type(error).__name__}: {error}"
        if not record["fault"]:
            shutil.rmtree(folder)
        records.append(record)
        with journal.open("a") as file:
            file.write(json.dumps(record) + "\n")
        shown(sum(r["kills"] for r in records), len(records), sum(bool(r["fault"]) for r in records))
    return records


def main() -> int:
    """Soak with a progress bar, and say what came out. Returns: 0 when every run ended with the same bits."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    parser = argparse.ArgumentParser(description="Kill runs at random moments; all have to end with the same bits.")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=Path("build/soak"))
    asked = parser.parse_args()
    started = perf_counter()
    columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
    with Progress(*columns) as progress:
        task = progress.add_task("killing", total=max(1, asked.kills))

        def show(kills: int, runs: int, faults: int) -> None:
            progress.update(task, completed=kills, description=f"{kills} kills, {runs} runs, {faults} faults")

        records = soak(asked.kills, asked.runs, asked.seed, asked.folder, show)
    faults = [record for record in records if record["fault"]]
    for record in faults:
        print(f"run {record['run']} ({record['recipe']}): {record['fault']}; its folder is kept in {asked.folder}")
    kills, seconds = sum(record["kills"] for record in records), perf_counter() - started
    same = len(records) - len(faults)
    print(f"{kills} kills over {len(records)} runs, seed {asked.seed}: {same} ended with the same bits, {len(faults)} did not"
          f" ({seconds:.0f} s)")  # fmt: skip
    return 1 if faults or not records else 0


if __name__ == "__main__":
    sys.exit(main())
