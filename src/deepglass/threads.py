"""Threads: how many a training uses, by rule, so that the same run gives the same bits."""

import os
import sys

# Multiply-adds of a step below which one thread is taken, because a second one brings little and two trainings at once would be in
# each other's way. Measured on MLPs with batches of 128: at 39 million a second thread saves a quarter of the time, and two
# trainings of two threads each (in an ordinary loop) then take 6 times as long as one; at 103 million it saves 20 to 40 %.
SMALL_WORK = 100_000_000


# Turns of its waiting loop after which an idle thread of GNU OpenMP sleeps. Measured with a convolutional network on 2 cores:
# without any turn it takes 1.0 to 1.3 times as long alone; two at once take 1.4 times as long as one with 1,000 turns, twice with
# 3,000, 2.8 times with 10,000 and 6 times with 30,000.
PATIENT_TURNS = 3000


def let_idle_threads_sleep() -> None:
    """Ask OpenMP to let threads wait for a moment only before they sleep; it reads this when torch is first imported.

    Two trainings on two cores otherwise slow each other down some 50-fold.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", str(PATIENT_TURNS))
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def cores() -> int:
    """Count the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_worker() -> bool:
    """Say whether joblib runs this beside other work, as scikit-learn does with n_jobs=2."""
    joblib = sys.modules.get("joblib.parallel")
    return joblib is not None and bool(joblib.get_active_backend()[0].nesting_level)


def threads_for(multiply_adds: int) -> int:
    """Return the number of threads for steps of so many multiply-adds.

    `DEEPGLASS_THREADS` decides when it is set; then a worker of joblib takes one; then `OMP_NUM_THREADS` decides.
    """
    if threads := _said("DEEPGLASS_THREADS"):
        return threads
    return 1 if in_worker() else _said("OMP_NUM_THREADS") or (1 if multiply_adds < SMALL_WORK else cores())


def _said(name: str) -> int | None:
    value = os.environ.get(name, "")
    return int(value) if value.isdigit() and int(value) > 0 else None


def use_threads(count: int) -> None:
    """Let torch compute with `count` threads in this process."""
    import torch

    if torch.get_num_threads() != count:
        torch.set_num_threads(count)
