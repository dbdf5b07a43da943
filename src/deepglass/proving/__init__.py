"""Proving: a remedy is trained beside the control, pair by pair from the same seeds, and judged on the validation split."""

from deepglass.proving.prove import Candidate, candidates, check_asked, prove
from deepglass.proving.subject import Arm, Subject

__all__ = ["Arm", "Candidate", "Subject", "candidates", "check_asked", "prove"]
