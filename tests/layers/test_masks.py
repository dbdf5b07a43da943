import torch
from torch.testing import assert_close

from deepglass.layers.masks import largest_of, last_of, lengths_of, mask_of, mean_of, reversed_of, without_nan

NAN = float("nan")
TOKENS = torch.tensor([[3, 4, 0], [0, 0, 0], [1, 2, 3]])
OUTPUTS = torch.arange(18.0).reshape(3, 3, 2)


def test_padding_is_token_0_or_a_step_that_is_nan_in_all_variables():
    assert mask_of(TOKENS).tolist() == [[True, True, False], [False] * 3, [True] * 3]
    series = torch.tensor([[[1.0, NAN], [NAN, NAN]]])
    assert mask_of(series).tolist() == [[True, False]]
    assert without_nan(series).tolist() == [[[1.0, 0.0], [0.0, 0.0]]]


def test_what_is_infinite_stays_so_as_it_is_no_padding():
    assert without_nan(torch.tensor([float("inf"), -float("inf")])).tolist() == [float("inf"), -float("inf")]


def test_a_series_is_as_long_as_its_last_step_also_behind_a_gap():
    assert lengths_of(mask_of(TOKENS)).tolist() == [2, 0, 3]
    assert lengths_of(torch.tensor([[True, False, True, False]])).tolist() == [3]


def test_the_last_step_the_mean_and_the_largest_leave_padding_out_and_are_0_of_nothing():
    mask = mask_of(TOKENS)
    assert last_of(OUTPUTS, mask).tolist() == [[2.0, 3.0], [0.0, 0.0], [16.0, 17.0]]
    assert mean_of(OUTPUTS, mask).tolist() == [[1.0, 2.0], [0.0, 0.0], [14.0, 15.0]]
    assert largest_of(-OUTPUTS, mask).tolist() == [[0.0, -1.0], [0.0, 0.0], [-12.0, -13.0]]


def test_a_batch_without_any_step_gives_zeros():
    nothing, mask = torch.zeros(2, 0, 3), mask_of(torch.zeros(2, 0, dtype=torch.int64))
    assert lengths_of(mask).tolist() == [0, 0]
    for summary in (last_of, mean_of, largest_of):
        assert_close(summary(nothing, mask), torch.zeros(2, 3))


def test_each_example_is_turned_round_by_itself_and_twice_gives_it_again():
    mask = mask_of(TOKENS)
    assert reversed_of(TOKENS, mask).tolist() == [[4, 3, 0], [0, 0, 0], [3, 2, 1]]
    assert_close(reversed_of(reversed_of(OUTPUTS, mask), mask), OUTPUTS)


def test_gradients_of_padding_alone_are_numbers():
    outputs = torch.randn(1, 2, 3, requires_grad=True)
    mask = torch.zeros(1, 2, dtype=torch.bool)
    sum(summary(outputs, mask).sum() for summary in (last_of, mean_of, largest_of)).backward()
    assert_close(outputs.grad, torch.zeros(1, 2, 3))
