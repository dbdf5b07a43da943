"""Images: many picture files as one field, decoded at once or when they are asked for."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deepglass.data.readers.files import Files, shown
from deepglass.data.readers.picture import Size
from deepglass.data.readers.pictures import Decoded, Pictures, decode
from deepglass.data.readers.showing import progress_bar, refuse_damaged, silent
from deepglass.data.settings import DataSettings
from deepglass.data.source import Raw
from deepglass.errors import DataError

RESIDENT_PIXELS = 1 << 30  # bytes in RGB up to which pictures are decoded once and stay in memory


def image_field(
    files: Files, names: Sequence[str], problems: Mapping[str, str], settings: DataSettings
) -> tuple[Raw, np.ndarray, list[str], dict[str, str]]:
    """Read pictures. Returns: the field, which of them were kept, notes, and facts for the run."""
    grey = None if settings.colour == "auto" else settings.colour == "grey"
    size = _size(settings)
    skip = settings.on_damaged == "skip"
    resident = _fits(files, names, problems, size, settings)
    with progress_bar(len(names), "Reading pictures") as tell, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd heads; what matters is checked here
        options: Any = {"grey": grey, "size": size, "keep": resident, "whole": resident or skip}
        found = decode(files, names, problems=dict(problems), tell=tell, **options)
    refuse_damaged(files.title, "picture", found.failed, len(names), skip=skip)
    size = _agreed(files, found)
    kept = np.array([i for i in range(len(names)) if i not in found.failed], dtype=np.int64)
    if found.pixels is not None:
        values: Any = found.pixels if len(kept) == len(names) else found.pixels[kept]
    else:
        values = Pictures(files, [names[i] for i in kept], found.grey, size)
    notes = _notes(found, size, len(kept), values, settings)
    facts = {}
    if found.failed:
        notes.append(f"left out, because damaged: {len(found.failed)} of {len(names):,} pictures")
        facts["damaged"] = " ".join(found.failed.values())
    return Raw("image", values, top=255.0), kept, notes, facts


def _fits(
    files: Files, names: Sequence[str], problems: Mapping[str, str], size: Size | None, settings: DataSettings
) -> bool:
    """Whether all pictures fit into memory: judged by the first one, where their size is not set."""
    if settings.streaming:
        return False
    for name in names if size is None else []:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                size = decode(
                    files, [name], grey=None, size=None, keep=False, whole=False, problems=dict(problems), tell=silent
                ).size
        except DataError:
            continue
        if size is not None:
            break
    height, width = size or (0, 0)
    return len(names) * 3 * height * width <= RESIDENT_PIXELS


def _size(settings: DataSettings) -> Size | None:
    wanted = settings.image_size
    return wanted if wanted is None else (wanted, wanted) if isinstance(wanted, int) else (wanted[0], wanted[1])


def _agreed(files: Files, found: Decoded) -> Size:
    if found.size is not None:
        return found.size
    sizes = ", ".join(f"{h} x {w} ({n:,}: {shown(found.first[h, w])}, ...)" for (h, w), n in found.sizes.most_common(5))
    more = f" and {len(found.sizes) - 5} others" if len(found.sizes) > 5 else ""
    (height, width), _ = found.sizes.most_common(1)[0]
    raise DataError(
        f"{files.title}: the pictures differ in size, height x width: {sizes}{more}. Set image_size=[{height}, {width}] or "
        f"another: the shorter side is scaled to fit and the centre cut out."
    )


def _notes(found: Decoded, size: Size, count: int, values: Any, settings: DataSettings) -> list[str]:
    channels = "grey" if found.grey else "RGB"
    where = "read from their files in every epoch" if isinstance(values, Pictures) else "decoded once"
    amount = f"{count * (1 if found.grey else 3) * size[0] * size[1] / 1e6:,.1f} MB"
    notes = [f"image: {count:,} pictures, {channels}, {size[0]} x {size[1]} pixels, {amount}, {where}"]
    changed = sum(n for s, n in found.sizes.items() if s != size)
    if changed:
        notes.append(f"{_pictures(changed)} brought to {size[0]} x {size[1]}: shorter side scaled, centre cut out")
    for what, (n, first) in sorted(found.done.items()):
        notes.append(f"{_pictures(n)} {what} (first: {shown(first)})")
    if found.grey and settings.colour == "grey":
        notes.append("colours turned into grey, as set")
    return notes


def _pictures(count: int) -> str:
    return f"{count:,} picture{'' if count == 1 else 's'}"


def moved(ids: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Positions among the examples that were kept."""
    return np.searchsorted(kept, np.intersect1d(ids, kept))
