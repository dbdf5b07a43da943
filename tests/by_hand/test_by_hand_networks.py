"""Whole networks of Deepglass on tiny sizes, and every layer of its catalogue, by hand: each number is as autograd has it."""

import pytest
import torch
from beside_autograd import F64, beside, drawn, squares
from torch import nn
from torch.nn import functional as F

import deepglass as dg
from deepglass.errors import SettingError
from deepglass.layers import LAYERS
from deepglass.networks import NETWORKS

TOKENS = 6
# Name -> shape, options, and how many tokens a text has; every network of these is calculated whole.
WHOLE = {
    "bag": ((3,), {"vocabulary": TOKENS, "embedding": 2}),
    "conv1d": ((1, 6), {"filters": [2]}),
    "conv3d": ((1, 3, 3, 3), {"filters": [1]}),
    "convnet": ((1, 4, 4), {"filters": [2]}),
    "echo_state": ((2, 2), {"units": 2}),
    "gru": ((2, 2), {"units": 2, "bidirectional": True, "summary": "mean"}),
    "highway": ((2,), {"width": 2, "depth": 1}),
    "linear": ((2,), {}),
    "lstm": ((2, 2), {"units": 2, "layers": 2, "bidirectional": True}),
    "mlp": ((2,), {"hidden": [2], "activation": "prelu"}),
    "perceptron": ((2,), {}),
    "residual_mlp": ((2,), {"width": 2, "blocks": 1}),
    "rnn": ((3, 2), {"units": 2, "skip": 2}),
    "tcn": ((2, 2), {"filters": 2, "levels": 1}),
    "text_cnn": ((3,), {"vocabulary": TOKENS, "embedding": 2, "filters": 1, "kernels": [2]}),
    "transformer": ((2,), {"vocabulary": TOKENS, "width": 4, "heads": 2, "layers": 1, "feedforward": 2, "summary": "cls"}),
}  # fmt: skip
WRITERS = {
    "seq2seq": [
        {"attention": "dot", "cell": "lstm"},
        {"attention": "additive"},
        {"attention": None, "context": "each"},
    ],
    "transformer_translator": [{"tied": True, "heads": 1, "layers": 1, "feedforward": 2}],
}
# Sized by their papers: too many products for paper, or so many that a test of them takes minutes. Their blocks are below.
TOO_LARGE = {
    "alexnet",
    "allconv",
    "googlenet",
    "lenet5",
    "nin",
    "unet",
    *(n for n in NETWORKS if n.startswith(("resnet", "vgg"))),
}
OF_ANOTHER_FORM = {
    "captioner",
    "handwriting",
    "pointer",
    "reader",
}  # below, but for those whose tasks have no loss by hand


def test_every_network_is_tried():
    assert set(WHOLE) | set(WRITERS) | TOO_LARGE | OF_ANOTHER_FORM == set(NETWORKS)


@pytest.mark.parametrize("name", WHOLE)
def test_a_network_of_ours_is_calculated_whole(name):
    shape, options = WHOLE[name]
    network, x, random = drawn(dg.build(name, inputs=shape, outputs=2, **options), shape, 1, 0)
    x = torch.randint(1, TOKENS, (1, *shape), generator=random) if "vocabulary" in options else x
    beside(network, x, torch.tensor([1]), F.cross_entropy)


@pytest.mark.parametrize(("name", "options"), [(name, options) for name, each in WRITERS.items() for options in each])
def test_an_encoder_and_its_decoder_are_calculated_whole(name, options):
    small = {"width": 2, **({"embedding": 2} if name == "seq2seq" else {})}
    made = dg.build(name, inputs=(2,), outputs=4, vocabulary=TOKENS, **small, **options)
    network, _, random = drawn(made, (2,), 1, 0)
    inputs = {"source": torch.tensor([[3, 5]]), "previous": torch.tensor([[2, 3]])}
    exact = 1e-6 if options.get("attention") == "additive" else 1e-9  # that one shares out in float32
    beside(network, inputs, torch.randn(1, 2, 4, generator=random, dtype=F64), squares, exact=exact)


@pytest.mark.parametrize("options", [{"time_constants": [1.0, 4.0]}, {"every": [1, 2]}, {"recurrence": "output"}])
def test_recurrent_layers_of_ours_are_calculated_from_their_arithmetic(options):
    network, x, _ = drawn(dg.build("rnn", inputs=(3, 2), outputs=2, units=2, **options), (3, 2), 1, 0)
    beside(network, x, torch.tensor([1]), F.cross_entropy)


