"""A loss that was taken for an activation, and the other way round, is told apart before anything is trained."""

import pytest

import deepglass as dg
from deepglass.errors import UnknownName
from deepglass.networks.parts import LOSSES as TAKEN
from deepglass.tasks.losses import LOSSES, find_loss


def test_an_activation_is_no_loss():
    with pytest.raises(
        UnknownName, match=r"'softmax' is an activation.* network\.output_activation=softmax .* cross_entropy"
    ):
        dg.train("linear", "iris", loss="softmax", epochs=1, progress=False)


@pytest.mark.parametrize("option", ["activation", "output_activation"])
def test_a_loss_is_no_activation(option):
    with pytest.raises(
        UnknownName, match=r"'mse' is a loss.* Set task\.loss=mse, and name an activation here: .* relu"
    ):
        dg.build("mlp", inputs=(4,), outputs=2, **{option: "mse"})


def test_the_losses_that_are_told_apart_are_losses():
    assert set(TAKEN) <= set(LOSSES) and all(find_loss(name) is LOSSES[name] for name in TAKEN)


def test_a_misspelt_loss_gets_the_closest():
    with pytest.raises(UnknownName, match=r"There is no loss 'hubert'\. Did you mean 'huber'"):
        find_loss("hubert")
