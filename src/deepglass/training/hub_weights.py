"""Hub weights: a file of weights on the Hugging Face hub, fetched once and kept by the library `huggingface_hub`."""

import os
import re
from pathlib import Path

from deepglass.errors import DataError
from deepglass.runs.files import sha256

MARK = "hub:"
FORM = re.compile(
    r"(?P<name>\w[\w.-]*/\w[\w.-]*)(:(?P<file>[\w./-]+\.safetensors))?(@(?P<revision>[\w./-]+))?", re.ASCII
)
FILE = "model.safetensors"  # what the library that uploads models calls it
COMMIT = re.compile(r"[0-9a-f]{40}")
SHA256 = re.compile(r"[0-9a-f]{64}")  # what the hub calls large files, and its cache the file that a link leads to
SHOWN = 300  # letters of what the library says


def fetch_weights(source: str) -> tuple[Path, str | None]:
    """Return the file of hub:owner/name, hub:owner/name:file.safetensors or hub:owner/name@revision, and its commit.

    Nothing but the weights is read: no code, no pickle. The library compares the size of what it fetched alone, so the checksum is
    compared here, also of what was fetched before.
    Raises: DataError, when the extra is not installed, there is no such file, it cannot be fetched, or differs from the hub's.

    >>> fetch_weights("hub:timm/resnet18.a1_in1k")
    """
    parts = FORM.fullmatch(source.removeprefix(MARK))
    if not parts:
        raise DataError(
            f"{source!r} is no name of weights on the hub. Write hub:owner/name, with :file.safetensors and @revision where "
            "they are needed."
        )
    try:
        from huggingface_hub import constants, hf_hub_download
    except ImportError:
        raise DataError(
            f"{source}: weights of the hub need the library huggingface_hub, which is not installed. "
            'Install it: pip install "deepglass[hub]".'
        ) from None
    forbidden = os.environ.get("DEEPGLASS_OFFLINE", "").lower() not in ("", "0", "false", "no")
    if forbidden and not constants.HF_HUB_OFFLINE:
        raise DataError(
            f"{source}: downloading is switched off by DEEPGLASS_OFFLINE. Set HF_HUB_OFFLINE=1, too, to read what was fetched "
            "before; or allow it without DEEPGLASS_OFFLINE."
        )
    file = parts["file"] or FILE
    try:
        path = Path(hf_hub_download(parts["name"], file, revision=parts["revision"]))
    except Exception as error:  # of the network, the hub or the name: all mean that it is not to be had
        raise DataError(
            f"{source}: {file} cannot be fetched: {_said(error)}. Check the name, and whether the hub can be reached; a file that "
            "is there already is given by its path."
        ) from None
    _check_content(source, path)
    commit = next((part for part in reversed(path.parts) if COMMIT.fullmatch(part)), parts["revision"])
    return path, commit


def _check_content(source: str, path: Path) -> None:
    kept = path.resolve()
    if SHA256.fullmatch(kept.name) and (found := sha256(kept)) != kept.name:
        raise DataError(
            f"{source}: {kept} is damaged: its SHA-256 is {found} instead of {kept.name}. Remove that file, and it is fetched anew."
        )


def _said(error: BaseException) -> str:
    """What the library says; where it says only that it has no copy either, why it asked for one."""
    cause = error.__cause__ if type(error).__name__ == "LocalEntryNotFoundError" else None
    text = " ".join(str(cause or error).split()).rstrip(".") or type(error).__name__
    return text if len(text) <= SHOWN else f"{text[:SHOWN].rpartition(' ')[0]} ..."
