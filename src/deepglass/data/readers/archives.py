"""Archives: files inside a zip or a tar, read in place. Every size is counted while reading, whatever an archive claims."""

import gzip
import io
import os
import stat
import struct
import tarfile
import threading
import zipfile
import zlib
from pathlib import Path
from typing import Any

from deepglass.data.readers.files import MOST_ENTRIES, MOST_FILE_BYTES, Entry, shown
from deepglass.errors import DataError

MOST_RATIO = 200  # unpacked bytes for each packed one: pictures are packed already, text reaches 10, zip bombs 1,000
SMALL_BYTES = 1 << 20  # a file up to here may be packed as tightly as it likes
MOST_LISTING = 64 << 20  # bytes of a zip's list of files
MOST_UNPACKED = 1 << 30  # of a tar.gz, which is kept in memory with its files still encoded
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz")


def open_archive(path: Path) -> "Zip | Tar":
    """Open an archive by its ending. Raises: DataError, naming archive and file, for whatever cannot be trusted."""
    return Zip(path) if path.suffix.lower() == ".zip" else Tar(path)


def is_archive(path: Path) -> bool:
    """Say whether a name ends like that of an archive."""
    return path.name.lower().endswith(ARCHIVES)


class Zip:
    """Files inside a zip. Each process opens it for itself."""

    def __init__(self, path: Path) -> None:
        self.path, self.title = path, str(path)
        self._open: tuple[int, zipfile.ZipFile] | None = None
        self._lock = threading.Lock()
        self._bound_listing()
        infos = self._zip().infolist()
        if len(infos) > MOST_ENTRIES:
            raise _too_many(path, len(infos))
        packed = sum(i.compress_size for i in infos)
        if packed > path.stat().st_size:
            raise DataError(f"{path} claims {packed:,} bytes of files, more than it has: files overlap. {AGAIN}")
        self.folders: set[str] = set()
        self._infos: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            self._list(info)
        self.entries = [Entry(n, _zip_problem(i)) for n, i in sorted(self._infos.items(), key=_by_parts)]

    def _list(self, info: zipfile.ZipInfo) -> None:
        name = _inside(self.path, info.orig_filename)
        self.folders.update(_parents(name))
        if info.is_dir():
            self.folders.add(name)
            return
        if name in self._infos:
            raise DataError(f"{self.path} holds {shown(name)} twice. Remove one of them.")
        self._infos[name] = info

    def where(self, name: str) -> str:
        return f"{self.path}, {shown(name)}"

    def read(self, name: str) -> bytes:
        return self._read(name, MOST_FILE_BYTES)

    def head(self, name: str) -> bytes:
        return self._read(name, 16)

    def _read(self, name: str, most: int) -> bytes:
        info, where = self._infos[name], self.where(name)
        _bound_file(where, info.file_size, info.compress_size)
        try:
            with self._lock, self._zip().open(info) as member:
                data = member.read(most)
        except (*BROKEN, NotImplementedError, RuntimeError) as error:
            raise DataError(f"{where}: the zip is damaged ({_said(error)}). {AGAIN}") from None
        if most >= info.file_size != len(data):
            raise DataError(f"{where}: claims {info.file_size:,} bytes and holds {len(data):,}. {AGAIN}")
        return data

    def _zip(self) -> zipfile.ZipFile:
        if (
            self._open is None or self._open[0] != os.getpid()
        ):  # a file position must not be shared with a forked process
            try:
                self._open = os.getpid(), zipfile.ZipFile(self.path)
            except (*BROKEN, NotImplementedError) as error:
                raise DataError(f"{self.path} is no zip that can be read ({_said(error)}). {AGAIN}") from None
        return self._open[1]

    def _bound_listing(self) -> None:
        """Read the end of the file, before anything is made of what it lists."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - 65_557))
                tail = file.read()
        except OSError as error:
            raise DataError(f"{self.path} cannot be read: {error.strerror}.") from None
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) < at + 22:
            raise DataError(f"{self.path} is no zip, or breaks off before its end. {AGAIN}")
        entries, size = struct.unpack_from("<HI", tail, at + 10)
        long = tail.rfind(b"PK\x06\x06", 0, at)
        if long >= 0 and len(tail) >= long + 56:
            entries, size = struct.unpack_from("<QQ", tail, long + 32)
        if entries > MOST_ENTRIES:
            raise _too_many(self.path, entries)
        if size > MOST_LISTING:
            raise DataError(f"{self.path} claims a list of files of {size:,} bytes. Unpack it and load the folder.")

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_open": None, "_lock": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.Lock())


class Tar:
    """Files inside a tar. A plain one is read where it lies; a packed one is read through once and kept, still encoded."""

    def __init__(self, path: Path) -> None:
        self.path, self.title = path, str(path)
        self.packed = path.suffix.lower() in (".gz", ".tgz")
        self.folders: set[str] = set()
        self._places: dict[str, tuple[int, int]] = {}  # of a plain tar: where a file begins, and its bytes
        self._kept: dict[str, bytes] = {}
        problems: dict[str, str] = {}
        try:
            with path.open("rb") as file:
                self._list(file, problems)
        except OSError as error:
            raise DataError(f"{path} is no tar that can be read ({_said(error)}). {AGAIN}") from None
        except (tarfile.TarError, EOFError, zlib.error, ValueError) as error:
            raise DataError(f"{path} is no tar that can be read ({_said(error)}). {AGAIN}") from None
        names = [*(self._kept if self.packed else self._places), *problems]
        self.entries = sorted((Entry(n, problems.get(n, "")) for n in names), key=lambda e: e.parts)

    def _list(self, file: Any, problems: dict[str, str]) -> None:
        stream = _Counted(gzip.GzipFile(fileobj=file) if self.packed else file, self.path, self.packed)
        with tarfile.open(fileobj=stream, mode="r:") as tar:
            for count, member in enumerate(tar):
                if count >= MOST_ENTRIES:
                    raise _too_many(self.path, count + 1)
                tar.members = []  # type: ignore[attr-defined]  # otherwise the list of a million files is kept
                self._take(tar, member, problems)
            # tarfile ends in silence at a damaged header; a whole archive ends with zeros.
            stream.seek(tar.offset)
            if stream.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
                raise DataError(f"{self.path} is damaged or breaks off at byte {tar.offset:,}. {AGAIN}")
            while self.packed and stream.read(1 << 16):  # to the checksum at the end of the gzip
                pass

    def _take(self, tar: tarfile.TarFile, member: tarfile.TarInfo, problems: dict[str, str]) -> None:
        name = _inside(self.path, member.name)
        self.folders.update(_parents(name))
        if member.isdir():
            self.folders.update({name} - {"."})
            return
        if name in self._kept or name in self._places or name in problems:
            raise DataError(f"{self.path} holds {shown(name)} twice. Remove one of them.")
        if shown(name) != name:
            problems[name] = "its name is not UTF-8; rename it"
        elif not member.isreg() or member.issparse():
            problems[name] = "is a link or a special file, which is never followed"
        elif member.size > MOST_FILE_BYTES:
            raise _too_large(self.where(name), member.size)
        elif self.packed:
            content = tar.extractfile(member)
            data = content.read() if content else b""
            if len(data) != member.size:
                raise DataError(f"{self.where(name)}: claims {member.size:,} bytes and holds {len(data):,}. {AGAIN}")
            self._kept[name] = data
        else:
            self._places[name] = member.offset_data, member.size

    def where(self, name: str) -> str:
        return f"{self.path}, {shown(name)}"

    def read(self, name: str) -> bytes:
        if self.packed:
            return self._kept[name]
        start, size = self._places[name]
        try:
            with self.path.open("rb") as file:
                file.seek(start)
                data = file.read(size)
        except OSError as error:
            raise DataError(f"{self.path} cannot be read: {error.strerror}.") from None
        if len(data) != size:
            raise DataError(f"{self.where(name)}: breaks off after {len(data):,} of {size:,} bytes. {AGAIN}")
        return data

    def head(self, name: str) -> bytes:
        return self.read(name)[:16]


class _Counted(io.RawIOBase):
    """A stream that refuses to give more than its budget, so that no header can ask for the whole memory."""

    def __init__(self, stream: Any, path: Path, packed: bool) -> None:
        self.stream, self.path, self.packed, self.given = stream, path, packed, 0
        self.size = path.stat().st_size

    def read(self, count: int = -1) -> bytes:
        if count < 0 or count > MOST_FILE_BYTES:
            raise _too_large(str(self.path), count)
        data: bytes = self.stream.read(count)
        self.given += len(data)
        if self.packed and self.given > MOST_UNPACKED:
            raise DataError(
                f"{self.path} unpacks to more than {MOST_UNPACKED:,} bytes. Unpack it yourself and load the folder."
            )
        if self.packed and self.given > max(64 * SMALL_BYTES, MOST_RATIO * self.size):
            raise DataError(
                f"{self.path} unpacks to more than {MOST_RATIO} times its size, as pictures and recordings never do. "
                f"Unpack it yourself and load the folder, if you trust it."
            )
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        if self.packed and whence == 0 and offset > self.stream.tell() + MOST_FILE_BYTES:
            raise _too_large(str(self.path), offset - self.stream.tell())
        return int(self.stream.seek(offset, whence))

    def tell(self) -> int:
        return int(self.stream.tell())

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True


AGAIN = "Get it anew."
BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, struct.error)


def _inside(path: Path, name: str) -> str:
    """The name of a member with "/" between its parts. Raises: DataError, when it leads out of the archive."""
    plain = name.replace("\\", "/")
    parts = [p for p in plain.split("/") if p not in ("", ".")]
    if plain.startswith("/") or ".." in parts or "\0" in plain or (parts and parts[0].endswith(":")):
        raise DataError(f"{path} holds {shown(name)!r}, a name that leads out of it. Do not trust this archive.")
    return "/".join(parts) or "."


def _parents(name: str) -> set[str]:
    parts = name.split("/")
    return {"/".join(parts[:i]) for i in range(1, len(parts))}


def _by_parts(item: tuple[str, Any]) -> list[str]:
    return item[0].split("/")


def _zip_problem(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & 0x1:
        return "is encrypted; save the zip without a password"
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "is a link or a special file, which is never followed"
    return ""


def _bound_file(where: str, size: int, packed: int) -> None:
    if size > MOST_FILE_BYTES:
        raise _too_large(where, size)
    if size > SMALL_BYTES and size > MOST_RATIO * max(1, packed):
        raise DataError(
            f"{where}: {packed:,} bytes unpack to {size:,}, as those of a picture or a recording never do. Remove it."
        )


def _too_large(where: str, size: int) -> DataError:
    claims = f"claims {size:,} bytes, " if size >= 0 else "is "
    return DataError(f"{where}: {claims}more than the {MOST_FILE_BYTES:,} that a picture or a recording may have.")


def _too_many(path: Path, count: int) -> DataError:
    return DataError(
        f"{path} holds {count:,} files or more; at most {MOST_ENTRIES:,} are read. Unpack it, load the folder."
    )


def _said(error: Exception) -> str:
    text = getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
    return text.rstrip(".")[:120]
