"""Runs: the run folder and its records, the checkpoints in it, and the list of all runs.

This room knows dictionaries and tensors, never networks, tasks or training.
"""

from deepglass.runs.checkpoints import Checkpoint, checkpoint_folders, load_checkpoint, save_checkpoint
from deepglass.runs.folder import STATUSES, RunFolder, is_run
from deepglass.runs.journal import Journal
from deepglass.runs.listing import list_runs
from deepglass.runs.weights import load_weights, save_weights

__all__ = [
    "STATUSES",
    "Checkpoint",
    "Journal",
    "RunFolder",
    "checkpoint_folders",
    "is_run",
    "list_runs",
    "load_checkpoint",
    "load_weights",
    "save_checkpoint",
    "save_weights",
]
