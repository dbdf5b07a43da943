"""Recordings: many files of sound as one field of signals, at one rate and with as many channels each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import NamedTuple

import numpy as np
import torch

from deepglass.data.ragged import Ragged
from deepglass.data.readers.files import Files, shown
from deepglass.data.readers.folders import Wanted
from deepglass.data.readers.pictures import in_threads
from deepglass.data.readers.recording import ENDINGS, is_recording, read_recording
from deepglass.data.readers.resample import resampled_length
from deepglass.data.readers.showing import progress_bar, refuse_damaged
from deepglass.data.readers.streamed_recordings import StreamedRecordings, alike
from deepglass.data.settings import DataSettings
from deepglass.data.source import Column, Raw
from deepglass.errors import DataError, SettingError
from deepglass.plurals import counted

RECORDINGS = Wanted("recording", "recordings", ENDINGS, is_recording)
RESIDENT_BYTES = 1 << 30  # of samples as read, as float32, up to which recordings stay in memory; pictures have as much


class Heard(NamedTuple):
    """What a file holds: samples of each channel, channels, rate in hertz; and the samples themselves as long as all fit."""

    length: int
    channels: int
    rate: int
    samples: np.ndarray | None


class Room:
    """Memory that recordings may fill together. Args: most: bytes."""

    def __init__(self, most: int) -> None:
        self.most, self.taken, self._lock = most, 0, Lock()

    def take(self, size: int) -> bool:
        """Whether so many bytes more have room. All are counted, so whether all fit does not depend on the order."""
        with self._lock:
            self.taken += size
            return self.fits

    @property
    def fits(self) -> bool:
        return self.taken <= self.most


def signal_field(
    files: Files, names: Sequence[str], problems: Mapping[str, str], settings: DataSettings
) -> tuple[Raw, np.ndarray, list[str], dict[str, str]]:
    """Read recordings, and keep them if they fit into memory. Returns: the field, which were kept, notes, and facts for the run.

    Every file is read to its end, also where none is kept, so damage is found before the training.
    Raises: DataError, naming the file and what is wrong with it.
    """
    room = Room(0 if settings.streaming else RESIDENT_BYTES)
    heard: list[Heard] = []
    kept: list[int] = []
    failed: dict[int, str] = {}

    def read(index: int) -> Heard | str:
        name = names[index]
        if name in problems:
            return f"{files.where(name)} {problems[name]}."
        try:
            samples, rate = read_recording(files.read(name), files.where(name))
        except DataError as error:
            return str(error)
        length, channels = samples.shape
        return Heard(length, channels, rate, samples if room.take(samples.nbytes) else None)

    with progress_bar(len(names), "Reading recordings") as tell:
        for index, found in enumerate(in_threads(read, range(len(names)))):
            tell(index + 1)
            if isinstance(found, str):
                failed[index] = found
                continue
            heard.append(found)
            kept.append(index)
            if not room.fits and heard[0].samples is not None:
                heard = [h._replace(samples=None) for h in heard]
    refuse_damaged(files.title, "recording", failed, len(names), skip=settings.on_damaged == "skip")
    kept_names = [names[i] for i in kept]
    rates = [h.rate for h in heard]
    rate = _rate(settings.rate, rates)
    notes, facts = _told_rates(rates, rate, kept_names)
    channels, mix = _channels([h.channels for h in heard], settings.mono, notes)
    whole = np.array([resampled_length(h.length, h.rate, rate) for h in heard], dtype=np.int64)
    columns = tuple(Column(n) for n in names_of_channels(settings.channels, channels))
    values: Ragged | StreamedRecordings
    if room.fits:
        parts = [alike(h.samples, h.rate, rate, mix=mix) for h in heard if h.samples is not None]
        values, where = Ragged.of([torch.from_numpy(p) for p in parts]), "in memory"
    else:
        values = StreamedRecordings(files, kept_names, rate, channels, mix, whole)
        where = "read from their files in every epoch"
    seconds, amount = whole / rate, int(whole.sum()) * channels * 4 / 1e6
    notes.insert(
        0,
        f"signal: {len(heard):,} recordings, {'mono' if channels == 1 else f'{channels} channels'}, {rate:,} Hz, "
        f"{seconds.min():.2f} to {seconds.max():.2f} s (median {np.median(seconds):.2f} s), {amount:,.1f} MB, {where}",
    )
    if failed:
        notes.append(f"left out, because damaged: {len(failed)} of {len(names):,} recordings")
        facts["damaged"] = " ".join(failed.values())
    return Raw("signal", values, columns=columns, rate=float(rate)), np.array(kept, dtype=np.int64), notes, facts


def in_form(samples: np.ndarray, rate: int, channels: int, wanted: float, where: str) -> np.ndarray:
    """Bring one new recording to the rate and the channels that were learned. Raises: DataError, naming it.

    Shapes: (samples, channels), in and out.
    """
    if samples.shape[1] != channels != 1:
        raise DataError(
            f"{where} has {counted(samples.shape[1], 'channel')}; {channels} were learned. Record it alike."
        )
    return alike(samples, rate, _whole(wanted), mix=channels == 1)


def names_of_channels(given: Sequence[str] | None, channels: int) -> list[str]:
    """Names for the channels. Raises: SettingError, when there are more or fewer of them than channels."""
    if given is not None and len(given) != channels:
        raise SettingError(
            f"data.channels={list(given)} names {len(given)}, and the signals have {channels}. Name each channel."
        )
    return list(given or (["left", "right"] if channels == 2 else []))


def _rate(wanted: float | None, rates: Sequence[int]) -> int:
    """The rate that is asked for, else the commonest; of two that are equally common the lower."""
    if wanted is not None:
        return _whole(wanted)
    counts = Counter(rates)
    return min(counts, key=lambda r: (-counts[r], r))


def _whole(rate: float) -> int:
    if rate != int(rate):
        raise SettingError(f"data.rate={rate:g}: recordings are resampled to whole hertz. Choose {round(rate)}.")
    return int(rate)


def _told_rates(rates: Sequence[int], rate: int, names: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    counts = Counter(rates)
    notes = []
    for other in sorted(set(counts) - {rate}):
        first = names[list(rates).index(other)]
        notes.append(
            f"{counted(counts[other], 'file')} of {other:,} Hz resampled to {rate:,} Hz (first: {shown(first)})"
        )
    mixed = {"rates": ", ".join(f"{r:,} Hz {n:,}" for r, n in counts.most_common())} if len(counts) > 1 else {}
    return notes, mixed


def _channels(found: Sequence[int], mono: bool | None, notes: list[str]) -> tuple[int, bool]:
    """How many channels each recording is to have, and whether they are mixed for it. Raises: SettingError."""
    counts = Counter(found)
    mixed = len(counts) > 1
    if mono is False and mixed:
        told = ", ".join(f"{n:,} with {c}" for c, n in sorted(counts.items()))
        raise SettingError(
            f"data.mono=false, and the recordings have different numbers of channels: {told}. Leave it out."
        )
    if mono is False or (mono is None and not mixed):
        return next(iter(counts)), False
    several = sum(n for c, n in counts.items() if c > 1)
    if several:
        notes.append(
            f"{counted(several, 'recording')} of several channels mixed into one" + (", as set" if mono else "")
        )
    return 1, True
