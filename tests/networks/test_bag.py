"""What a user gets from the network `bag`."""

import pytest
import torch
from torch.testing import assert_close

from deepglass.errors import SettingError, ShapeError
from deepglass.networks import build
from deepglass.networks.bag import bag

TEXTS = torch.tensor([[3, 4, 0, 0], [4, 3, 0, 0], [5, 5, 5, 5], [0, 0, 0, 0]])


def test_the_answer_is_a_linear_layer_of_the_mean_of_the_word_vectors():
    network = bag((4,), 1, vocabulary=6, embedding=2, hidden=[]).eval()
    network.embedding.weight.data = torch.tensor([[0.0, 0], [9, 9], [9, 9], [1, 2], [3, -2], [5, 1]])
    network.rest.output.weight.data, network.rest.output.bias.data = torch.tensor([[1.0, 10]]), torch.tensor([0.5])
    # means (2, 0), the same, (5, 1) and of nothing (0, 0)
    assert_close(network(TEXTS), torch.tensor([[2.5], [2.5], [15.5], [0.5]]))


def test_padding_changes_nothing_and_an_empty_text_gives_finite_numbers():
    network = bag((4,), 3, vocabulary=6).eval()
    longer = torch.cat([TEXTS, torch.zeros(4, 5, dtype=torch.int64)], dim=1)
    assert_close(network(longer), network(TEXTS))
    assert network(TEXTS[3:]).isfinite().all()
    series = torch.randn(2, 5, 3)
    padded = torch.cat([series, torch.full((2, 2, 3), torch.nan)], dim=1)
    averaging = bag((5, 3), 2).eval()
    assert_close(averaging(padded), averaging(series))


def test_word_dropout_leaves_words_out_of_the_mean_in_training_alone():
    torch.manual_seed(0)
    network = bag((4,), 1, vocabulary=6, dropout=0.0, word_dropout=0.5)
    words = torch.tensor([[3, 4, 5, 3]]).expand(50, 4)
    assert network(words).std() > 1e-3
    assert network.eval()(words).std() < 1e-6


def test_what_it_cannot_take_is_told():
    with pytest.raises(SettingError, match=r"word_dropout=1.5 is no share of the words"):
        bag((4,), 1, vocabulary=6, word_dropout=1.5)
    with pytest.raises(ShapeError, match="bag takes series"):
        build("bag", inputs=(4,), outputs=2)
