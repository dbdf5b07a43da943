"""What a user gets from weights of the hub: a server on this machine plays it, and the library `huggingface_hub` asks it."""

import hashlib
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
import torch
from safetensors.torch import save

from deepglass.errors import DataError
from deepglass.training.given_weights import read_weights

pytest.importorskip("huggingface_hub")
from huggingface_hub import constants, file_download

COMMIT = "0123456789abcdef0123456789abcdef01234567"
NAME, FILE = "someone/net", "model.safetensors"
CONTENT = save({"0.weight": torch.arange(600.0).reshape(20, 30)})


class Hub(BaseHTTPRequestHandler):
    """Answers as the hub does for a large file. `fault` is what goes wrong: cut (once), changed (a bit), closed, hotel."""

    protocol_version = "HTTP/1.1"
    fault = ""
    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_HEAD(self):
        self.answer(with_body=False)

    def do_GET(self):
        self.answer(with_body=True)

    def answer(self, *, with_body):
        if "/resolve/" not in self.path:  # what the library asks for itself
            self.refuse(404, "")
            return
        type(self).asked.append((self.command, self.headers.get("Range")))
        owner, name, _, revision, *path = self.path.strip("/").split("/")
        if self.fault == "closed":
            self.refuse(401, "GatedRepo", "Access to it is restricted.")
        elif self.fault == "hotel":
            self.send(200, {}, b"<html>Log in to the network of the hotel</html>")
        elif f"{owner}/{name}" != NAME:
            self.refuse(404, "RepoNotFound")
        elif revision not in ("main", COMMIT):
            self.refuse(404, "RevisionNotFound")
        elif path != [FILE]:
            self.refuse(404, "EntryNotFound")
        else:
            self.give(
                int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").rstrip("-")), with_body=with_body
            )

    def give(self, start, *, with_body):
        content = CONTENT[:-1] + b"\x01" if self.fault == "changed" else CONTENT
        checksum = f'"{hashlib.sha256(CONTENT).hexdigest()}"'
        headers = {"X-Repo-Commit": COMMIT, "ETag": checksum, "X-Linked-Etag": checksum, "X-Linked-Size": len(CONTENT)}
        self.send(206 if start else 200, headers, content[start:], with_body=with_body)

    def refuse(self, status, code, message=""):
        self.send(status, {"X-Error-Code": code, "X-Error-Message": message}, b"")

    def send(self, status, headers, body, *, with_body=True):
        self.send_response(status)
        for header, value in {**headers, "Content-Length": len(body)}.items():
            self.send_header(header, str(value))
        self.end_headers()
        if with_body and self.command == "GET" and self.fault == "cut":
            type(self).fault = ""
            self.wfile.write(body[:1000])
            self.close_connection = True
        elif with_body and self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def serving(handler):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A hub with one file, and an empty cache."""
    for name in ("DEEPGLASS_OFFLINE", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(Hub, "asked", [])
    monkeypatch.setattr(Hub, "fault", "")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 500)  # bytes
    monkeypatch.setattr(file_download.time, "sleep", lambda seconds: None)  # before it tries again
    with serving(Hub) as address:
        monkeypatch.setattr(constants, "ENDPOINT", address)
        template = address + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        yield Hub


def test_weights_are_fetched_once_though_the_cache_holds_a_link(hub, tmp_path):
    weights = read_weights(f"hub:{NAME}")
    assert torch.equal(weights.tensors["0.weight"], torch.arange(600.0).reshape(20, 30))
    checksum = hashlib.sha256(CONTENT).hexdigest()
    assert weights.facts() == {"from": f"hub:{NAME}", "sha256": checksum, "revision": COMMIT}
    read_weights(f"hub:{NAME}@{COMMIT}")
    assert [verb for verb, _ in hub.asked] == ["HEAD", "GET"]  # the commit is known, so nobody is asked
    links = [path for path in tmp_path.rglob(FILE) if path.is_symlink()]
    assert links and read_weights(links[0]).sha256 == checksum  # a path of one's own may be a link as well


def test_a_download_that_breaks_off_is_gone_on_with(hub):
    hub.fault = "cut"
    assert read_weights(f"hub:{NAME}").sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert hub.asked[-1] == ("GET", "bytes=1000-")


def test_content_that_differs_from_the_hubs_is_refused_until_it_is_removed(hub):
    hub.fault = "changed"
    with pytest.raises(
        DataError, match=r"is damaged: its SHA-256 is \w{64} instead of \w{64}\. Remove that file"
    ) as caught:
        read_weights(f"hub:{NAME}")
    hub.fault = ""
    Path(str(caught.value).split()[1]).unlink()
    assert len(read_weights(f"hub:{NAME}").tensors) == 1


@pytest.mark.parametrize(
    ("source", "fault", "says"),
    [
        ("hub:someone/nothing", "", "404 Client Error. Repository Not Found"),
        (f"hub:{NAME}@v9", "", "404 Client Error. Revision Not Found"),
        (f"hub:{NAME}:other.safetensors", "", "other.safetensors cannot be fetched: 404 Client Error. Entry Not Found"),
        (f"hub:{NAME}", "closed", "Access to it is restricted. Check the name"),
        (f"hub:{NAME}", "hotel", "does not seem to be served by a Hugging Face Hub"),
    ],
)
def test_why_something_cannot_be_fetched_is_one_line(hub, source, fault, says):
    hub.fault = fault
    with pytest.raises(DataError) as caught:
        read_weights(source)
    assert says in str(caught.value) and "\n" not in str(caught.value)
    assert str(caught.value).endswith("a file that is there already is given by its path.")


def test_offline_what_was_fetched_is_read_and_the_reason_is_said_for_what_was_not(hub, monkeypatch):
    read_weights(f"hub:{NAME}")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert read_weights(f"hub:{NAME}").revision == COMMIT
    with pytest.raises(DataError, match=r"(?i)offline mode"):
        read_weights("hub:someone/nothing")
