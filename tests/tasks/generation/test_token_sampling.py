import math

import pytest
import torch
from torch.testing import assert_close

from deepglass.errors import SettingError
from deepglass.tasks.generation import distribution, drawn

SHARES = torch.tensor([[0.5, 0.3, 0.15, 0.05]], dtype=torch.float64)


def test_temperature_1_and_top_p_1_leave_the_distribution_of_the_network():
    logits = torch.randn(3, 7, dtype=torch.float64)
    assert_close(distribution(logits, temperature=1, top_p=1), logits.softmax(dim=1), rtol=0, atol=1e-15)
    assert_close(distribution(SHARES.log()), SHARES)


def test_top_k_keeps_the_likeliest_and_top_k_1_is_the_likeliest_token():
    assert_close(distribution(SHARES.log(), top_k=2), torch.tensor([[0.625, 0.375, 0, 0]], dtype=torch.float64))
    logits = torch.randn(50, 9)
    assert torch.equal(distribution(logits, top_k=1).argmax(1), logits.argmax(1))
    assert torch.equal(distribution(logits, top_k=1).amax(1), torch.ones(50).double())


def test_top_p_keeps_the_fewest_tokens_that_reach_the_share():
    assert_close(distribution(SHARES.log(), top_p=0.79), torch.tensor([[0.625, 0.375, 0, 0]], dtype=torch.float64))
    assert (distribution(SHARES.log(), top_p=0.81) > 0).tolist() == [[True, True, True, False]]
    assert (distribution(SHARES.log(), top_p=1e-9) > 0).tolist() == [[True, False, False, False]]


def test_the_colder_it_is_the_likelier_the_likeliest_up_to_certainty():
    sure = [float(distribution(SHARES.log(), temperature=t)[0, 0]) for t in (2.0, 1.0, 0.5, 0.1, 1e-300, 0.0)]
    assert sure == sorted(sure)
    assert sure[2] == pytest.approx(0.25 / (0.25 + 0.09 + 0.0225 + 0.0025))  # shares to the power of 1 / temperature
    assert sure[-2:] == [1.0, 1.0]


def test_tokens_are_drawn_as_often_as_their_probability_says_and_one_of_probability_0_never():
    shares = torch.tensor([[0.5, 0.0, 0.3, 0.2, 0.0]], dtype=torch.float64)
    uniform = torch.arange(1000) / 1000
    counts = torch.bincount(drawn(shares.expand(1000, 5), uniform), minlength=5)
    assert counts.tolist() == pytest.approx([500, 0, 300, 200, 0], abs=1)
    assert drawn(shares, torch.tensor([1 - 2**-24])).item() == 3


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"temperature": -1}, "no temperature"),
        ({"temperature": math.nan}, "no temperature"),
        ({"top_k": 0}, "keeps no token"),
        ({"top_p": 0}, "no share"),
        ({"top_p": 1.5}, "no share"),
    ],
)
def test_settings_that_leave_nothing_to_draw_are_refused(wrong, said):
    with pytest.raises(SettingError, match=said):
        distribution(SHARES.log(), **wrong)
