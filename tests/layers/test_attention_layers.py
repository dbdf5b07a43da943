"""What a user gets from layers of attention: honest masks, a quick way where nothing is hidden, and nothing kept."""

import pytest
import torch
from torch.testing import assert_close

from deepglass.errors import ShapeError
from deepglass.layers import SelfAttention, TransformerBlock
from deepglass.layers.attention import attention_heard, band, may_be_seen, nothing_is_hidden
from deepglass.layers.positions import LearnedPositions


def test_no_mask_is_made_where_nothing_is_hidden():
    assert may_be_seen(torch.ones(2, 3, dtype=torch.bool)) is None
    assert not nothing_is_hidden(torch.ones(2, 3, dtype=torch.bool, device="meta"))  # there are no numbers to read


def test_of_padding_alone_the_first_step_is_seen():
    seen = may_be_seen(torch.tensor([[True, True, False], [False, False, False]]))
    assert seen[:, 0, 0].tolist() == [[True, True, False], [True, False, False]]


def test_a_window_reaches_so_many_steps_back():
    rows = band(4, 2, torch.device("cpu"))[0, 0].int().tolist()
    assert rows == [[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]


def test_weights_are_heard_only_while_somebody_listens():
    layer, x = SelfAttention(4, 2, causal=True), torch.randn(1, 3, 4)
    with attention_heard(layer) as maps:
        heard = layer(x)
    assert_close(heard, layer(x))
    assert maps["attend"].shape == (1, 2, 3, 3) and layer.attend.heard is None


def test_heads_that_do_not_share_the_width_are_told_which_do():
    with pytest.raises(ShapeError, match=r"heads=4 do not divide width=6 of attention\. Choose one of \[1, 2, 3, 6\]"):
        SelfAttention(6, 4)


def test_positions_that_were_not_learned_are_told():
    positions = LearnedPositions(3, 4)
    positions.check(3)
    with pytest.raises(ShapeError, match="has 4 steps, and positions were learned for 3"):
        positions.check(4)


def test_in_training_a_block_drops_of_each_parts_result_and_never_of_its_bypass():
    torch.manual_seed(0)
    block, x = TransformerBlock(4, 1, 8, dropout=0.999999).train(), torch.randn(2, 3, 4)
    assert_close(block(x), x)
    assert not torch.allclose(block.eval()(x), x)
