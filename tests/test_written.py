"""What a user is told who asks a run for a text that it cannot write."""

import pytest
import torch

from deepglass.errors import RunError
from deepglass.tasks import Regression
from deepglass.written import written


def test_a_run_of_numbers_says_which_runs_write():
    with pytest.raises(
        RunError, match=r"has learned regression, and only language_modelling .* deepglass train TEXT.txt"
    ):
        written(torch.nn.Linear(1, 1), Regression(), ["a"])
