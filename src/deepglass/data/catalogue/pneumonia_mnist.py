"""PneumoniaMNIST: chest X-rays of children, healthy or with pneumonia."""

import hashlib
from collections.abc import Mapping

import numpy as np

from deepglass.data.catalogue.entry import Content, Copy, Entry, File
from deepglass.data.readers.npz import read_npz
from deepglass.data.settings import DataSettings
from deepglass.data.source import Source, categories, images
from deepglass.errors import DataError

FILE = "pneumoniamnist.npz"
PUBLISHED = "e1792d3f03751cb101e99f19a63b3c1941436c988665f47853417b05be250cd8"  # of the file
# `digest` of a copy put together from two incomplete ones
REBUILT = "04ccd9b7363af74dc771d7946b41bbbfe33d1fc72b804616637e99457b4249c4"
PARTS = {"train": "train", "validation": "val", "test": "test"}
COUNTS = {"train": (1_214, 3_494), "validation": (135, 389), "test": (234, 390)}  # healthy, pneumonia


def decode_pneumonia_mnist(
    contents: Mapping[str, Content],
    settings: DataSettings,
    counts: Mapping[str, tuple[int, int]] = COUNTS,
    published: str = PUBLISHED,
    rebuilt: str = REBUILT,
) -> Source:
    """Return the X-rays of the three published splits.

    Shapes: image (examples, 1, 28, 28) uint8; class (examples,).
    Raises: DataError, when an array is absent or of another shape, or the content is neither as published nor as rebuilt.
    """
    content = contents[FILE]
    arrays = read_npz(content.path, content.data)
    pixels, labels, splits, start = [], [], {}, 0
    for split, short in PARTS.items():
        image, label = _part(content, arrays, short, counts[split])
        pixels.append(image)
        labels.append(label)
        splits[split] = np.arange(start, start + len(label))
        start += len(label)
    note = "as published"
    if hashlib.sha256(content.data).hexdigest() != published:
        found = digest(arrays)
        if found != rebuilt:
            raise DataError(
                f"{content.path}: is not the published file, nor do its arrays hold what is known of it (their SHA-256 is "
                f"{found} instead of {rebuilt}). Get the file anew."
            )
        note = "a copy put together anew: the pictures of each published split, in another order"
    return Source(
        name="pneumonia-mnist",
        fields={
            "image": images(np.concatenate(pixels)[:, None]),
            "class": categories(np.concatenate(labels), ("normal", "pneumonia")),
        },
        inputs=("image",),
        targets=("class",),
        splits=splits,
        notes=(note,),
    )


def digest(arrays: Mapping[str, np.ndarray]) -> str:
    """Return the SHA-256 of the arrays of all splits, in a fixed order."""
    whole = hashlib.sha256()
    for short in PARTS.values():
        whole.update(np.ascontiguousarray(arrays[f"{short}_images"]).tobytes())
        whole.update(arrays[f"{short}_labels"].astype(np.uint8).tobytes())
    return whole.hexdigest()


def _part(
    content: Content, arrays: Mapping[str, np.ndarray], short: str, counts: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    for name in (f"{short}_images", f"{short}_labels"):
        if name not in arrays:
            raise DataError(f"{content.path}: has no array {name!r} (it has {', '.join(arrays)}). Get the file anew.")
    image, label = arrays[f"{short}_images"], arrays[f"{short}_labels"].ravel()
    if image.dtype != np.uint8 or image.shape != (sum(counts), 28, 28) or label.shape != (sum(counts),):
        raise DataError(
            f"{content.path}: {short} holds {image.dtype} {image.shape} pictures with {label.shape} labels, not "
            f"{sum(counts):,} of 28x28. Get the file anew."
        )
    found = tuple(int((label == c).sum()) for c in (0, 1))
    if found != counts:
        raise DataError(
            f"{content.path}: {short} holds {found[0]:,} healthy and {found[1]:,} ill instead of {counts[0]:,} and "
            f"{counts[1]:,}. Get the file anew."
        )
    return image, label


PNEUMONIA_MNIST = Entry(
    description="5,856 chest X-rays of children, 28x28 grey pixels, with pneumonia or not",
    licence="CC BY 4.0",
    source='Yang et al., "MedMNIST v2", Scientific Data, 2023; pictures of Kermany et al., Cell, 2018',
    copies=(
        Copy(
            files=(File(FILE, 4_170_669, PUBLISHED, "decoded", also=(f"medical/{FILE}",)),),
            decode=decode_pneumonia_mnist,
            mirrors=("https://zenodo.org/records/10519652/files/",),
        ),
    ),
)
