"""Download: a file from the first mirror that gives the right one, with progress that people can watch."""

import http.client
import sys
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext

from deepglass.data.catalogue.entry import File
from deepglass.errors import DataError

TIMEOUT_SECONDS = 30.0  # without a single byte
CHUNK_BYTES = 1 << 16
GZIP_MARGIN = 1 << 16  # how much longer than its content a packed file may be

Progress = Callable[[str, int, int | None], None]  # file, bytes so far, bytes in all when the server says so
Check = Callable[[bytes, File, str], bytes]  # bytes as served, file, where from; gives the content


def download(
    name: str, file: File, mirrors: Sequence[str], check: Check, progress: Progress | None
) -> tuple[bytes, bytes]:
    """Return the bytes of a file as served, and its content.

    Raises: DataError, saying what went wrong at each mirror.
    """
    failures = []
    with nullcontext(progress) if progress else _shown() as tell:
        for mirror in mirrors:
            try:
                packed = _get(mirror + file.name, file, tell)
                return packed, check(packed, file, mirror + file.name)
            except DataError as problem:
                failures.append(str(problem))
            except (OSError, http.client.HTTPException) as problem:  # URLError and time-outs are OSErrors
                failures.append(f"{mirror + file.name}: {problem or type(problem).__name__}.")
    raise DataError(
        f"{name}: {file.name} cannot be downloaded. {' '.join(failures)} Check the connection and try again, or get "
        f"the files elsewhere and set DEEPGLASS_DATA to the folder that holds {name}/."
    )


def _get(address: str, file: File, tell: Progress) -> bytes:
    request = urllib.request.Request(address, headers={"User-Agent": "deepglass"})
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
        stated = answer.headers.get("Content-Length", "")
        total = int(stated) if stated.isdecimal() else None
        limit = file.size + GZIP_MARGIN
        packed = bytearray()
        tell(file.name, 0, total)
        while chunk := answer.read(CHUNK_BYTES):
            packed += chunk
            if len(packed) > limit:
                raise DataError(f"{address}: sends more than the {limit:,} bytes that were to be expected.")
            tell(file.name, len(packed), total)
    if total is not None and len(packed) != total:
        raise DataError(f"{address}: broke off after {len(packed):,} of {total:,} bytes.")
    return bytes(packed)


@contextmanager
def _shown() -> Iterator[Progress]:
    """Give a Progress that people can watch on standard error."""
    if not sys.stderr.isatty():
        yield _line
        return
    import rich.console
    import rich.progress

    columns = (
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(),
        rich.progress.DownloadColumn(),
        rich.progress.TransferSpeedColumn(),
    )
    with rich.progress.Progress(*columns, console=rich.console.Console(stderr=True)) as bars:
        bar = bars.add_task("", total=None)
        yield lambda file, done, total: bars.update(bar, description=file, completed=done, total=total)


def _line(file: str, done: int, total: int | None) -> None:
    if done == 0:
        size = f" ({total / 1e6:.1f} MB)" if total else ""
        print(f"Downloading {file}{size}.", file=sys.stderr)