# Layer -> (arguments, keywords, shape of an example); those without numbers of their own follow a flatten.
TINY = {
    "BasicBlock": ((1, 1), {}, (1, 2, 2)),
    "Bottleneck": ((1, 1), {}, (1, 2, 2)),
    "CausalConv1d": ((2, 2, 2), {"dilation": 2}, (2, 4)),
    "ConvBlock": ((1, 1, 2), {"batch_norm": True}, (1, 2, 2)),
    "GlobalAveragePool": ((), {}, (2, 2, 2)),
    "GlobalMaxPool": ((), {}, (2, 2, 2)),
    "Highway": ((2,), {}, (2,)),
    "Inception": ((1, 1, [1, 1], [1, 1], 1), {}, (1, 2, 2)),
    "LocallyConnected1d": (((1, 4), 2, 2), {}, (1, 4)),
    "LocallyConnected2d": (((1, 3, 2), 1, 2), {}, (1, 3, 2)),
    "LocallyConnected3d": (((1, 2, 2, 3), 1, 2), {}, (1, 2, 2, 3)),
    "Maxout": ((2,), {}, (4,)),
    "PaddedConv1d": ((1, 2, 3), {"padding_mode": "circular"}, (1, 4)),
    "PaddedConv2d": ((1, 1, 3), {"padding_mode": "reflect"}, (1, 3, 3)),
    "PaddedConv3d": ((1, 1, 2), {"padding": 1, "padding_mode": "constant", "value": 0.5}, (1, 2, 1, 2)),
    "PaddedShortcut": ((1, 2), {}, (1, 2, 2)),
    "PartialConv2d": ((2, [(0,), (0, 1)], 2), {}, (2, 3, 2)),
    "ResidualDense": ((2,), {}, (2,)),
    "ResponseNorm": ((3,), {"groups": 2, "alpha": 0.1}, (4, 2)),
    "RotatedConv2d": ((1, 1, 2), {}, (1, 3, 3)),
    "ScaledTanh": ((), {}, (3,)),
    "SelfAttention": ((4, 2), {}, (2, 4)),
    "StandardizeExample": ((), {}, (1, 2, 3)),
    "Subsampling": ((1,), {}, (1, 2, 2)),
    "TiledConv1d": ((1, 1, 2), {"tiles": 2}, (1, 5)),
    "TiledConv2d": ((1, 1, 2), {"tiles": 2}, (1, 3, 3)),
    "TiledConv3d": ((1, 1, 2), {"tiles": 2}, (1, 3, 3, 2)),
    "TimeFirst": ((), {}, (2, 3)),
    "TransformerBlock": ((2, 1, 2), {}, (2, 2)),
}
REFUSED = {"Decibels", "MelSpectrogram", "Scalogram", "Spectrogram"}  # a signal has too many numbers for paper
NOTHING = {"DrawnOnly", "SpecAugment"}  # marks padding; does nothing in evaluation


def test_every_layer_is_tried():
    assert set(TINY) | REFUSED | NOTHING == set(LAYERS)


@pytest.mark.parametrize("name", TINY)
def test_a_layer_of_ours_is_calculated(name):
    arguments, options, shape = TINY[name]
    network, x, random = drawn(LAYERS[name](*arguments, **options), shape, 1, 1)
    y = torch.randn(network(x).shape, generator=random, dtype=F64)
    beside(network, x, y, squares)


def test_a_spectrogram_is_refused_with_what_it_does():
    network = nn.Sequential(LAYERS["Spectrogram"](100.0), nn.Flatten(), nn.LazyLinear(2))
    network(torch.zeros(1, 1, 64))
    with pytest.raises(
        SettingError, match=r"forward of 0 \(Spectrogram\) does something that is not .*fft_rfft. Write"
    ):
        dg.byhand(network.double(), torch.ones(1, 64))


def of_steps(output, y):
    return F.cross_entropy(output.flatten(0, 1), y.flatten())


@pytest.mark.parametrize("name", ["lstm", "transformer"])
def test_a_language_model_is_calculated_up_to_the_loss_of_each_next_token(name):
    small = {"units": 2, "embedding": 2} if name == "lstm" else {"width": 2, "heads": 1, "layers": 1, "feedforward": 2}
    made = dg.build(name, inputs=(3,), outputs=TOKENS, vocabulary=TOKENS, every_step=True, **small)
    network, _, _ = drawn(made, (3,), 1, 0)
    table = beside(network, torch.tensor([[3, 5, 4]]), torch.tensor([[5, 4, 1]]), of_steps)
    assert table.row("L").formula() == "(L[0] + L[1] + L[2]) / 3"


def test_a_pointer_and_a_reader_are_calculated():
    made = dg.build("pointer", inputs=(3, 2), outputs=3, width=2, embedding=2)
    network, x, _ = drawn(made, (3, 2), 1, 0)
    inputs = {"source": x, "previous": torch.tensor([[0, 2]])}
    beside(network, inputs, torch.tensor([[1, 2]]), of_steps, exact=1e-6)  # it shares out in float32
    vocabularies = {"story": TOKENS, "question": TOKENS}
    shapes = {"story": (4,), "question": (2,)}
    made = dg.build(
        "reader", inputs=shapes, outputs=2, vocabularies=vocabularies, width=2, hops=2, sentences=2, sentence_end=3
    )
    network, _, _ = drawn(made, (4,), 1, 0)
    inputs = {"story": torch.tensor([[4, 3, 5, 3]]), "question": torch.tensor([[4, 5]])}
    beside(network, inputs, torch.tensor([1]), F.cross_entropy)


def test_a_captioner_and_a_handwriting_network_are_calculated():
    network, image, random = drawn(
        dg.build("captioner", inputs=(1, 4, 4), outputs=4, filters=[1], width=2, embedding=2), (1, 4, 4), 1, 0
    )
    inputs = {"image": image, "previous": torch.tensor([[2]])}
    beside(network, inputs, torch.randn(1, 1, 4, generator=random, dtype=F64), squares, exact=1e-6)
    network, strokes, random = drawn(
        dg.build("handwriting", inputs=(2, 5), outputs=1, hidden=[2], mixtures=1), (2, 5), 1, 0
    )
    beside(network, strokes, torch.randn(1, 3, 9, generator=random, dtype=F64), squares)
