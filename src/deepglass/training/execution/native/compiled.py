"""Compiled: a file of C as a library of this machine, made once and kept in the cache folder."""

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from deepglass.data.catalogue import cache_folder

SWITCH = "DEEPGLASS_NATIVE"  # 0: nothing is compiled, and torch's operations do all
COMPILERS = ("gcc", "cc", "clang")
FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")
PRIVATE, WRITABLE_BY_OTHERS = 0o700, 0o022
SECONDS = 60  # that a compiler may take; it takes less than one


@cache
def compiled(source: Path) -> ctypes.CDLL | None:
    """Return the library of a file of C; None where there is no compiler, or where it or its result does not work."""
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if os.environ.get(SWITCH) == "0" or compiler is None:
        return None
    try:
        kept = cache_folder() / "native" / f"{source.stem}-{_key(source, compiler)}.so"
        try:
            return _opened(kept)
        except OSError:  # there is none yet, or it is spoiled
            _compile(source, compiler, kept)
            return _opened(kept)
    except (OSError, subprocess.SubprocessError):
        return None


def _opened(library: Path) -> ctypes.CDLL:
    """Open a library that nobody else on this machine can have written. Raises: OSError."""
    for path in (library, library.parent):
        facts = path.stat()
        if hasattr(os, "getuid") and (facts.st_uid not in (0, os.getuid()) or facts.st_mode & WRITABLE_BY_OTHERS):
            raise PermissionError(f"{path} belongs to somebody else, or others may write to it.")
    return ctypes.CDLL(str(library))


def _compile(source: Path, compiler: str, kept: Path) -> None:
    """Compile beside the place and move it there, so that nobody ever loads half a file."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.parent.chmod(PRIVATE)
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        made = Path(folder) / kept.name
        for threads in (["-fopenmp"], []):  # which not every compiler has
            command = [compiler, *FLAGS, *threads, str(source), "-o", str(made), "-lm"]
            if subprocess.run(command, capture_output=True, timeout=SECONDS, check=False).returncode == 0:
                made.chmod(PRIVATE)
                made.replace(kept)
                return
    raise OSError(f"{compiler} does not compile {source.name}.")


def _key(source: Path, compiler: str) -> str:
    """What the library depends on: its source, the compiler, and what this processor can do."""
    version = subprocess.run([compiler, "--version"], capture_output=True, timeout=SECONDS, check=True).stdout
    facts = Path("/proc/cpuinfo")
    flags = (
        next((line for line in facts.read_text().splitlines() if line.startswith("flags")), "")
        if facts.exists()
        else ""
    )
    about = [source.read_bytes(), version, repr(FLAGS).encode(), platform.platform().encode(), flags.encode()]
    return hashlib.sha256(b"\0".join(about)).hexdigest()[:16]
