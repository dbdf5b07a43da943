"""Generate: texts that go on from a beginning, token by token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from deepglass.errors import SettingError, ShapeError
from deepglass.randomness import generator
from deepglass.tasks.generation.beam import State, beam_search
from deepglass.tasks.generation.sampling import check_sampling, distribution, drawn

NEVER, END = (0, 1, 2), 3  # codes of padding, unknown and start, which cannot be written; and of the end


@dataclass(frozen=True)
class Asked:
    """How texts are written.

    Args:
        length: tokens at most; a text that comes to its end is shorter.
        temperature, top_k, top_p: as in `distribution`.
        beam_width: seek the likeliest text along so many beginnings, and draw nothing; None: draw.
        length_penalty: as in `beam_search`.
        seed: the same seed writes the same text.
    Raises: SettingError.
    """

    length: int = 200
    temperature: float = 1.0
    top_k: int | None = None
    top_p: float = 1.0
    beam_width: int | None = None
    length_penalty: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.length < 1:
            raise SettingError(
                f"length={self.length} writes nothing. Give the tokens that are to be written, 1 or more."
            )
        check_sampling(self.temperature, self.top_k, self.top_p)
        if self.beam_width is not None and self.beam_width < 1:
            raise SettingError(
                f"beam_width={self.beam_width} follows nothing. Give 1 or more, or leave it out to draw."
            )
        drawing = self.temperature != 1 or self.top_k is not None or self.top_p < 1
        if self.beam_width is not None and drawing:
            raise SettingError(
                "A beam seeks the likeliest text and draws nothing: leave out temperature, top_k and top_p, or beam_width."
            )


@torch.no_grad()
def generate(
    network: nn.Module, starts: Sequence[Sequence[int]], asked: Asked, *, ends: bool = True
) -> list[list[int]]:
    """Go on from each start, and return what was written after it, as codes.

    Each text is the same whoever else is in the batch. A network that has learned a place for so many tokens only, and no more,
    goes on from the later half of what stands there, as if that were the beginning.

    Args:
        network: one with `begin` and `step`, in evaluation mode.
        starts: codes, at least one each.
        ends: whether a text may come to its end.
    """
    device = next((p.device for p in network.parameters()), torch.device("cpu"))
    never = NEVER if ends else (*NEVER, END)
    if asked.beam_width is not None:
        return [_sought(network, start, asked, device, never) for start in starts]
    begun = [len(start) for start in starts]
    random = torch.stack(
        [torch.rand(asked.length, generator=generator(asked.seed, "generate", row)) for row in range(len(starts))]
    )
    texts = torch.zeros(len(starts), max(begun) + asked.length, dtype=torch.int64, device=device)
    for row, start in enumerate(starts):
        texts[row, : len(start)] = torch.tensor(start, device=device)
    first = torch.tensor(begun, device=device)
    over = torch.zeros(len(starts), dtype=torch.bool, device=device)
    reading = _Reading(network, len(starts))
    for place in range(texts.shape[1] - 1):
        logits = reading.next(texts[:, : place + 1])
        own = place + 1 - first  # which of its tokens each text writes here; below 0 its start goes on
        writes = (own >= 0) & (own < asked.length) & ~over
        if bool(writes.any()):
            logits = logits.float()
            logits[:, list(never)] = -torch.inf
            shares = distribution(logits, temperature=asked.temperature, top_k=asked.top_k, top_p=asked.top_p)
            chosen = drawn(shares, random.gather(1, own.clamp(0, asked.length - 1).cpu()[:, None])[:, 0].to(device))
            texts[:, place + 1] = torch.where(writes, chosen, texts[:, place + 1])
            over |= writes & (chosen == END)
        elif bool((over | (own >= asked.length)).all()):
            break
    return [_until_end(row[n : n + asked.length]) for row, n in zip(texts.tolist(), begun)]


class _Reading:
    """A network that reads texts token by token, and begins anew where its places are used up."""

    def __init__(self, network: nn.Module, rows: int) -> None:
        self.network, self.rows = network, rows
        self.state: State = network.begin({}, rows)  # type: ignore[operator]
        self.read = 0  # tokens since it has begun

    def next(self, texts: Tensor) -> Tensor:
        """The logits after the last token of `texts`, of which all others have been read. Shapes: texts (rows, places)."""
        try:
            return self._step(texts[:, -1])
        except ShapeError:
            half = self.read // 2
            if not half:
                raise
        self.state, self.read = self.network.begin({}, self.rows), 0  # type: ignore[operator]
        for place in range(texts.shape[1] - half, texts.shape[1]):
            logits = self._step(texts[:, place])
        return logits

    def _step(self, token: Tensor) -> Tensor:
        logits: Tensor
        logits, self.state = self.network.step(token, self.state)  # type: ignore[operator]
        self.read += 1
        return logits


def _sought(
    network: nn.Module, start: Sequence[int], asked: Asked, device: torch.device, never: tuple[int, ...]
) -> list[int]:
    """The likeliest text after one start."""
    assert asked.beam_width is not None
    state: Mapping[str, Tensor] = network.begin({}, 1)  # type: ignore[operator]
    tokens = torch.tensor(start, device=device)
    for place in range(len(start) - 1):
        _, state = network.step(tokens[place : place + 1], state)  # type: ignore[operator]
    found = beam_search(
        network.step,  # type: ignore[arg-type]
        state,
        tokens[-1:],
        longest=asked.length,
        width=asked.beam_width,
        length_penalty=asked.length_penalty,
        never=never,
        end=END,
    )
    return _until_end(found.tokens[0].tolist())


def _until_end(codes: list[int]) -> list[int]:
    kept = codes[: codes.index(END)] if END in codes else codes
    return kept[: kept.index(0)] if 0 in kept else kept
