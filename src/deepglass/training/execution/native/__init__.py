"""Native: passes over maps of features that torch has no kernel for, compiled once where there is a compiler.

Everything here has a form in torch's own operations, which is taken where there is no compiler. Pooling gives the same bits
either way; batch normalization adds in another order, so a run says which it was.
"""

from deepglass.training.execution.native.compiled import compiled
from deepglass.training.execution.native.maps import Maps, maps

__all__ = ["Maps", "compiled", "maps"]
