"""Deepglass: a glass-box deep-learning workbench on PyTorch.

Everything here is imported when it is first used, so that `import deepglass` is instant.
"""

from deepglass.lazy import lazily
from deepglass.threads import let_idle_threads_sleep

__version__ = "0.1.0"

let_idle_threads_sleep()  # has to happen before torch is imported for the first time

FACE = {
    "load": "deepglass.data",
    "Dataset": "deepglass.data",
    "Batch": "deepglass.data",
    "Ragged": "deepglass.data",
    "Field": "deepglass.data",
    "build": "deepglass.networks",
    "summary": "deepglass.networks",
    "graph": "deepglass.networks",
    "NETWORKS": "deepglass.networks",
    "Task": "deepglass.tasks",
    "Recipe": "deepglass.training",
    "Spec": "deepglass.training",
    "Training": "deepglass.training",
    "find_rate": "deepglass.training",
    "byhand": "deepglass.by_hand",
    "convolve": "deepglass.convolved",
    "activations": "deepglass.inside",
    "saliency": "deepglass.inside",
    "filters": "deepglass.inside",
    "exciting": "deepglass.inside",
    "embedding": "deepglass.inside",
    "through_time": "deepglass.inside",
    "Run": "deepglass.run",
    "Runs": "deepglass.together",
    "compare": "deepglass.comparison",
    "train": "deepglass.job",
    "resume": "deepglass.job",
    "fork": "deepglass.forking",
    "fine_tune": "deepglass.fine_tuning",
    "cross_validate": "deepglass.cross_validation",
    "quick_check": "deepglass.rehearsal",
    "heal": "deepglass.healing",
    "profile": "deepglass.profiling",
    "list_runs": "deepglass.runs",
    "list_settings": "deepglass.training.known_settings",
    "watch": "deepglass.probes",
    "Evidence": "deepglass.probes",
    "Classifier": "deepglass.estimators",
    "Features": "deepglass.estimators",
    "Regressor": "deepglass.estimators",
}

__all__ = sorted(FACE)
__getattr__ = lazily(__name__, FACE)


def __dir__() -> list[str]:
    return sorted([*globals(), *FACE])
