"""Malformed pictures and folders: every one is refused in a sentence that names the file, and nothing hangs."""

import gzip
import io
import os
import re
import struct
import sys
import zlib

import numpy as np
import pytest
import torch
from drawn_pictures import encoded, in_folder, in_zip, picture, pixels, two_classes
from PIL import Image
from refusals import clock, flipped, refusal  # noqa: F401

import deepglass as dg
from deepglass.errors import DeepglassError

BAD = "cat/03.png"


def jpeg(**sizes):
    return encoded(pixels(1, **({"height": 64, "width": 64} | sizes)), "JPEG")


def broken_jpeg():
    data = bytearray(jpeg())
    start = data.find(b"\xff\xda")
    data[start + 40 : start + 43] = b"\xff\xc1\xff"
    return bytes(data)


def png_of(width, height, rows=b"", depth=8, colour=2):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def tiff_of_floats():
    out = io.BytesIO()
    Image.fromarray(np.ones((8, 8), dtype=np.float32)).save(out, "TIFF")
    return out.getvalue()


# Each of these stands where the picture cat/03.png should be.
PICTURES = {
    "empty": b"",
    "one byte": b"\x89",
    "a head alone": picture()[:8],
    "html": b"<!DOCTYPE html><html><body>404 Not Found</body></html>",
    "html after blanks": b"\n\n  <html></html>" + bytes(500),
    "svg": b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
    "plain text": b"not a picture at all\n" * 10,
    "pdf": b"%PDF-1.4\n" + bytes(100),
    "zeros": bytes(1000),
    "noise": np.random.default_rng(0).bytes(1000),
    "zip inside": b"PK\x03\x04" + bytes(100),
    "gzip inside": gzip.compress(picture()),
    "png cut in half": picture()[: len(picture()) // 2],
    "png without its end": picture()[:-12],
    "png with a flipped bit in its pixels": flipped(picture(), -30),
    "png with a flipped bit in its size": flipped(picture(), 19),
    "png with too few rows": png_of(64, 64, bytes(100)),
    "png of no width": png_of(0, 8),
    "png of 827 megabytes": png_of(16_600, 16_600, bytes(1000)),
    "png of two thousand million a side": png_of(2**31 - 1, 2**31 - 1),
    "png of an odd depth": png_of(8, 8, bytes(200), depth=7),
    "png with a huge section": b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 2**31 - 1) + b"IHDR" + bytes(100),
    "jpeg cut": jpeg()[:-200],
    "jpeg without its last mark": jpeg()[:-2],
    "jpeg of a head alone": jpeg()[:20],
    "jpeg damaged in its pixels": broken_jpeg(),
    "jpeg start and nothing": b"\xff\xd8\xff" + bytes(50),
    "gif cut": encoded(pixels(1, height=64, width=64), "GIF")[:200],
    "bmp cut": encoded(pixels(1), "BMP")[:100],
    "bmp of a negative width": b"BM" + bytes(12) + struct.pack("<IiiHH", 40, -8, 8, 1, 24) + bytes(300),
    "tiff cut": encoded(pixels(1), "TIFF")[:60],
    "tiff of floats": tiff_of_floats(),
    "tiff that points outside": b"II*\0" + struct.pack("<I", 2**31) + bytes(50),
    "tiff that points to itself": b"II*\0" + struct.pack("<I", 8) + bytes(50),
    "webp cut": encoded(pixels(1, height=64, width=64), "WEBP")[:60],
    "webp of nothing": b"RIFF" + bytes(4) + b"WEBP" + bytes(20),
}


@pytest.mark.parametrize("case", PICTURES)
def test_a_malformed_picture_is_refused_by_name_in_a_folder_and_in_an_archive(tmp_path, case):
    files = {**two_classes(), BAD: PICTURES[case]}
    assert "03.png" in refusal(in_folder(tmp_path / "photos", files))
    message = refusal(in_zip(tmp_path / "photos.zip", files))
    assert "photos.zip" in message and BAD in message
    with pytest.raises(DeepglassError, match=r"03\.png"):  # streamed: at the latest when it is read
        list(dg.load(tmp_path / "photos", streaming=True, image_size=8).reader().read(torch.arange(12), 4))


def link(folder, to):
    in_folder(folder, two_classes())
    (folder / "cat" / "link.png").symlink_to(to)


def only(files):
    return lambda folder: in_folder(folder, files)


FOLDERS = {
    "a broken link": (lambda f: link(f, f / "nowhere.png"), r"link\.png is a link that leads nowhere"),
    "a loop of links": (lambda f: link(f, f / "cat" / "link.png"), r"link\.png is a link that leads nowhere"),
    "a link that leads out": (lambda f: link(f, "/etc/passwd"), r"link\.png is a link that leads out"),
    "a link to a folder": (lambda f: link(f, f / "dog"), r"link\.png is a link to a folder"),
    "no files": (lambda f: f.mkdir(), "holds no files"),
    "one class": (only({"cat/1.png": picture()}), "one class alone, cat"),
    "pictures without a folder": (only({"1.png": picture(), "2.png": picture()}), "no pictures in folders"),
    "no training": (only({"test/cat/1.png": picture(), "val/dog/1.png": picture()}), "no train/"),
    "splits beside classes": (only({"train/cat/1.png": picture(), "dog/1.png": picture()}), "beside it dog/"),
    "a class that training lacks": (
        only({**{f"train/{n}": p for n, p in two_classes().items()}, "val/fish/1.png": picture()}),
        r"val.* classes that train/ lacks: fish \(1",
    ),
    "validation twice": (
        only({f"{s}/{n}": p for s in ("train", "val", "valid") for n, p in two_classes().items()}),
        "val/, valid/. Keep one",
    ),
    "a name that is not UTF-8": (
        lambda f: in_folder(f, two_classes()) and (f / "cat" / os.fsdecode(b"\xff.png")).write_bytes(picture()),
        r"udcff\.png has a name that is not UTF-8",
    ),
    "a pipe": (lambda f: in_folder(f, two_classes()) and os.mkfifo(f / "cat" / "pipe.png"), r"pipe\.png is no file"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and names of bytes are made otherwise there")
@pytest.mark.parametrize("case", FOLDERS)
def test_a_malformed_folder_is_refused_by_name(tmp_path, case):
    make, expected = FOLDERS[case]
    make(tmp_path / "photos")
    message = refusal(tmp_path / "photos")
    assert "photos" in message
    assert re.search(expected, message), message
    message.encode()  # can be printed


def test_a_folder_that_may_not_be_listed_is_named(tmp_path, monkeypatch):
    folder = in_folder(tmp_path / "photos", two_classes())
    listed = os.scandir

    def scandir(path):
        if str(path).endswith("dog"):
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert "dog cannot be listed: Permission denied" in refusal(folder)
