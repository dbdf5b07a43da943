"""Worked examples with known answers: attention, positions, and a transformer's block beside torch's own."""

import math

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from deepglass.layers import CrossAttention, DotProductAttention, SelfAttention, TransformerBlock
from deepglass.layers.additive_attention import AdditiveAttention
from deepglass.layers.positions import RotaryPositions, SinusoidalPositions


def test_attention_is_softmax_of_products_times_values():
    query = torch.tensor([[[[2.0, 0.0]]]])  # one query of width 2, and two keys: products 2 and 0, over sqrt(2)
    key = torch.tensor([[[[1.0, 0.0], [0.0, 1.0]]]])
    value = torch.tensor([[[[10.0], [20.0]]]])
    first = math.exp(2 / math.sqrt(2)) / (math.exp(2 / math.sqrt(2)) + 1)  # 0.804430
    assert first == pytest.approx(0.804430, abs=1e-6)
    layer = DotProductAttention()
    assert_close(layer.weights(query, key), torch.tensor([[[[first, 1 - first]]]]))
    assert_close(layer(query, key, value), torch.tensor([[[[10 * first + 20 * (1 - first)]]]]))


def test_without_a_scale_the_products_count_as_they_are():
    query, key = torch.tensor([[[[math.log(3.0)]]]]), torch.tensor([[[[1.0], [0.0]]]])
    assert_close(DotProductAttention(scale=1.0).weights(query, key), torch.tensor([[[[0.75, 0.25]]]]))


def test_a_causal_step_shares_itself_among_those_before_it():
    same = torch.ones(1, 1, 3, 2)
    expected = torch.tensor([[1.0, 0, 0], [1 / 2, 1 / 2, 0], [1 / 3, 1 / 3, 1 / 3]])
    assert_close(DotProductAttention().weights(same, same, causal=True)[0, 0], expected)


def test_additive_attention_by_hand():
    layer = AdditiveAttention(1, 1, 1)
    for weight, number in ((layer.query.weight, 1.0), (layer.keys_of.weight, 1.0), (layer.score.weight, 2.0)):
        nn.init.constant_(weight, number)
    nn.init.zeros_(layer.keys_of.bias)
    memory = torch.tensor([[[1.0], [-1.0]]])
    seen = layer(torch.tensor([[[0.5]]]), memory, layer.keys_of(memory))
    scores = [2 * math.tanh(1.5), 2 * math.tanh(-0.5)]  # v tanh(Wq s + Wk h)
    first = math.exp(scores[0]) / sum(map(math.exp, scores))
    assert_close(seen, torch.tensor([[[first - (1 - first)]]]))


def test_sinusoidal_positions_have_their_known_values():
    waves = SinusoidalPositions(4)(torch.zeros(1, 3, 4), torch.arange(3))[0]
    # width 4: the second pair turns by position / 10000^(2/4) = position / 100
    expected = [[math.sin(p), math.cos(p), math.sin(p / 100), math.cos(p / 100)] for p in range(3)]
    assert_close(waves, torch.tensor(expected))


def test_rotary_positions_turn_each_pair_by_its_angle():
    rotary = RotaryPositions(4)
    features = torch.tensor([[[[1.0, 0.0, 0.0, 1.0]]]])  # pairs (1, 0) and (0, 1), at position 3
    cos, sin = rotary(torch.tensor([3]))
    turned = rotary.turn(features, (cos, sin))[0, 0, 0]
    expected = [math.cos(3), -math.sin(0.03), math.sin(3), math.cos(0.03)]
    assert_close(turned, torch.tensor(expected))


def test_a_product_of_rotated_vectors_knows_the_distance_alone():
    rotary = RotaryPositions(8)
    query, key = torch.randn(2, 1, 1, 1, 8, generator=torch.Generator().manual_seed(0))

    def product(at, other):
        left = rotary.turn(query, rotary(torch.tensor([at])))
        right = rotary.turn(key, rotary(torch.tensor([other])))
        return (left * right).sum()

    assert_close(product(7, 3), product(104, 100), atol=1e-5, rtol=1e-4)
    assert abs(product(7, 3) - product(7, 4)) > 1e-3


