"""Memory: what a step has freed stays with the process, for the next step to take again."""

import ctypes
import os
import platform
from functools import cache

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of glibc's malloc.h
KEPT = 512 << 20  # bytes of free memory beyond which it is given back, and of a block that is always given back
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
