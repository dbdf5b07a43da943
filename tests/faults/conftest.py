"""What the tests of faults share: the tools that kill, importable here and in the processes that are killed."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
