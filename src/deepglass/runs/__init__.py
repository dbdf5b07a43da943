"""Runs: the run folder and its records, the checkpoints in it, and the list of all runs.

This room knows dictionaries and tensors, never networks, tasks or training.
"""

from deepglass.runs.checkpoints import Checkpoint, checkpoint_folders, load_checkpoint, read_state, save_checkpoint
from deepglass.runs.deleting import check_deletable, delete_run
from deepglass.runs.folder import ENDED, STATUSES, RunFolder, is_run
from deepglass.runs.journal import Journal
from deepglass.runs.kept import forget_epochs_after, is_due, keep_epoch, kept_epochs
from deepglass.runs.listing import find_runs, list_runs, metrics_of
from deepglass.runs.weights import load_weights, save_weights

__all__ = [
    "ENDED",
    "STATUSES",
    "Checkpoint",
    "Journal",
    "RunFolder",
    "check_deletable",
    "checkpoint_folders",
    "delete_run",
    "find_runs",
    "forget_epochs_after",
    "is_due",
    "is_run",
    "keep_epoch",
    "kept_epochs",
    "list_runs",
    "load_checkpoint",
    "load_weights",
    "metrics_of",
    "read_state",
    "save_checkpoint",
    "save_weights",
]
