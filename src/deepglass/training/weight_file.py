"""Weight file: the tensors of a .safetensors file of anybody's, wherever it lies, also behind a link as in a cache of the hub."""

import hashlib
from pathlib import Path

from torch import Tensor

from deepglass.errors import DataError, RunError
from deepglass.runs.files import ADVICE
from deepglass.runs.weights import weights_from_bytes

ENDING = ".safetensors"
PICKLED = (".pt", ".pth", ".bin", ".ckpt")
NO_CODE = "may hold code, and is not read: write its tensors with safetensors.torch.save_file."
# How files begin that lie under this name by mistake, and what is said of each.
TORCH_SAVE = f"holds what torch.save writes, under another name. It {NO_CODE}"
BEGINNINGS = {
    b"PK\x03\x04": TORCH_SAVE,
    b"\x80\x02": TORCH_SAVE,  # formerly
    b"version https://git-lfs": "is a pointer of Git LFS in place of the weights. Fetch them: git lfs pull.",
    b"<": "is a web page in place of the weights. Download the file itself.",
}


def is_weight_file(path: Path) -> bool:
    """Whether a path names a file that may hold weights."""
    return path.suffix.lower() == ENDING and path.is_file()


def read_weight_file(path: Path) -> tuple[dict[str, Tensor], str]:
    """Return the tensors of a file that no run keeps, so that it can be had again from where it came, and its SHA-256.

    Raises: DataError, naming the file, when it cannot be read, is damaged, or holds something else.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror or error}). Check its permissions.") from None
    try:
        return weights_from_bytes(content, path), hashlib.sha256(content).hexdigest()
    except RunError as error:
        other = next((said for beginning, said in BEGINNINGS.items() if content.startswith(beginning)), None)
        if other is not None:
            raise DataError(f"{path} {other}") from None
        raise DataError(f"{str(error).removesuffix(ADVICE)} Get the file anew.") from None
