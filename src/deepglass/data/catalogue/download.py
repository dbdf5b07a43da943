"""Download: a file from the first mirror that gives the right one, with progress that people can watch."""

import http.client
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext

from deepglass.data.catalogue.entry import File
from deepglass.errors import DataError

TIMEOUT_SECONDS = 30.0  # without a single byte
CHUNK_BYTES = 1 << 16
TRIES = 10  # to go on with what breaks off
PARTIAL = 206  # the status of an answer that begins where it was asked to
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
    """Return all bytes. What breaks off is gone on with where it stands, as long as every try brings something."""
    packed, most = bytearray(), 0
    for tried in range(1, TRIES + 1):
        try:
            total = _receive(address, file, packed, tell)
            if total is None or len(packed) == total:
                return bytes(packed)
        except urllib.error.HTTPError:  # such as 404: it was answered
            raise
        except (OSError, http.client.HTTPException):
            if len(packed) <= most or tried == TRIES:
                raise
        if len(packed) <= most:
            break
        most = len(packed)
    raise DataError(f"{address}: broke off after {len(packed):,} of {total:,} bytes.")


def _receive(address: str, file: File, packed: bytearray, tell: Progress) -> int | None:
    """Add what a mirror sends to the bytes that are there. Returns: how many there are in all, when the mirror says so.

    A mirror that sends the whole file again, as some do, makes it begin anew.
    """
    headers = {"User-Agent": "deepglass"} | ({"Range": f"bytes={len(packed)}-"} if packed else {})
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
        if answer.status != PARTIAL:
            packed.clear()
        stated = answer.headers.get("Content-Length", "")
        total = len(packed) + int(stated) if stated.isdecimal() else None
        limit = file.size + GZIP_MARGIN
        tell(file.name, len(packed), total)
        while chunk := answer.read1(CHUNK_BYTES):
            packed += chunk
            if len(packed) > limit:
                raise DataError(f"{address}: sends more than the {limit:,} bytes that were to be expected.")
            tell(file.name, len(packed), total)
    return total


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
