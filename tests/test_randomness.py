import subprocess
import sys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from deepglass.randomness import Noise, derive, generator, seed_dropout, seeded

IDS = torch.arange(20_000)


def test_a_derived_seed_is_the_same_everywhere():
    assert derive(7, "order", 1) == 1_075_338_384_898_883_166
    code = "from deepglass.randomness import derive; print(derive(7, 'order', 1))"
    assert int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout) == derive(
        7, "order", 1
    )


@given(st.integers(0, 2**40), st.text(max_size=8), st.lists(st.integers(0, 2**40), max_size=4))
def test_a_derived_seed_is_one_that_torch_takes(seed, purpose, parts):
    assert 0 <= derive(seed, purpose, *parts) < 2**63


def test_seed_purpose_and_every_part_count():
    seeds = [derive(s, p, a, b) for s in (0, 1) for p in ("order", "noise") for a in range(20) for b in range(20)]
    assert len(set(seeds)) == len(seeds) == 1600
    assert derive(0, "a", 1) != derive(0, "a", 1, 0)


def test_generators_and_seeded_blocks_leave_the_callers_random_state_alone():
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    torch.rand(5, generator=generator(0, "order", 1))
    with seeded(0, "weights"):
        first = torch.rand(2)
    assert torch.equal(torch.rand(2), expected)
    with seeded(0, "weights"):
        assert torch.equal(torch.rand(2), first)


def test_dropout_is_a_function_of_step_player_and_rank():
    def dropped(*parts):
        seed_dropout(0, *parts)
        return torch.nn.functional.dropout(torch.ones(50))

    assert torch.equal(dropped(3, 1, 0), dropped(3, 1, 0))
    assert not torch.equal(dropped(3, 1, 0), dropped(4, 1, 0))
    assert not torch.equal(dropped(3, 1, 0), dropped(3, 2, 0))
    assert not torch.equal(dropped(3, 1, 0), dropped(3, 1, 1))


def test_the_noise_of_an_example_depends_on_nobody_else():
    together, alone = Noise(0, 1, torch.tensor([5, 9, 2])), Noise(0, 1, torch.tensor([9]))
    assert torch.equal(together.normal("z", 3, 2)[1:2], alone.normal("z", 3, 2))


@pytest.mark.parametrize("other", [Noise(1, 1, IDS), Noise(0, 2, IDS), Noise(0, 1, IDS + 1), Noise(0, 1, IDS, "other")])
def test_another_seed_epoch_sample_or_purpose_gives_other_numbers(other):
    one, two = Noise(0, 1, IDS).uniform("u"), other.uniform("u")
    assert abs(torch.corrcoef(torch.stack([one, two]))[0, 1]) < 0.03
    assert (one != two).float().mean() > 0.999


def test_two_names_are_independent():
    noise = Noise(0, 1, IDS)
    assert abs(torch.corrcoef(torch.stack([noise.normal("a"), noise.normal("b")]))[0, 1]) < 0.03


def test_the_numbers_are_spread_as_they_should_be():
    noise = Noise(0, 1, IDS)
    uniform, normal, whole = noise.uniform("u", 4), noise.normal("n", 4), noise.integers("i", -2, 3, 4)
    assert uniform.min() >= 0 and uniform.max() < 1
    assert abs(uniform.mean() - 0.5) < 0.005 and abs(uniform.var() - 1 / 12) < 0.001
    assert abs(normal.mean()) < 0.02 and abs(normal.var() - 1) < 0.02
    assert abs((normal**4).mean() - 3) < 0.15  # the kurtosis of a normal distribution
    shares = torch.bincount(whole.flatten() + 2) / whole.numel()
    assert whole.unique().tolist() == [-2, -1, 0, 1, 2]
    assert (shares - 0.2).abs().max() < 0.01
    assert abs(torch.corrcoef(uniform.T).fill_diagonal_(0)).max() < 0.03
