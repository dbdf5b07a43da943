"""Small pictures for the tests of images: drawn here, so that no test needs a download."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def pixels(seed: int = 0, height: int = 8, width: int = 8, channels: int = 3) -> np.ndarray:
    """Smooth random pixels (height, width, channels) uint8, or (height, width) for one channel."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (2, 2, channels)).astype(np.float64)
    fine = np.kron(coarse, np.ones((-(-height // 2), -(-width // 2), 1)))[:height, :width]
    array = (fine + random.uniform(0, 1, fine.shape)).clip(0, 255).astype(np.uint8)
    return array[..., 0] if channels == 1 else array


def encoded(array: np.ndarray, kind: str = "PNG", **options: Any) -> bytes:
    """The bytes of a picture file."""
    out = io.BytesIO()
    Image.fromarray(array).save(out, kind, **options)
    return out.getvalue()


def picture(seed: int = 0, kind: str = "PNG", **sizes: int) -> bytes:
    return encoded(pixels(seed, **sizes), kind)


def two_classes(each: int = 6, **sizes: int) -> dict[str, bytes]:
    """Files of two classes, cat and dog, by name."""
    return {
        f"{name}/{i:02}.png": picture(100 * k + i, **sizes)
        for k, name in enumerate(("cat", "dog"))
        for i in range(each)
    }


def in_folder(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def in_zip(path: Path, files: Mapping[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def in_tar(path: Path, files: Mapping[str, bytes]) -> Path:
    import tarfile

    with tarfile.open(path, "w:gz" if path.name.endswith("gz") else "w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path
