"""Machine: what a figure was measured on, and tables of figures as text."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path

import torch


def machine() -> str:
    """One line on the machine, for the head of a table."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        model = next(
            (line.split(":")[1].strip() for line in info.read_text().splitlines() if "model name" in line), model
        )
    return f"{os.cpu_count()} cores, {model}, {platform.system()}, Python {platform.python_version()}, torch {torch.__version__}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines)
