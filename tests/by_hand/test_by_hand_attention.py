"""Attention by hand with steps that are hidden or turned, as autograd has it."""

import math

import pytest
import torch
from beside_autograd import F64, beside, drawn, squares
from torch import nn

import deepglass as dg
from deepglass.errors import SettingError
from deepglass.layers.attention import CrossAttention, SelfAttention
from deepglass.layers.positions import RotaryPositions
from deepglass.layers.transformer_block import TransformerBlock


class Masked(nn.Module):
    """torch's attention with a mask, as it comes with the call."""

    def __init__(self, **masks):
        super().__init__()
        self.attend, self.masks = nn.MultiheadAttention(4, 2, batch_first=True), masks

    def forward(self, x):
        return self.attend(x, x, x, need_weights=False, **self.masks)[0]


HIDDEN = torch.tensor([[False, True, False], [False, False, True], [True, False, False]])
MASKS = {
    "single steps": {"attn_mask": HIDDEN},
    "by -inf": {"attn_mask": torch.zeros(3, 3, dtype=F64).masked_fill(HIDDEN, -math.inf)},
    "padding": {"key_padding_mask": torch.tensor([[False, False, True]])},
    "both": {"attn_mask": HIDDEN, "key_padding_mask": torch.tensor([[False, False, True]])},
    "of each head": {"attn_mask": torch.stack([HIDDEN, HIDDEN.T])},
}


@pytest.mark.parametrize("name", MASKS)
def test_a_step_that_is_hidden_takes_no_part(name):
    network, x, random = drawn(Masked(**MASKS[name]), (3, 4), 1, 0)
    table = beside(network, x, torch.randn(1, 3, 4, generator=random, dtype=F64), squares)
    if name == "padding":
        seen = [row.quantity for row in table.rows if row.quantity.startswith("alpha1[0,0,")]
        assert seen == ["alpha1[0,0,0]", "alpha1[0,0,1]"]  # and not the third step, which is padding


def test_a_mask_that_weighs_steps_is_refused():
    with pytest.raises(SettingError, match="attend is called with an attn_mask that weighs"):
        dg.byhand(Masked(attn_mask=torch.full((3, 3), 0.5, dtype=F64)).double(), torch.ones(3, 4))


class Turning(nn.Module):
    """Self-attention with rotary positions and padding, as inside of a transformer."""

    def __init__(self):
        super().__init__()
        self.rotary, self.attend = RotaryPositions(2), SelfAttention(4, 2)

    def forward(self, x):
        mask = torch.tensor([True, True, False])[None, None, None]
        return self.attend(x, mask=mask, rotation=self.rotary(torch.arange(3)))


def test_rotary_positions_turn_queries_and_keys():
    network, x, random = drawn(Turning(), (3, 4), 2, 0)
    table = beside(network, x, torch.randn(2, 3, 4, generator=random, dtype=F64), squares)
    # Step 1 of the one pair of a head is turned by 1 radian: a·cos 1 - b·sin 1.
    a, b = (table.row(f"q1[0;0,1,{i}]").value for i in (0, 1))
    assert table.row("rq1[0;0,1,0]").value == pytest.approx(a * math.cos(1) - b * math.sin(1))
    assert table.row("rq1[0;0,0,0]").value == table.row("q1[0;0,0,0]").value  # step 0 is not turned


class Looking(nn.Module):
    """A decoder that looks at a memory."""

    def __init__(self):
        super().__init__()
        self.attend = CrossAttention(4, 2)

    def forward(self, x, memory):
        return self.attend(x, self.attend.remember(memory), mask=torch.tensor([True, False, True])[None, None, None])


def test_attention_to_a_memory_is_calculated():
    network, x, random = drawn(Looking(), (2, 4), 1, 0)
    inputs = {"x": x, "memory": torch.randn(1, 3, 4, generator=random, dtype=F64)}
    beside(network, inputs, torch.randn(1, 2, 4, generator=random, dtype=F64), squares)


@pytest.mark.parametrize("options", [{"pre_norm": True, "causal": True}, {"pre_norm": False}])
def test_a_block_of_ours_is_calculated(options):
    network, x, random = drawn(TransformerBlock(4, 2, 3, **options), (2, 4), 1, 0)
    beside(network, x, torch.randn(1, 2, 4, generator=random, dtype=F64), squares)


def test_the_encoder_layer_of_torch_is_calculated():
    network, x, random = drawn(nn.TransformerEncoderLayer(4, 2, 3, batch_first=True), (2, 4), 1, 0)
    beside(network, x, torch.randn(1, 2, 4, generator=random, dtype=F64), squares)
