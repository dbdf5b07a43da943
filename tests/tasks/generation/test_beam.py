import math

import pytest
import torch
from torch.testing import assert_close

from deepglass.errors import SettingError
from deepglass.tasks.generation import beam_search

A, B, C = 4, 5, 6
# A chain where the likeliest first token leads nowhere: after A nothing is likely, after B all is certain.
#   start -> A 0.6, B 0.4;  A -> A, B, C and end 0.25 each;  B -> C 1;  C -> end 1
# Greedy goes over A, at best 0.6 x 0.25 = 0.15; B C end has 0.4.
CHAIN = torch.full((7, 7), 0.0)
CHAIN[2, A], CHAIN[2, B] = 0.6, 0.4
CHAIN[A, 3] = CHAIN[A, A] = CHAIN[A, B] = CHAIN[A, C] = 0.25
CHAIN[B, C] = CHAIN[C, 3] = 1.0


def chained(token, state):
    return CHAIN[token].log(), {"seen": state["seen"] + 1}


def search(width, examples=1, step=chained, **asked):
    asked = {"longest": 6, **asked}
    return beam_search(step, {"seen": torch.zeros(examples)}, torch.full((examples,), 2), width=width, **asked)


def test_a_beam_finds_the_better_text_where_the_likeliest_token_each_time_misses_it():
    greedy, beam = search(1), search(2)
    assert greedy.tokens[0, 0] == A
    assert beam.tokens.tolist() == [[B, C, 3]]
    assert_close(beam.log_probability.exp(), torch.tensor([0.4]))
    assert greedy.log_probability.exp().item() == pytest.approx(0.15)


def table(seed, tokens=12):
    """A network whose logits depend on the last two tokens, through a state that has to follow its own beam."""
    weights = torch.randn(tokens, tokens, tokens, generator=torch.Generator().manual_seed(seed)) * 2

    def step(token, state):
        return weights[state["last"], token], {"last": token}

    return step, weights


@pytest.mark.parametrize("seed", range(5))
def test_a_beam_of_width_1_takes_the_likeliest_token_each_time(seed):
    step, weights = table(seed)
    found = beam_search(step, {"last": torch.tensor([0])}, torch.tensor([2]), longest=8, width=1)
    before, token, said = 0, 2, []
    while len(said) < 8 and 3 not in said:
        logits = weights[before, token].clone()
        logits[:3] = -math.inf
        before, token = token, int(logits.argmax())
        said.append(token)
    assert found.tokens[0, : len(said)].tolist() == said


@pytest.mark.parametrize("seed", range(3))
def test_a_beam_as_wide_as_all_texts_finds_the_very_best_of_them(seed):
    step, weights = table(seed, tokens=6)
    log_p = weights.log_softmax(dim=-1)
    best, likeliest = -math.inf, []
    for length in (1, 2, 3):  # all texts of up to 3 tokens, which end or are cut
        for index in range(3**length):
            text = [3 + (index // 3**i) % 3 for i in range(length)]
            if 3 in text[:-1] or (length < 3 and text[-1] != 3):
                continue
            pairs = zip([0, 2, *text], [2, *text], text)
            score = sum(float(log_p[a, b, c]) for a, b, c in pairs) / ((5 + length) / 6) ** 0.6
            best, likeliest = (score, text) if score > best else (best, likeliest)
    found = beam_search(step, {"last": torch.tensor([0])}, torch.tensor([2]), longest=3, width=27, length_penalty=0.6)
    assert found.tokens[0][found.tokens[0] != 0].tolist() == likeliest


def test_each_example_is_searched_as_if_it_were_alone():
    step, _ = table(7)
    first = torch.tensor([2, 4, 5, 9])
    together = beam_search(step, {"last": torch.zeros(4).long()}, first, longest=7, width=3)
    for row in range(4):
        alone = beam_search(step, {"last": torch.zeros(1).long()}, first[row : row + 1], longest=7, width=3)
        steps = alone.tokens.shape[1]
        assert torch.equal(together.tokens[row, :steps], alone.tokens[0])
        assert not together.tokens[row, steps:].any()


def test_a_text_that_does_not_end_is_cut_and_a_larger_penalty_prefers_longer_ones():
    assert search(1, longest=1).tokens.tolist() == [[A]]
    short_or_long = torch.zeros(7, 7)
    short_or_long[2, 3], short_or_long[2, A] = 0.5, 0.5
    short_or_long[A, B], short_or_long[B, 3], short_or_long[A, 3] = 0.9, 1.0, 0.1

    def step(token, state):
        return short_or_long[token].log(), state

    assert search(3, step=step).tokens.tolist() == [[3]]  # 0.5 against 0.45
    assert search(3, step=step, length_penalty=1.0).tokens.tolist() == [[A, B, 3]]


@pytest.mark.parametrize("wrong", [{"width": 0}, {"width": 2, "longest": 0}])
def test_a_beam_or_a_length_of_nothing_is_refused(wrong):
    with pytest.raises(SettingError, match="1 or more"):
        search(**wrong)
