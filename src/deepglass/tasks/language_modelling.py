"""Language modelling: which token comes next, after all that stands before it."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.data import Batch, Dataset
from deepglass.data.text_encoding import codes_of, tokens_in
from deepglass.data.text_levels import LINE_END
from deepglass.errors import DataError, SettingError
from deepglass.networks import call
from deepglass.randomness import Noise
from deepglass.tasks.generation import Asked, generate
from deepglass.tasks.token_baselines import counted_runs
from deepglass.tasks.token_metrics import Said, perplexity
from deepglass.tasks.tokens import PAD, SPECIAL, START, UNKNOWN, Tokens, surprise

SHOWN_UNKNOWN = 5  # tokens that a message names
FEWEST_WINDOWS = (
    256  # from which on lanes are the default: with fewer, a batch of 64 lanes leaves too few steps an epoch
)
SEEN_WINDOWS = 1000  # of the training split, from which it is told whether they follow one another


class LanguageModelling(Tokens):
    """Learn the next token at each place of a text.

    A recurrent network goes on from window to window with the hidden state that it has, while gradients stay within a window:
    truncated backpropagation through time. The windows then come in contiguous lanes, and each lane starts anew with the epoch.

    Args: carry: whether it does so; None: where the network can, and 256 windows or more follow one another.
    Source: Williams and Peng, "An Efficient Gradient-Based Algorithm for On-Line Training of Recurrent Network Trajectories", 1990.

    >>> run = dg.train("lstm", "tinyshakespeare.txt", epochs=10)
    >>> print(run.generate("ROMEO:", length=300, temperature=0.8))
    """

    name = "language_modelling"

    def __init__(
        self,
        loss: str = "auto",
        output: str = "auto",
        metrics: Any = (),
        *,
        label_smoothing: float = 0.0,
        carry: bool | None = None,
    ) -> None:
        super().__init__(loss, output, metrics, label_smoothing=label_smoothing)
        self.wants_carry = carry
        self.source = self.field  # what stands before; the real one comes in `prepare`
        # The state before the first token, of one example; empty where none is carried.
        self.rest: dict[str, Tensor] = {}

    @property
    def level(self) -> str:
        """What a token is: characters, words or pieces."""
        return str(self.field.encoding.get("level", "words"))

    def prepare(self, data: Dataset, network: nn.Module) -> None:
        super().prepare(data, network)
        self.source = next(f for f in data.inputs.values() if f.kind == "text")
        follows = windows_follow(data)
        can = hasattr(network, "continued") and hasattr(network, "begin")
        if self.wants_carry and not (can and follows):
            why = "the network has no state to go on from" if not can else "its texts do not follow one another"
            raise SettingError(f"task.carry=true takes the state on from window to window, and {why}. Leave it out.")
        many = len(data.members("train")) >= FEWEST_WINDOWS
        carries = can and follows and (many if self.wants_carry is None else self.wants_carry)
        self.order = "lanes" if carries else type(self).order
        self.rest = {n: v.detach() for n, v in network.begin({}, 1).items()} if carries else {}  # type: ignore[operator]

    def start_carry(self, batch_size: int, device: torch.device) -> dict[str, Tensor]:
        return {n: v.to(device).expand(batch_size, *v.shape[1:]).clone() for n, v in self.rest.items()}

    def output_of(self, network: nn.Module, batch: Batch, noise: Noise | None = None) -> Tensor:
        if not self.rest:
            return super().output_of(network, batch, noise)
        (x,) = batch.pick(self.inputs).values()
        if len(next(iter(self.carry.values()), x[:0])) != len(x):
            self.carry = self.start_carry(len(x), x.device)
        logits, state = network.continued(x, self.carry)  # type: ignore[operator]
        self.carry = {n: v.to(self.rest[n].dtype) for n, v in state.items()}  # of bfloat16 only for the step itself
        return self.fitted(logits, batch)

    def score(self, said: Said) -> dict[str, float]:
        scores = super().score(said)
        scores["perplexity"] = perplexity(said.loss)
        if self.level == "characters":
            scores["bits_per_character"] = said.loss / math.log(2)
        return scores

    def direction(self, metric: str) -> str:
        return "min" if metric in ("perplexity", "bits_per_character") else super().direction(metric)

    def beside(self, data: Dataset, ids: Tensor, seed: int) -> dict[str, dict[str, Any]]:
        return counted_runs(self, data, ids)

    def predict(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """What comes after each text, and how surprising the text itself is.

        Shapes: next (examples,) of codes, probability (examples,), loss (examples,) in nats a token, nan for texts of one token.
        """
        (x,) = inputs.values()
        logits = call(network, inputs).float()
        last = (x != PAD).sum(dim=1).sub(1).clamp_min(0)
        after = logits[torch.arange(len(x), device=x.device), last]
        code = self.chosen(after)
        share = after.softmax(dim=1).gather(1, code[:, None])[:, 0]
        said = surprise(logits[:, :-1], x[:, 1:]).sum(dim=1) / (x[:, 1:] != PAD).sum(dim=1)
        return {"next": code, "probability": share, "loss": said}

    def decode(self, prediction: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
        tokens = self.field.tokens
        return {
            "next": np.array([tokens[int(c)] for c in prediction["next"]], dtype=object),
            "probability": prediction["probability"].detach().cpu().numpy(),
            "loss": prediction["loss"].detach().cpu().numpy(),
        }

    def generate(self, network: nn.Module, starts: Sequence[str], asked: Asked) -> list[str]:
        """Write on from each start, in evaluation mode (which is the caller's business).

        An empty start means the beginning of a text where texts were learned one by one, and a new line where one long text was.
        Raises: SettingError, for an empty start where neither is known; DataError, for one with tokens never seen.
        """
        ends = bool(self.field.encoding.get("end"))  # windows of a running text have none
        written = generate(network, [self._codes(start) for start in starts], asked, ends=ends)
        between = "" if self.level in ("characters", "pieces") else " "
        texts = self.field.decode(_padded(written))
        return [between.join(part for part in (start, text) if part) for start, text in zip(starts, texts)]

    def _codes(self, start: str) -> list[int]:
        """A start as codes, with what stands before it."""
        encoding, tokens = self.source.encoding, self.source.tokens
        first = [START] if encoding.get("start") else []
        if not start and not first:
            if LINE_END not in tokens:
                raise SettingError(
                    "An empty start says nothing to go on from, and this network has not learned how texts begin. Give one, such "
                    f"as {tokens[SPECIAL]!r}."
                )
            start = LINE_END
        codes, _ = codes_of(encoding, [start])
        unknown = [token for token, code in zip(tokens_in(encoding, [start])[0], codes.tolist()) if code == UNKNOWN]
        if unknown:
            named = ", ".join(repr(t) for t in dict.fromkeys(unknown[:SHOWN_UNKNOWN]))
            raise DataError(
                f"The start {start!r} holds what this network has never seen: {named}. Write it with the {self.level} that it "
                f"has learned, such as {', '.join(repr(t) for t in tokens[SPECIAL : SPECIAL + SHOWN_UNKNOWN])}."
            )
        return [*first, *codes.tolist()]

    def facts(self) -> dict[str, Any]:
        return {**super().facts(), "level": self.level, "state_goes_on": bool(self.rest)}

    def examine(self, network: nn.Module, batches: Iterable[Batch], seed: int = 0) -> dict[str, Any]:
        scores = super().examine(network, batches, seed)
        return {**scores, "unit": f"nats a {self.level.removesuffix('s')}"}


def windows_follow(data: Dataset) -> bool:
    """Whether each training example begins with the token that the one before it had to foretell, as windows of one text do."""
    ids = data.members("train")[:SEEN_WINDOWS]
    if len(ids) < 2 or not bool((ids.diff() == 1).all()):
        return False
    batch = data.read(ids)
    x, y = (batch[next(n for n, f in fields.items() if f.kind == "text")] for fields in (data.inputs, data.targets))
    ends = (y != PAD).sum(dim=1).sub(1).clamp_min(0)
    return bool((y.gather(1, ends[:, None])[:-1, 0] == x[1:, 0]).all()) and not bool((x[:, 0] == START).any())


def _padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """Rows of codes as one tensor, 0 behind each."""
    found = torch.zeros(len(rows), max(1, *map(len, rows)) if rows else 1, dtype=torch.int64)
    for place, row in enumerate(rows):
        found[place, : len(row)] = torch.tensor(row, dtype=torch.int64)
    return found
