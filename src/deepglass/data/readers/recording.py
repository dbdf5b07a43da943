"""Recording: one file of sound as numbers. WAV is read here; FLAC, Ogg, MP3 and others need soundfile."""

import io

import numpy as np

from deepglass.data.readers.wav import is_wav, plain_format, read_wav
from deepglass.errors import DataError

PACKED = (".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au", ".caf", ".w64")
ENDINGS = (".wav", ".wave", *PACKED)
BEGINNINGS = (b"fLaC", b"OggS", b"ID3")  # of what has another ending, or none
AUDIO_EXTRA = "pip install 'deepglass[audio]'"


def is_recording(head: bytes) -> bool:
    """Whether a file is a recording by its content. Args: head: its first 16 bytes or fewer."""
    return is_wav(head) or head.startswith(BEGINNINGS)


def read_recording(data: bytes, where: str) -> tuple[np.ndarray, int]:
    """Read the bytes of a file. Returns: samples (samples, channels) float32, full scale -1..1; and their rate in hertz.

    Raises: DataError, naming the file, when it is no recording, is damaged, or needs what is not installed.
    """
    if is_wav(data[:12]) and plain_format(data):
        return read_wav(data, where)
    if not data:
        raise DataError(f"{where} is empty. Get it anew.")
    if where.lower().endswith((".wav", ".wave")) and not is_wav(data[:12]) and not is_recording(data[:16]):
        raise DataError(f"{where} is no WAV: it does not begin as one. Get it anew.")
    try:
        import soundfile
    except (ImportError, OSError):  # OSError: the package is there, and its library is not
        if is_wav(data[:12]):
            return read_wav(data, where)  # which says what is packed in it
        raise DataError(
            f"{where}: other recordings than plain WAV need soundfile. Install it: {AUDIO_EXTRA}."
        ) from None
    try:
        samples, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError, TypeError, ValueError) as error:
        text = getattr(error, "error_string", "") or str(error)  # libsndfile's own words, without the place in memory
        said = " ".join(str(text).removeprefix("Error :").split())[-120:].rstrip(".")
        raise DataError(f"{where} is no recording that can be read ({said}). Get it anew.") from None
    if not len(samples):
        raise DataError(f"{where} holds no samples. Record it anew, or remove it.")
    if not np.isfinite(samples).all():
        raise DataError(f"{where} holds samples that are no finite numbers. Get it anew.")
    return samples, int(rate)
