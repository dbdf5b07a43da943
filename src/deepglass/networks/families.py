"""Families: what kinds of networks there are, by what their layers share, and which network belongs to which."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """One kind. Args: about: what its layers share, and what data that is true of; names: in NETWORKS."""

    about: str
    names: tuple[str, ...]


FAMILIES = {
    "feed-forward": Family(
        "a weight for every pair of numbers: for rows of a table, whose columns mean different things",
        ("bag", "highway", "linear", "mlp", "perceptron", "residual_mlp"),
    ),
    "convolutional": Family(
        "the same few weights at every place: for pictures, volumes and signals, where a thing may be anywhere",
        (
            *(
                "alexnet",
                "allconv",
                "conv1d",
                "conv3d",
                "convnet",
                "googlenet",
                "lenet5",
                "nin",
                "tcn",
                "text_cnn",
                "unet",
            ),
            *("resnet18", "resnet20", "resnet32", "resnet34", "resnet44", "resnet50", "resnet56"),
            *("resnet101", "resnet110", "resnet152", "vgg11", "vgg13", "vgg16", "vgg19"),
        ),
    ),
    "recurrent": Family(
        "the same weights at every step, and a state that is carried on: for texts and series of any length",
        ("captioner", "echo_state", "gru", "handwriting", "lstm", "pointer", "rnn", "seq2seq"),
    ),
    "attention": Family(
        "every step looks at every other: for texts and series with ties over any distance, and much data",
        ("reader", "transformer", "transformer_translator"),
    ),
}


def family_of(name: str) -> str:
    """Return the family of a named network.

    >>> family_of("lenet5")
    'convolutional'
    """
    return next(family for family, known in FAMILIES.items() if name in known.names)
