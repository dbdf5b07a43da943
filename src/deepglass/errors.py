"""Errors: what went wrong, where, and what to do.

DeepglassError
    DataError                         a file or a value that cannot be read as what it claims to be
        InputError (also a ValueError)    what an estimator was handed, as scikit-learn expects it to be refused
    SettingError (also a ValueError)  a setting that does not exist or cannot be
    ShapeError (also a ValueError)    a tensor or a size that does not fit where it goes
    UnknownName (also a LookupError)  a name that no catalogue holds
    RunError                          a run folder that cannot be used as asked
    TrainingError                     training cannot go on
"""

from pathlib import Path


class DeepglassError(Exception):
    """Something a person can put right. `exit_code` is what the command line ends with; `run` the folder it happened in."""

    exit_code = 2
    run: "Path | None" = None


class DataError(DeepglassError):
    """A file or a value that cannot be read as what it claims to be."""


class InputError(DataError, ValueError):
    """What an estimator was handed, as scikit-learn expects it to be refused."""


class SettingError(DeepglassError, ValueError):
    """A setting that does not exist or cannot be."""


class ShapeError(DeepglassError, ValueError):
    """A tensor or a size that does not fit where it goes."""


class UnknownName(DeepglassError, LookupError):
    """A name that no catalogue holds."""


class RunError(DeepglassError):
    """A run folder that cannot be used as asked."""


class TrainingError(DeepglassError):
    """Training cannot go on."""

    exit_code = 1


class DeepglassWarning(UserWarning):
    """Something that a person should know, though the work goes on."""
