"""Profiling: why a training is as slow as it is, found out on some of its steps, taken on a copy and timed from outside.

Nothing is kept and the network is not changed. The parts of a step are told apart by wrapping the methods of one training for
as long as it is looked at, so a training that is not profiled pays nothing, and one that is computes the same bits.
"""

from deepglass.profiling.profiles import Part, Profile, profile
from deepglass.profiling.roof import Roof, measure_roof
from deepglass.profiling.trace import Operation

__all__ = ["Operation", "Part", "Profile", "Roof", "measure_roof", "profile"]
