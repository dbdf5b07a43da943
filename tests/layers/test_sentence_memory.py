import torch
from torch.testing import assert_close

from deepglass.layers.sentence_memory import SentenceMemory, ages, weighted_sums

STORY = torch.tensor(
    [[5, 6, 9, 7, 9, 8, 9, 0], [5, 9, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0]]
)  # 9 ends a sentence


def test_a_sentence_ends_with_what_the_story_ends_with():
    assert ages(STORY)[0, :7].tolist() == [2, 2, 2, 1, 1, 0, 0]
    assert ages(STORY)[1, :2].tolist() == [0, 0]
    assert ages(torch.tensor([[5, 6, 7, 6, 8]]), end=6).tolist() == [[2, 2, 1, 1, 0]]


def test_position_encoding_by_hand():
    # Two words of width 2: l = (1 - j/J) - (k/d)(1 - 2j/J) for j = 1, 2 and k = 1, 2
    # j=1: 1/2 - (1/2)(0) = 1/2 and 1/2 - 1 * 0 = 1/2; j=2: 0 + 1/2 = 1/2 and 0 + 1 = 1
    vectors = torch.tensor([[[1.0, 1.0], [10.0, 10.0]]])
    sums, there = weighted_sums(vectors, torch.ones(1, 1, 2, dtype=torch.bool))
    assert_close(sums, torch.tensor([[[0.5 + 5.0, 0.5 + 10.0]]]))
    assert there.tolist() == [[True]]


def test_the_last_sentence_comes_first_and_only_so_many_are_kept():
    vectors = torch.nn.functional.one_hot(STORY, 10).float()
    memories, mask = SentenceMemory(2)(STORY, vectors)
    assert memories.shape == (3, 2, 10) and mask.tolist() == [[True, True], [True, False], [False, False]]
    assert memories[0, 0].nonzero().flatten().tolist() == [8, 9]
    assert memories[0, 1].nonzero().flatten().tolist() == [7, 9]
    assert not memories[2].any()
