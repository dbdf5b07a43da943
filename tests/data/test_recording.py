"""Reading WAV files: every plain form of sample, and what is said of files that are none."""

import io
import sys
import wave

import numpy as np
import pytest
from sounds import tone, wav

from deepglass.data.readers.recording import read_recording
from deepglass.data.readers.wav import read_wav
from deepglass.errors import DataError

STEPS = [-1.0, -0.5, 0.0, 0.25, 1.0]


@pytest.mark.parametrize(("bits", "code"), [(8, 1), (16, 1), (24, 1), (32, 1), (32, 3), (64, 3)])
@pytest.mark.parametrize("extensible", [False, True])
def test_samples_come_back_in_full_scale_whatever_their_form(bits, code, extensible):
    samples, rate = read_wav(wav(STEPS, 44100, bits=bits, code=code, extensible=extensible), "x.wav")
    assert rate == 44100 and samples.shape == (5, 1) and samples.dtype == np.float32
    np.testing.assert_allclose(samples[:, 0], STEPS, atol=2.0 ** (2 - bits) if code == 1 else 1e-7)


def test_a_file_of_the_standard_library_is_read_channel_by_channel():
    left, right = np.array([1, -2, 3], "<i2"), np.array([-32768, 0, 32767], "<i2")
    page = io.BytesIO()
    with wave.open(page, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(np.stack([left, right], axis=1).tobytes())
    samples, rate = read_wav(page.getvalue(), "x.wav")
    assert rate == 16000
    np.testing.assert_array_equal(samples[:, 0], left / 32768)
    np.testing.assert_array_equal(samples[:, 1], (right / 32768).astype(np.float32))


def test_chunks_before_the_samples_are_passed_over_also_odd_ones():
    data = wav(STEPS)
    longer = data[:12] + b"LIST" + (3).to_bytes(4, "little") + b"abc\0" + data[12:]
    np.testing.assert_array_equal(read_wav(longer, "x.wav")[0], read_wav(data, "x.wav")[0])


def test_a_length_that_was_never_filled_in_means_up_to_the_end():
    data = wav(STEPS)
    at = data.index(b"data") + 4
    streamed = data[:at] + b"\xff" * 4 + data[at + 4 :]
    assert len(read_wav(streamed, "x.wav")[0]) == 5


def bent(offset, value):
    data = bytearray(wav(STEPS))
    data[offset : offset + len(value)] = value
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "x.wav is empty"),
        (b"<html>oh no</html>", "x.wav is no WAV: it does not begin as one"),
        (wav(STEPS)[:-3], r"breaks off: it claims 10 bytes of samples and holds 7"),
        (wav(STEPS)[:30], "without a description of its samples"),
        (wav(STEPS)[:40], "without samples"),
        (wav([]), "holds no samples"),
        (bent(22, b"\0\0"), "claims 0 channels at 8000 Hz"),
        (bent(24, b"\0\0\0\0"), "claims 1 channels at 0 Hz"),
        (bent(34, b"\x0c\0"), "claims 12 bits a sample in frames of 2 bytes"),
        (b"RIFX" + wav(STEPS)[4:], "big-endian"),
        (wav([0.0, np.nan], bits=32, code=3), "no finite numbers"),
    ],
)
def test_what_cannot_be_read_is_said_with_the_file(data, said):
    with pytest.raises(DataError, match=said):
        read_recording(data, "x.wav")


@pytest.mark.parametrize("name", ["x.flac", "x.wav"])
def test_what_is_packed_needs_soundfile_and_the_message_says_how_to_get_it(monkeypatch, name):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    data = b"fLaC" + bytes(40) if name == "x.flac" else bent(20, b"\x07\0")
    with pytest.raises(DataError, match=r"soundfile.*pip install 'deepglass\[audio\]'"):
        read_recording(data, name)


@pytest.mark.parametrize("form", ["FLAC", "OGG"])
def test_packed_recordings_are_read_with_soundfile(form):
    soundfile = pytest.importorskip("soundfile", reason="the audio extra is not installed")
    page, sound = io.BytesIO(), tone(440, 0.2)
    soundfile.write(page, sound, 8000, format=form)
    samples, rate = read_recording(page.getvalue(), "x." + form.lower())
    assert rate == 8000 and samples.shape == (1600, 1)
    assert np.abs(samples[:, 0] - sound).max() < (1e-4 if form == "FLAC" else 0.1)
    with pytest.raises(
        DataError, match=r"x\.flac is no recording that can be read \([^<]*\)\. Get it anew"
    ):  # no <object at ...>
        read_recording(b"fLaC" + bytes(100), "x.flac")
