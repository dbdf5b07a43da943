import gzip
import hashlib
import socket
import struct
import sys
import threading
from collections import Counter
from contextlib import closing
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from deepglass.data import load
from deepglass.data.catalogue import CATALOGUE, Copy, Entry, File, cache_folder, catalogue_source
from deepglass.data.catalogue.mnist import TEST, TRAIN, decode_mnist
from deepglass.data.catalogue.tables import Cells, digest
from deepglass.data.catalogue.wine_quality import decode_wine
from deepglass.data.readers.text_table import read_text_table
from deepglass.errors import DataError, DeepglassWarning, UnknownName

TRAIN_COUNT, TEST_COUNT = 10, 4


def as_idx(values):
    return bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape) + values.tobytes()


def ten_rows():
    """The contents of a tiny MNIST: ten training examples, four test ones."""
    random = np.random.default_rng(0)
    contents = {}
    for (images, labels), count in ((TRAIN, TRAIN_COUNT), (TEST, TEST_COUNT)):
        contents[images] = as_idx(random.integers(0, 256, (count, 28, 28), dtype=np.uint8))
        contents[labels] = as_idx(np.arange(count, dtype=np.uint8) % 10)
    return contents


CONTENTS = ten_rows()
SERVED = {name: gzip.compress(content) for name, content in CONTENTS.items()}


class Server:
    """A mirror on this machine: it serves `files`, leaves out a share at the end of each answer (`cut`), and may give rests
    alone (`resumes`)."""

    def __init__(self):
        self.files, self.cut, self.resumes, self.asked, self.places = dict(SERVED), 0.0, False, [], []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.path.rsplit("/", 1)[-1]
                outer.asked.append(name)
                if name not in outer.files:
                    self.send_error(404)
                    return
                data = outer.files[name]
                start = (
                    int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
                    if outer.resumes
                    else 0
                )
                outer.places.append(start)
                data = data[start:]
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data[: len(data) - int(len(data) * outer.cut)])

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_address[1]}/"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


@pytest.fixture
def second_server():
    server = Server()
    yield server
    server.close()


@pytest.fixture
def tiny(monkeypatch, server):
    """MNIST replaced by ten rows on a local server; gives a function that sets the mirrors."""

    def mirrors(*addresses):
        files = tuple(File(n, len(c), hashlib.sha256(c).hexdigest()) for n, c in CONTENTS.items())
        entry = Entry("ten rows", "none", "made here", (Copy(files, decode_mnist, addresses),))
        monkeypatch.setitem(CATALOGUE, "mnist", entry)

    mirrors(server.address)
    return mirrors


def kept(place):
    return place / "cache" / "datasets" / "mnist"


def test_a_download_is_kept_and_not_repeated(tiny, server, place, capsys):
    first = catalogue_source("mnist")
    assert sorted(server.asked) == sorted(SERVED)
    assert sorted(path.name for path in kept(place).iterdir()) == sorted(SERVED)  # and nothing temporary
    again = catalogue_source("mnist", offline=True)
    assert len(server.asked) == 4
    np.testing.assert_array_equal(first.fields["image"].values, again.fields["image"].values)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4 and lines[0].startswith(f"Downloading {TRAIN[0]} (")


def test_progress_is_told_from_nothing_to_all(tiny):
    told = []
    catalogue_source("mnist", progress=lambda *step: told.append(step))
    assert [step for step in told if step[0] == TRAIN[1]] == [
        (TRAIN[1], 0, len(SERVED[TRAIN[1]])),
        (TRAIN[1], len(SERVED[TRAIN[1]]), len(SERVED[TRAIN[1]])),
    ]


