"""Memory: freed memory that stays with the process for the next step to take again, and how it shows that there is no more."""

import ctypes
import errno
import os
import platform
import re
from functools import cache

import torch

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of glibc's malloc.h
KEPT = 512 << 20  # bytes of free memory beyond which it is given back, and of a block that is always given back
# What the allocators of torch say on the processor (c10/core/impl/alloc_cpu.cpp), on CUDA and on MPS, and numpy's.
REFUSED = re.compile(r"not enough memory|can't allocate memory|out of memory|unable to allocate [\d.]+ \wi?B", re.I)
OWN_WORDS = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES", "LD_PRELOAD")


@cache
def keep_freed_memory() -> bool:
    """Ask glibc to keep freed blocks, once in a process. Returns whether it was asked.

    Otherwise it gives large blocks back to the system, and each feature map is paid for anew, page by page: a convolutional
    network took twice as long to be measured in batches of 1,024. Whoever has said how memory is to be kept is left alone.
    """
    if platform.libc_ver()[0] != "glibc" or any(os.environ.get(word) for word in OWN_WORDS):
        return False
    try:
        allocator = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(allocator(MMAP_THRESHOLD, KEPT)) and bool(allocator(TRIM_THRESHOLD, KEPT))


def ran_out(error: BaseException) -> bool:
    """Whether an error says that the system has no memory to give."""
    known = isinstance(error, MemoryError | torch.OutOfMemoryError) or getattr(error, "errno", None) == errno.ENOMEM
    return known or (isinstance(error, RuntimeError | OSError) and bool(REFUSED.search(str(error))))
