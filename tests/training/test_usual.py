"""Usual: somebody who names no network gets one that fits the kind of data."""

import pytest

from deepglass.data import load
from deepglass.training.usual import default_network


@pytest.mark.parametrize(
    ("name", "network"),
    [
        ("iris", "mlp"),
        ("digits", "lenet5"),
        ("chirps", "conv1d"),
        ("stories", "reader"),
        ("motif", "text_cnn"),
        ("next_symbol", "lstm"),
        ("reversal", "seq2seq"),
        ("seasonal", "linear"),
        ("scenes", "captioner"),
    ],
)
def test_each_kind_of_data_has_its_network(name, network):
    assert default_network(load(name)) == network