def torch_weights(block, theirs):
    """Copy the weights of a block of ours into a layer of torch."""
    pairs = [(theirs.self_attn.out_proj, block.attention.output), (theirs.linear1, block.feedforward.hidden)]
    pairs += [(theirs.linear2, block.feedforward.output), (theirs.norm1, block.norm1)]
    attentions = [(theirs.self_attn, block.attention.project.weight, block.attention.project.bias)]
    if block.memory_attention is None:
        pairs.append((theirs.norm2, block.norm2))
    else:
        cross = block.memory_attention
        pairs += [
            (theirs.norm2, block.memory_norm),
            (theirs.norm3, block.norm2),
            (theirs.multihead_attn.out_proj, cross.output),
        ]
        joined = [torch.cat([getattr(cross.query, n), getattr(cross.project, n)]) for n in ("weight", "bias")]
        attentions.append((theirs.multihead_attn, *joined))
    with torch.no_grad():
        for their, ours in pairs:
            their.load_state_dict(ours.state_dict())
        for their, weight, bias in attentions:
            their.in_proj_weight.copy_(weight)
            their.in_proj_bias.copy_(bias)
    return theirs.eval()


@pytest.mark.parametrize("pre_norm", [True, False])
def test_a_block_is_torchs_encoder_layer(pre_norm):
    torch.manual_seed(0)
    block = TransformerBlock(12, 3, 20, pre_norm=pre_norm, activation=nn.ReLU).eval()
    theirs = nn.TransformerEncoderLayer(12, 3, 20, 0.1, "relu", batch_first=True, norm_first=pre_norm)
    assert sum(p.numel() for p in block.parameters()) == sum(p.numel() for p in theirs.parameters())
    x, there = torch.randn(2, 5, 12), torch.tensor([[True] * 5, [True] * 3 + [False] * 2])
    expected = torch_weights(block, theirs)(x, src_key_padding_mask=~there)
    found = block(x, mask=there[:, None, None])
    assert_close(found[there], expected[there], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("pre_norm", [True, False])
def test_a_causal_block_with_a_memory_is_torchs_decoder_layer(pre_norm):
    torch.manual_seed(0)
    block = TransformerBlock(12, 3, 20, pre_norm=pre_norm, activation=nn.GELU, causal=True, cross=True).eval()
    theirs = nn.TransformerDecoderLayer(12, 3, 20, 0.1, "gelu", batch_first=True, norm_first=pre_norm)
    assert sum(p.numel() for p in block.parameters()) == sum(p.numel() for p in theirs.parameters())
    x, memory = torch.randn(2, 5, 12), torch.randn(2, 4, 12)
    ahead = torch.ones(5, 5, dtype=torch.bool).triu(1)
    expected = torch_weights(block, theirs)(x, memory, tgt_mask=ahead)
    found = block(x, remembered=block.remember(memory))
    assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_the_base_model_of_the_paper_has_its_parameters():
    # A layer of width 512 and feedforward 2048: 4 (512^2 + 512) + 2 * 512 * 2048 + 2048 + 512 + 2 * 2 * 512
    assert sum(p.numel() for p in TransformerBlock(512, 8, 2048).parameters()) == 3_152_384


def test_heads_are_attentions_of_their_own():
    torch.manual_seed(0)
    layer, x = SelfAttention(8, 2), torch.randn(1, 4, 8)
    query, key, value = layer.project(x).chunk(3, dim=-1)
    parts = []
    for head in (slice(0, 4), slice(4, 8)):
        weights = (query[..., head] @ key[..., head].mT / 2).softmax(dim=-1)  # sqrt(4) = 2
        parts.append(weights @ value[..., head])
    assert_close(layer(x), layer.output(torch.cat(parts, dim=-1)))


def test_attention_over_a_memory_of_one_step_takes_all_of_it():
    torch.manual_seed(0)
    layer, memory = CrossAttention(4, 2), torch.randn(1, 1, 4)
    value = layer.project(memory)[..., 4:]
    assert_close(layer(torch.randn(1, 3, 4), layer.remember(memory)), layer.output(value).expand(1, 3, 4))
