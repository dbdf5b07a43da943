"""Attention: each step asks all steps at once, in several heads, and takes a weighted mean of what they hold."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from deepglass.errors import ShapeError
from deepglass.layers.positions import RotaryPositions

# Scores of a batch up to which, in bfloat16 on a processor, products one after another train faster than torch's fused kernel:
# 64 x 4 x 21 x 21 take 2 instead of 13 milliseconds there and back, 16 x 4 x 512 x 512 take 50 instead of 90.
MOST_SCORES = 1 << 24
Rotation = tuple[Tensor, Tensor]  # cos and sin, as RotaryPositions gives them


class Attends(nn.Module):
    """A layer whose weights can be heard: while somebody listens, `heard` gets (batch, heads, to, from) of each call."""

    heard: Callable[[Tensor], None] | None = None


class DotProductAttention(Attends):
    """softmax(Q K' / sqrt(width)) V: the weights are how alike a query and the keys are, and add up to 1.

    Computed by one fused kernel, which never writes the weights down; only `weights` does.
    Shapes: query (batch, heads, to, width), key and value (batch, heads, from, width), mask broadcast to (batch, heads, to,
        from), bool, True where a key may be seen; output (batch, heads, to, width).
    Args:
        causal: each step sees itself and the steps before it; such a layer takes no mask, as padding stands at the end.
        scale: what the products are multiplied by (default: 1 / sqrt(width)).
    Source: Vaswani et al., "Attention Is All You Need", arXiv:1706.03762, equation 1.
    """

    def __init__(self, *, scale: float | None = None) -> None:
        super().__init__()
        self.scale = scale

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, *, mask: Tensor | None = None, causal: bool = False
    ) -> Tensor:
        if self.heard is not None:
            self.heard(self.weights(query, key, mask=mask, causal=causal))
        if self._quicker_in_steps(query, key):
            scores = self._scores(query, key, mask, causal)
            return scores.softmax(dim=-1).to(query.dtype) @ value
        return F.scaled_dot_product_attention(query, key, value, attn_mask=mask, is_causal=causal, scale=self.scale)

    @staticmethod
    def _quicker_in_steps(query: Tensor, key: Tensor) -> bool:
        """Whether products one after another are quicker than the fused kernel, by rule."""
        if query.device.type != "cpu" or not (query.requires_grad or key.requires_grad):
            return False
        low = query.dtype == torch.bfloat16 or torch.is_autocast_enabled("cpu")
        return low and query.shape[:-1].numel() * key.shape[-2] <= MOST_SCORES

    def weights(self, query: Tensor, key: Tensor, *, mask: Tensor | None = None, causal: bool = False) -> Tensor:
        """What each step takes from each other one: (batch, heads, to, from), each row adds up to 1."""
        return self._scores(query.float(), key.float(), mask, causal).softmax(dim=-1)

    def _scores(self, query: Tensor, key: Tensor, mask: Tensor | None, causal: bool) -> Tensor:
        """How alike queries and keys are, -inf where a key may not be seen."""
        scale = query.shape[-1] ** -0.5 if self.scale is None else self.scale
        scores = query * scale @ key.mT
        if causal:
            mask = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).tril()
        return scores if mask is None else scores.masked_fill(~mask, -torch.inf)


class SelfAttention(nn.Module):
    """Queries, keys and values of one sequence, in several heads, from one fused projection.

    Shapes: input and output (batch, time, width); mask (batch or 1, 1, time or 1, time), bool.
    Args:
        heads: parts that the width is cut into, each with weights of its own over the steps; a divisor of it.
        causal: each step sees itself and the steps before it alone.
    Starts as torch.nn.MultiheadAttention when its linear layers are given Glorot's numbers.
    Raises: ShapeError, when `heads` does not divide `width`.
    Source: Vaswani et al., arXiv:1706.03762, section 3.2.2.
    """

    def __init__(self, width: int, heads: int, *, causal: bool = False) -> None:
        super().__init__()
        check_heads(width, heads)
        self.heads, self.causal = heads, causal
        self.project = nn.Linear(width, 3 * width)  # queries, keys, values
        self.attend = DotProductAttention()
        self.output = nn.Linear(width, width)

    def forward(self, x: Tensor, *, mask: Tensor | None = None, rotation: Rotation | None = None) -> Tensor:
        query, key, value = self._projected(x, rotation)
        mixed = self.attend(query, key, value, mask=mask, causal=self.causal and mask is None)
        output: Tensor = self.output(joined(mixed))
        return output

    def step(
        self, x: Tensor, past: tuple[Tensor, Tensor], *, rotation: Rotation | None = None, window: int | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Read one step more. Shapes: x (batch, 1, width); past: keys and values so far, each (batch, heads, steps, width of a
        head); returned alike, with the new step, and no more than the last `window`."""
        query, key, value = self._projected(x, rotation)
        keys, values = torch.cat([past[0], key], dim=2), torch.cat([past[1], value], dim=2)
        if window is not None:
            keys, values = keys[:, :, -window:], values[:, :, -window:]
        return self.output(joined(self.attend(query, keys, values))), (keys, values)

    def _projected(self, x: Tensor, rotation: Rotation | None) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values, each (batch, heads, time, width of a head)."""
        both, value = self.project(x).split([2 * x.shape[-1], x.shape[-1]], dim=-1)
        both = both.unflatten(-1, (2 * self.heads, -1))  # the heads of the queries, then those of the keys
        if rotation is not None:
            both = RotaryPositions.turn(both, rotation)
        query, key = both.chunk(2, dim=2)
        value = value.unflatten(-1, (self.heads, -1))
        return query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2)


class CrossAttention(nn.Module):
    """Queries of one sequence over another one, such as a translation that looks at its source.

    Shapes: input and output (batch, to, width); memory (batch, from, width), projected once by `remember` to keys and values,
        each (batch, heads, from, width of a head); mask (batch, 1, 1, from), bool.
    Raises: ShapeError, when `heads` does not divide `width`.
    Source: Vaswani et al., arXiv:1706.03762, section 3.2.3.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        check_heads(width, heads)
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.project = nn.Linear(width, 2 * width)  # keys, values
        self.attend = DotProductAttention()
        self.output = nn.Linear(width, width)

    def remember(self, memory: Tensor) -> tuple[Tensor, Tensor]:
        """The keys and the values of a memory."""
        key, value = self.project(memory).unflatten(-1, (2 * self.heads, -1)).transpose(1, 2).chunk(2, dim=1)
        return key, value

    def forward(self, x: Tensor, remembered: tuple[Tensor, Tensor], *, mask: Tensor | None = None) -> Tensor:
        query = self.query(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        output: Tensor = self.output(joined(self.attend(query, *remembered, mask=mask)))
        return output


def joined(heads: Tensor) -> Tensor:
    """The heads side by side again: (batch, heads, time, width) -> (batch, time, heads * width)."""
    return heads.transpose(1, 2).flatten(2)


def may_be_seen(mask: Tensor) -> Tensor | None:
    """The mask of keys for attention, None where nothing is hidden: the kernel is quicker without one.

    Of a sequence of padding alone the first step is seen, so that its numbers stay finite whatever its length.
    Shapes: (batch, time), bool -> (batch, 1, 1, time).
    """
    if nothing_is_hidden(mask):
        return None
    first = torch.arange(mask.shape[1], device=mask.device) == 0
    return (mask | (first & ~mask.any(dim=1, keepdim=True)))[:, None, None, :]


def nothing_is_hidden(mask: Tensor) -> bool:
    """Whether a mask is True everywhere; False also where numbers cannot be read without waiting (a GPU, vmap, compiling)."""
    if mask.device.type != "cpu" or torch.compiler.is_compiling() or torch.jit.is_tracing():
        return False
    try:
        return bool(mask.all())
    except RuntimeError:  # a tensor without numbers, or many networks at once
        return False


def band(steps: int, window: int, device: torch.device) -> Tensor:
    """A causal mask that sees the last `window` steps: (1, 1, steps, steps), bool."""
    whole = torch.ones(steps, steps, dtype=torch.bool, device=device)
    return (whole.tril() & whole.triu(1 - window))[None, None]


@contextmanager
def attention_heard(network: nn.Module) -> Iterator[dict[str, Tensor]]:
    """Collect the weights of all attention layers of what is computed inside: name -> (batch, heads, to, from).

    A layer that is called step by step gives one row a call, which are put below each other, the shorter ones filled up with 0.
    """
    calls: dict[str, list[Tensor]] = {}
    layers = {name: layer for name, layer in network.named_modules() if isinstance(layer, Attends)}
    found: dict[str, Tensor] = {}
    for name, layer in layers.items():
        layer.heard = partial(_keep, calls, name)
    try:
        yield found
    finally:
        for layer in layers.values():
            layer.heard = None
        for name, parts in calls.items():
            longest = max(part.shape[-1] for part in parts)
            found[name] = torch.cat([F.pad(part, (0, longest - part.shape[-1])) for part in parts], dim=2)


def _keep(calls: dict[str, list[Tensor]], name: str, weights: Tensor) -> None:
    calls.setdefault(name.removesuffix(".attend"), []).append(weights.detach())


def check_heads(width: int, heads: int) -> None:
    """Refuse a number of heads that does not divide the width."""
    if heads < 1 or width % heads:
        divisors = [d for d in range(1, width + 1) if width % d == 0]
        raise ShapeError(f"{heads=} do not divide {width=} of attention. Choose one of {divisors}.")
