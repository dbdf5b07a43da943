"""Entry: what is known of a dataset before it is here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from deepglass.data.settings import DataSettings
from deepglass.data.source import Source


@dataclass(frozen=True)
class File:
    """A file of a dataset: its size, its SHA-256, and what of it these were taken from.

    Args:
        checked: "content", what is inside once unpacked, however it was packed; "file", the file as it was published, because
            no checksum of its content is; "decoded", as "content" when it was downloaded, while a copy of one's own may be
            written in another way, since `decode` checks what was read.
        also: other places of such a file, inside $DEEPGLASS_DATA.
    `sha256` is empty for what is never downloaded and is checked by `decode` alone.
    """

    name: str
    size: int
    sha256: str
    checked: Literal["content", "file", "decoded"] = "content"
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Content:
    """A file that was found: where it lies, and its bytes, unpacked unless they are checked as published."""

    path: Path
    data: bytes


Decode = Callable[[Mapping[str, Content], DataSettings], Source]


@dataclass(frozen=True)
class Copy:
    """Files that hold all of a dataset. `decode` makes a Source of them, by their names.

    Args: mirrors: addresses that end in "/", the preferred one first; none when it is only found in a folder of one's own.
    """

    files: tuple[File, ...]
    decode: Decode
    mirrors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A dataset: the facts, the copies of it that are known (the published one first), and how it is loaded.

    Args: settings: of the data section, where nothing else is asked for. A table has at least its target there.
    """

    description: str
    licence: str
    source: str
    copies: tuple[Copy, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def is_table(self) -> bool:
        return "target" in self.settings

    @property
    def address(self) -> str:
        return self.copies[0].mirrors[0]
