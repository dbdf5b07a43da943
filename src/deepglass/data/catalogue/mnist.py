"""MNIST and the sets made in its image: 28x28 grey pixels in four IDX files."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from deepglass.data.catalogue.entry import Content, Copy, Entry, File
from deepglass.data.readers.idx import read_idx
from deepglass.data.settings import DataSettings
from deepglass.data.source import Label, Source, categories, images
from deepglass.errors import DataError

TRAIN = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz")
TEST = ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")
EVEN = (6_000, 1_000)  # examples of each class for training and for the test, where all classes have as many
CLOTHES = ("T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
CHARACTERS = ("お", "き", "す", "つ", "な", "は", "ま", "や", "れ", "を")


def decode_idx(
    contents: Mapping[str, Content],
    settings: DataSettings,
    *,
    name: str,
    target: str,
    classes: Sequence[Label] = range(10),
    each: tuple[int, int] | None = None,
) -> Source:
    """Return pictures and their classes from the contents of four files like those of MNIST, the training ones first.

    Shapes: image (examples, 1, 28, 28) uint8, 0 (background) to 255; target (examples,).
    Args: each: how many examples a class has for training and for the test.
    Raises: DataError, when a file has another shape than its partner or than MNIST, or a class another count than `each`.
    """
    parts = []
    for (image_file, label_file), expected in zip((TRAIN, TEST), each or (None, None)):
        pixels = read_idx(contents[image_file].data, image_file)
        labels = read_idx(contents[label_file].data, label_file)
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[1:] != (28, 28):
            raise DataError(f"{image_file}: holds {pixels.dtype} {pixels.shape}, not uint8 images of 28x28.")
        if labels.shape != pixels.shape[:1]:
            raise DataError(f"{label_file}: holds {labels.shape} labels for {len(pixels)} images of {image_file}.")
        if labels.dtype != np.uint8 or (labels > 9).any():
            raise DataError(f"{label_file}: holds other labels than the digits 0 to 9.")
        counts = np.bincount(labels, minlength=10)
        if expected is not None and (counts != expected).any():
            odd = int(np.flatnonzero(counts != expected)[0])
            raise DataError(f"{label_file}: holds {counts[odd]:,} examples of class {odd} instead of {expected:,}.")
        parts.append((pixels, labels))
    (train_pixels, train_labels), (test_pixels, test_labels) = parts
    first, count = len(train_labels), len(train_labels) + len(test_labels)
    return Source(
        name=name,
        fields={
            "image": images(np.concatenate([train_pixels, test_pixels])[:, None]),
            target: categories(np.concatenate([train_labels, test_labels]), classes),
        },
        inputs=("image",),
        targets=(target,),
        splits={"train": np.arange(first), "test": np.arange(first, count)},
        notes=(f"{first:,} examples for training and {count - first:,} for the test, as published.",),
    )


decode_mnist = partial(decode_idx, name="mnist", target="digit")
decode_fashion_mnist = partial(decode_idx, name="fashion-mnist", target="class", classes=CLOTHES, each=EVEN)
decode_kmnist = partial(decode_idx, name="kmnist", target="character", classes=CHARACTERS, each=EVEN)

MNIST = Entry(
    description="70,000 handwritten digits, 28x28 grey pixels",
    licence="CC BY-SA 3.0, as commonly stated",
    source='LeCun, Cortes and Burges, "The MNIST database of handwritten digits", 1998',
    copies=(
        Copy(
            files=(
                File(TRAIN[0], 47_040_016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
                File(TRAIN[1], 60_008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
                File(TEST[0], 7_840_016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
                File(TEST[1], 10_008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
            ),
            decode=decode_mnist,
            mirrors=(
                "https://storage.googleapis.com/cvdf-datasets/mnist/",
                "https://ossci-datasets.s3.amazonaws.com/mnist/",
            ),
        ),
    ),
)

# Of these two the published checksums are those of the packed files.
FASHION_MNIST = Entry(
    description="70,000 pictures of clothes in 10 classes, 28x28 grey pixels",
    licence="MIT",
    source='Xiao, Rasul and Vollgraf, "Fashion-MNIST", arXiv:1708.07747',
    copies=(
        Copy(
            files=(
                File(TRAIN[0], 26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84", "file"),
                File(TRAIN[1], 29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845", "file"),
                File(TEST[0], 4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073", "file"),
                File(TEST[1], 5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5", "file"),
            ),
            decode=decode_fashion_mnist,
            mirrors=(
                "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
                "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            ),
        ),
    ),
)

KMNIST = Entry(
    description="70,000 handwritten Japanese characters in 10 classes, 28x28 grey pixels",
    licence="CC BY-SA 4.0",
    source='Clanuwat et al., "Deep Learning for Classical Japanese Literature", arXiv:1812.01718',
    copies=(
        Copy(
            files=(
                File(TRAIN[0], 18_165_135, "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4", "file"),
                File(TRAIN[1], 29_497, "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17", "file"),
                File(TEST[0], 3_041_136, "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5", "file"),
                File(TEST[1], 5_120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c", "file"),
            ),
            decode=decode_kmnist,
            mirrors=("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
        ),
    ),
)
