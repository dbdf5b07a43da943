"""Freed memory is kept, on systems where that can be said, and nowhere against somebody's word."""

import subprocess
import sys

import pytest

from deepglass.memory import OWN_WORDS, keep_freed_memory

FAULTS = """
import resource, sys
import torch
from deepglass.memory import keep_freed_memory
if sys.argv[1] == "kept":
    assert keep_freed_memory()
def faults(): return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20): torch.ones(16 << 20)
before = faults()
for _ in range(5): torch.ones(16 << 20)  # 64 MiB each
print(faults() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc is asked")
def test_a_large_block_is_taken_again_instead_of_being_paid_for_page_by_page():
    if not keep_freed_memory():
        pytest.skip("this system has no glibc, or somebody has said how memory is kept")
    asked, plain = (
        int(subprocess.run([sys.executable, "-c", FAULTS, how], capture_output=True, text=True, check=True).stdout)
        for how in ("kept", "plain")
    )
    assert asked < 1000 < plain


@pytest.mark.parametrize("word", OWN_WORDS)
def test_whoever_has_said_how_memory_is_kept_is_left_alone(monkeypatch, word):
    keep_freed_memory.cache_clear()
    monkeypatch.setenv(word, "1")
    assert not keep_freed_memory()
    keep_freed_memory.cache_clear()