def test_a_terminal_sees_a_bar(tiny, monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    catalogue_source("mnist")
    assert TEST[1] in capsys.readouterr().err


def test_offline_says_where_it_looked_and_what_to_do(tiny, server, place, monkeypatch):
    monkeypatch.setenv("DEEPGLASS_DATA", str(place / "data"))
    for switch in ("argument", "environment"):
        if switch == "environment":
            monkeypatch.setenv("DEEPGLASS_OFFLINE", "1")
        with pytest.raises(DataError, match=r"is not in .* downloading is switched off\. .* offline=False") as caught:
            catalogue_source("mnist", offline=True if switch == "argument" else None)
        assert str(place / "data" / "mnist") in str(caught.value) and str(kept(place)) in str(caught.value)
    assert server.asked == []


def test_offline_false_overrules_the_environment(tiny, monkeypatch):
    monkeypatch.setenv("DEEPGLASS_OFFLINE", "1")
    assert len(catalogue_source("mnist", offline=False)) == 14


@pytest.mark.parametrize("packed", [True, False])
def test_a_folder_of_ones_own_comes_first(tiny, server, place, monkeypatch, packed):
    folder = place / "data" / "mnist"
    folder.mkdir(parents=True)
    for name in SERVED:
        path = folder / (name if packed else name.removesuffix(".gz"))
        path.write_bytes(SERVED[name] if packed else CONTENTS[name])
    monkeypatch.setenv("DEEPGLASS_DATA", str(place / "data"))
    assert len(catalogue_source("mnist")) == 14
    assert server.asked == [] and not kept(place).exists()


def test_a_damaged_file_of_ones_own_is_named_and_left_alone(tiny, server, place, monkeypatch):
    path = place / "data" / "mnist" / TRAIN[0]
    path.parent.mkdir(parents=True)
    path.write_bytes(SERVED[TRAIN[0]][:-100])
    monkeypatch.setenv("DEEPGLASS_DATA", str(place / "data"))
    with pytest.raises(DataError, match=rf"{TRAIN[0]}: the gzip file ends too early"):
        catalogue_source("mnist")
    assert server.asked == [] and path.read_bytes() == SERVED[TRAIN[0]][:-100]


def test_a_damaged_file_of_the_cache_is_downloaded_anew(tiny, server, place):
    catalogue_source("mnist")
    (kept(place) / TRAIN[1]).write_bytes(gzip.compress(CONTENTS[TRAIN[1]][:-1] + b"\0"))
    with pytest.raises(DataError, match=rf"{TRAIN[1]}: its SHA-256 is .* Downloading is switched off"):
        catalogue_source("mnist", offline=True)
    with pytest.warns(DeepglassWarning, match=rf"{TRAIN[1]}: its SHA-256 is .* Downloading it now"):
        catalogue_source("mnist")
    assert Counter(server.asked)[TRAIN[1]] == 2
    assert (kept(place) / TRAIN[1]).read_bytes() == SERVED[TRAIN[1]]


def test_the_second_mirror_helps_when_the_first_one_cannot(tiny, server, second_server):
    tiny(server.address, second_server.address)
    server.files.pop(TRAIN[0])  # not found
    server.files[TRAIN[1]] = gzip.compress(bytes(len(CONTENTS[TRAIN[1]])))  # wrong content
    assert len(catalogue_source("mnist")) == 14
    assert second_server.asked == [TRAIN[0], TRAIN[1]]


def test_a_wrong_checksum_is_refused_and_not_kept(tiny, server, place):
    server.files[TRAIN[0]] = gzip.compress(bytes(len(CONTENTS[TRAIN[0]])))
    with pytest.raises(DataError, match=rf"mnist: {TRAIN[0]} cannot be downloaded\. .* its SHA-256 is .* instead of"):
        catalogue_source("mnist")
    assert not kept(place).exists()


def test_a_download_that_breaks_off_is_refused_and_not_kept(tiny, server, place):
    server.cut = 0.5
    with pytest.raises(DataError, match=rf"{TRAIN[0]}: broke off after .* Check the connection and try again"):
        catalogue_source("mnist")
    assert not kept(place).exists()


def test_a_download_that_breaks_off_goes_on_where_it_stands(tiny, server, place):
    server.cut, server.resumes = 0.1, True  # nine tenths of what is left, each time
    assert len(catalogue_source("mnist")) == 14
    size = len(SERVED[TRAIN[0]])
    left = int(size * 0.1)
    assert server.places[:3] == [0, size - left, size - int(left * 0.1)]
    assert (kept(place) / TRAIN[0]).read_bytes() == SERVED[TRAIN[0]]


def test_a_mirror_that_cannot_go_on_is_asked_no_more_than_twice(tiny, server):
    server.cut = 0.5
    with pytest.raises(DataError, match="broke off after"):
        catalogue_source("mnist")
    assert server.asked == [TRAIN[0], TRAIN[0]]


def test_a_mirror_that_is_silent_for_too_long_is_left(tiny, server, second_server, monkeypatch):
    monkeypatch.setattr("deepglass.data.catalogue.download.TIMEOUT_SECONDS", 0.2)
    silent = socket.create_server(("127.0.0.1", 0))  # takes calls, and answers none
    tiny(f"http://127.0.0.1:{silent.getsockname()[1]}/", second_server.address)
    with closing(silent):
        assert len(catalogue_source("mnist")) == 14
    assert second_server.asked == sorted(SERVED, key=list(SERVED).index)


def test_a_download_that_does_not_end_is_stopped(tiny, server):
    server.files[TRAIN[1]] = bytes(1_000_000)
    with pytest.raises(DataError, match=rf"{TRAIN[1]}: sends more than the 65,554 bytes"):
        catalogue_source("mnist")


def test_a_network_that_is_away_is_one_sentence(tiny):
    tiny("http://127.0.0.1:9/")  # the discard port, where nobody listens
    with pytest.raises(DataError, match=rf"mnist: {TRAIN[0]} cannot be downloaded\. http.*refused") as caught:
        catalogue_source("mnist")
    assert "\n" not in str(caught.value)


def test_a_cache_that_cannot_be_written_costs_a_warning_only(tiny, place):
    (place / "cache").write_text("a file where the folder should be")
    with pytest.warns(DeepglassWarning, match="cannot be kept"):
        assert len(catalogue_source("mnist")) == 14


def test_an_unknown_name_is_told_the_near_one():
    with pytest.raises(UnknownName, match=r"There is no dataset 'mnits'\. Did you mean 'mnist'"):
        catalogue_source("mnits")


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("linux", "XDG_CACHE_HOME", "base/deepglass"),
        ("linux", None, "home/.cache/deepglass"),
        ("darwin", None, "home/Library/Caches/deepglass"),
        ("win32", "LOCALAPPDATA", "base/deepglass/Cache"),
    ],
)
def test_the_cache_lies_where_the_platform_keeps_such_things(monkeypatch, platform, variable, expected):
    for name in ("DEEPGLASS_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, "base")
    monkeypatch.setattr(Path, "home", lambda: Path("home"))
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_folder() == Path(expected)


def test_a_checksum_of_the_file_as_published_refuses_the_same_content_packed_anew(server, place, monkeypatch):
    name = TRAIN[1]
    again = gzip.compress(CONTENTS[name], compresslevel=1)
    files = tuple(File(n, len(p), hashlib.sha256(p).hexdigest(), "file") for n, p in SERVED.items())
    monkeypatch.setitem(CATALOGUE, "mnist", Entry("", "", "", (Copy(files, decode_mnist, (server.address,)),)))
    assert len(catalogue_source("mnist")) == 14
    own = place / "data" / "mnist" / name
    own.parent.mkdir(parents=True)
    own.write_bytes(again + b"x" * (len(SERVED[name]) - len(again)) if len(again) < len(SERVED[name]) else again)
    monkeypatch.setenv("DEEPGLASS_DATA", str(place / "data"))
    with pytest.raises(DataError, match=rf"{name}: (its SHA-256 is|holds) .* instead of .*\. Get the file anew"):
        catalogue_source("mnist")


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_entry_has_its_facts(name):
    entry = CATALOGUE[name]
    assert entry.description and entry.licence and entry.source and entry.address
    assert entry.copies[0].mirrors  # the published copy can be downloaded
    for copy in entry.copies:
        assert all(m.startswith(("https://", "http://")) and m.endswith("/") for m in copy.mirrors)
        for file in copy.files:
            assert file.size > 0 and (len(file.sha256) == 64 or (not copy.mirrors and file.checked == "decoded"))


def test_a_table_is_downloaded_as_published_and_found_as_people_keep_it(server, place, monkeypatch):
    published, kept_as = b'"a";"quality"\n1;2\n3.5;4\n', b"a,class\r\n1,2\r\n3.5,4\r\n"
    table = read_text_table(Path("wine.csv"), content=published)
    decode = partial(decode_wine, cells=Cells(("a", "quality"), 2, digest(table)))
    file = File(
        "wine.csv", len(published), hashlib.sha256(published).hexdigest(), "decoded", also=("tabular/wine.csv",)
    )
    copies = (Copy((file,), decode, (server.address,)),)
    monkeypatch.setitem(CATALOGUE, "tiny-wine", Entry("two wines", "none", "made here", copies, {"target": "quality"}))
    server.files["wine.csv"] = published
    downloaded = load("tiny-wine", kinds={"quality": "number"}).source
    assert (place / "cache" / "datasets" / "tiny-wine" / "wine.csv").read_bytes() == published
    own = place / "data" / "tabular" / "wine.csv"
    own.parent.mkdir(parents=True)
    own.write_bytes(kept_as)
    monkeypatch.setenv("DEEPGLASS_DATA", str(place / "data"))
    found = load("tiny-wine", kinds={"quality": "number"}).source
    assert server.asked == ["wine.csv"]
    for name in ("features", "quality"):
        np.testing.assert_array_equal(found.fields[name].values, downloaded.fields[name].values)
    own.write_bytes(kept_as.replace(b"3.5", b"3.6"))
    with pytest.raises(DataError, match=r"wine\.csv: its cells differ from those of the published table"):
        load("tiny-wine")
