import pytest
import torch
from torch import nn
from torch.testing import assert_close

from deepglass.errors import SettingError, ShapeError
from deepglass.tasks.generation import Asked, generate

TOKENS = 12


class Chain(nn.Module):
    """Logits that depend on the last two tokens, for a limited number of tokens."""

    def __init__(self, seed=0, longest=1000, end=True):
        super().__init__()
        self.weights = nn.Parameter(torch.randn(TOKENS, TOKENS, TOKENS, generator=torch.Generator().manual_seed(seed)))
        with torch.no_grad():
            self.weights[..., :3] = 9.0  # what cannot be written would be the likeliest
            if not end:
                self.weights[..., 3] = -99.0
        self.longest, self.calls = longest, 0

    def begin(self, inputs, batch):
        return {"last": torch.zeros(batch).long(), "place": torch.zeros(batch).long()}

    def step(self, token, state):
        if int(state["place"].max()) >= self.longest:
            raise ShapeError("positions are over")
        self.calls += 1
        return self.weights[state["last"], token], {"last": token, "place": state["place"] + 1}


STARTS = [[4], [5, 6, 7], [8, 9]]


def test_texts_are_as_long_as_asked_for_and_hold_nothing_that_cannot_be_written():
    written = generate(Chain(end=False), STARTS, Asked(length=20))
    assert [len(w) for w in written] == [20, 20, 20]
    assert min(min(w) for w in written) > 3


def test_a_text_that_comes_to_its_end_is_shorter():
    written = generate(Chain(), STARTS, Asked(length=200))
    assert all(len(w) < 200 and 3 not in w for w in written)


def test_what_has_no_end_is_never_ended():
    assert all(len(w) == 200 for w in generate(Chain(), STARTS, Asked(length=200), ends=False))
    assert len(generate(Chain(), [[4]], Asked(length=50, beam_width=2), ends=False)[0]) == 50


def test_each_text_is_the_same_whoever_else_is_written():
    network = Chain(end=False)
    together = generate(network, STARTS, Asked(length=15, seed=4))
    first = generate(network, STARTS[:1], Asked(length=15, seed=4))
    two = generate(network, [STARTS[0], [4, 4, 4, 4, 4, 4]], Asked(length=15, seed=4))
    assert together[0] == first[0] == two[0]


def test_the_seed_decides_and_nothing_else():
    network = Chain(end=False)
    torch.manual_seed(1)
    once = generate(network, STARTS, Asked(length=15, seed=1))
    torch.manual_seed(2)
    assert generate(network, STARTS, Asked(length=15, seed=1)) == once
    assert generate(network, STARTS, Asked(length=15, seed=2)) != once


def test_the_coldest_the_one_likeliest_and_a_beam_of_one_write_the_same():
    network = Chain(end=False)
    coldest = generate(network, STARTS, Asked(length=15, temperature=0))
    assert generate(network, STARTS, Asked(length=15, top_k=1)) == coldest
    assert generate(network, STARTS, Asked(length=15, beam_width=1)) == coldest
    assert generate(network, STARTS, Asked(length=15, temperature=1e-6)) == coldest
    likeliest = 3 + int(network.weights[6, 7, 3:].argmax())
    assert coldest[1][0] == likeliest


def test_the_draws_follow_the_distribution_of_the_network():
    network = Chain(end=False)
    written = generate(network, [[4]] * 3000, Asked(length=1))
    counts = torch.bincount(torch.tensor(written)[:, 0], minlength=TOKENS) / 3000
    logits = network.weights[0, 4].detach().clone()
    logits[:3] = -torch.inf
    assert_close(counts, logits.softmax(0), atol=0.03, rtol=0)


def test_where_the_places_are_over_it_goes_on_from_the_later_half():
    network = Chain(longest=8, end=False)
    written = generate(network, [[4, 5, 6]], Asked(length=30, temperature=0))
    assert len(written[0]) == 30
    # The chain looks two tokens back, which the later half holds, so nothing is lost.
    assert written == generate(Chain(end=False), [[4, 5, 6]], Asked(length=30, temperature=0))


def test_a_network_that_refuses_the_first_token_says_why():
    with pytest.raises(ShapeError, match="positions are over"):
        generate(Chain(longest=0), [[4]], Asked(length=3))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"length": 0}, "length=0 writes nothing"),
        ({"beam_width": 0}, "beam_width=0 follows nothing"),
        ({"beam_width": 2, "temperature": 0.5}, "draws nothing"),
        ({"top_k": 0}, "keeps no token"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong, said):
    with pytest.raises(SettingError, match=said):
        Asked(**wrong)
