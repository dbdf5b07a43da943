"""What models that know only numbers are given of each kind of input."""

import torch
from torch.testing import assert_close

from deepglass.data import Field
from deepglass.tasks.rows import COMMON, rows_of


def test_of_a_text_the_words_are_counted_and_codes_are_no_quantities():
    field = Field("text", "text", "input", (4,), {"tokens": ["<pad>", "<unknown>", "<start>", "<end>", "a", "b"]})
    found = rows_of(torch.tensor([[4, 5, 4, 0], [5, 1, 4, 4], [0, 0, 0, 0]]), field)
    assert found.shape == (3, COMMON)
    assert_close(found[:, :2], torch.tensor([[2 / 3**0.5, 1 / 3**0.5], [1.0, 0.5], [0.0, 0.0]]))
    assert_close(rows_of(torch.tensor([[5, 4], [0, 0]]), field)[0, :2], torch.full((2,), 0.5**0.5))
    assert found[:, 2:].sum() == 0


def test_a_series_has_as_many_numbers_in_every_batch_and_zeros_where_it_is_over():
    field = Field("sensor", "series", "input", (3, 2), {})
    batch = torch.tensor([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [torch.nan, torch.nan]]])
    assert rows_of(batch, field).tolist() == [[1, 2, 3, 4, 0, 0], [5, 6, 0, 0, 0, 0]]
