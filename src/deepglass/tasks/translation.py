"""Translation: a text of its own length from an input, word after word, as a sentence in another language or a caption."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.data import Batch, Dataset
from deepglass.errors import ShapeError
from deepglass.networks import call, takes
from deepglass.randomness import Noise
from deepglass.settings import checked
from deepglass.tasks.generation.beam import beam_search
from deepglass.tasks.settings import TaskSettings
from deepglass.tasks.token_baselines import remembered
from deepglass.tasks.token_metrics import bleu, check_bleu, has_bleu, ratio_interval
from deepglass.tasks.tokens import END, PAD, START, Tokens

WRITTEN_AN_EPOCH = (
    200  # examples that are written freely after each epoch, at most: it takes a step of the network a word
)


class Translation(Tokens):
    """Learn to write a text, given an input and the words before each.

    In training the words before are the true ones (teacher forcing), or in part the network's own guesses (scheduled sampling).
    `loss` and `accuracy` are measured with the true words before, as usual; `sequence_accuracy` (texts without a fault) and
    `bleu` are of texts that it writes by itself.

    Args:
        metrics: "bleu", to have it measured each epoch, on the first 200 examples; or functions of yours, as in `Tokens`.
        teacher_forcing: share of the words before that are the true ones; the others are the likeliest by its own account.
        beam_width: how many beginnings are followed when it predicts; 1 takes the likeliest word each time.
        length_penalty: the exponent of the penalty for length; 0 for none.
    Source: Sutskever et al., NIPS 2014; Bengio et al., "Scheduled Sampling", NIPS 2015; Wu et al., arXiv:1609.08144, equation 14.
    """

    name = "translation"
    aligned = False
    shown = ("accuracy", "sequence_accuracy")
    known = ("bleu",)

    def __init__(
        self,
        loss: str = "auto",
        output: str = "auto",
        metrics: Any = (),
        *,
        label_smoothing: float = 0.0,
        teacher_forcing: float = 1.0,
        beam_width: int = 4,
        length_penalty: float = 0.6,
    ) -> None:
        super().__init__(loss, output, metrics, label_smoothing=label_smoothing)
        given = {"teacher_forcing": teacher_forcing, "beam_width": beam_width, "length_penalty": length_penalty}
        asked = checked(TaskSettings, given, "task")
        self.teacher_forcing, self.beam_width = asked.teacher_forcing, asked.beam_width
        self.length_penalty = asked.length_penalty
        if "bleu" in ({} if isinstance(metrics, Mapping) else metrics):
            check_bleu()

    def prepare(self, data: Dataset, network: nn.Module) -> None:
        super().prepare(data, network)
        if (
            not hasattr(network, "begin")
            or not hasattr(network, "step")
            or not takes(network, (*self.inputs, "previous"))
        ):
            raise ShapeError(
                f"translation writes word after word from what is there and what was written, and {type(network).__name__} cannot: "
                "that needs forward(source, previous), begin and step. Use the network seq2seq or transformer_translator, or "
                "captioner for images."
            )

    def output_of(self, network: nn.Module, batch: Batch, noise: Noise | None = None) -> Tensor:
        target = self.target_of(batch)
        if noise is not None and network.training and self.teacher_forcing < 1:
            return self._sampled(network, batch, noise)
        inputs: dict[str, Tensor] = {**batch.pick(self.inputs), "previous": before(target)}
        return self.fitted(call(network, inputs), batch)

    def measure(self, network: nn.Module, batches: Iterable[Batch], seed: int = 0) -> dict[str, float]:
        kept = list(batches)
        scores = self.score(self.collect(network, kept))
        said, true = self._written(network, kept, WRITTEN_AN_EPOCH, beam_width=1)
        return {**scores, **{n: v for n, v in self._judged(said, true).items() if isinstance(v, float)}}

    def score(self, said: Any) -> dict[str, float]:
        return {"loss": said.loss, "accuracy": said.accuracy}

    def examine(self, network: nn.Module, batches: Iterable[Batch], seed: int = 0) -> dict[str, Any]:
        kept = list(batches)
        collected = self.collect(network, kept)
        said, true = self._written(network, kept, None, beam_width=self.beam_width)
        right = torch.tensor([float(a == b) for a, b in zip(said, true)])
        return {
            **self.spoken_of(collected),
            **self.score(collected),
            **self._judged(said, true),
            "sequence_accuracy_interval": ratio_interval(right, torch.ones(len(right))),
            **(bleu(said, true, interval=True) if has_bleu() else {}),
            "beam_width": self.beam_width,
        }

    def beside(self, data: Dataset, ids: Tensor, seed: int) -> dict[str, dict[str, Any]]:
        return remembered(self, data, ids)

    def direction(self, metric: str) -> str:
        return "max" if metric == "bleu" else super().direction(metric)

    def predict(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return self.written(network, inputs, self.beam_width)

    def written(self, network: nn.Module, inputs: Mapping[str, Tensor], beam_width: int) -> dict[str, Tensor]:
        """Write a text for each input. Shapes: tokens (examples, steps), ending in <end>; log_probability (examples,)."""
        count = len(next(iter(inputs.values())))
        state = network.begin(inputs, count)  # type: ignore[operator]
        found = beam_search(
            network.step,  # type: ignore[arg-type]
            state,
            torch.full((count,), START, device=next(iter(inputs.values())).device),
            longest=max(1, self.field.shape[0]),
            width=beam_width,
            length_penalty=self.length_penalty,
            never=(PAD, 1, START),
            end=END,
        )
        return {"tokens": found.tokens, "log_probability": found.log_probability}

    def decode(self, prediction: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
        codes = prediction["tokens"].cpu()
        counts = (codes != PAD).sum(dim=1).clamp_min(1)
        return {
            self.field.name: np.asarray(self.field.decode(codes), dtype=object),
            "loss": (-prediction["log_probability"].cpu() / counts).numpy(),
        }

    def facts(self) -> dict[str, Any]:
        asked = {
            "teacher_forcing": self.teacher_forcing,
            "beam_width": self.beam_width,
            "length_penalty": self.length_penalty,
        }
        return {**super().facts(), **asked}

    def _judged(self, said: list[list[str]], true: list[list[str]]) -> dict[str, Any]:
        """How right freely written texts are."""
        scores: dict[str, Any] = {"sequence_accuracy": sum(a == b for a, b in zip(said, true)) / max(1, len(true))}
        if isinstance(self.extra, Mapping):
            return scores | {name: float(metric(said, true)) for name, metric in self.extra.items()}
        return scores | (bleu(said, true) if "bleu" in self.extra else {})

    def _written(
        self, network: nn.Module, batches: list[Batch], most: int | None, *, beam_width: int
    ) -> tuple[list[list[str]], list[list[str]]]:
        """What the network writes for the first `most` examples, and what is true, as lists of tokens."""
        said: list[list[str]] = []
        true: list[list[str]] = []
        for batch in batches:
            some = slice(None if most is None else most - len(true))
            inputs = {name: value[some] for name, value in batch.pick(self.inputs).items()}
            said += self.words_of(self.written(network, inputs, beam_width)["tokens"].cpu())
            true += self.words_of(self.target_of(batch)[some].cpu())
            if most is not None and len(true) >= most:
                break
        return said, true

    def _sampled(self, network: nn.Module, batch: Batch, noise: Noise) -> Tensor:
        """The logits where each word before is the true one with probability `teacher_forcing`, else the likeliest."""
        target = self.target_of(batch)
        true = noise.uniform("teacher", target.shape[1]) < self.teacher_forcing  # (examples, steps)
        step: Callable[[Tensor, Any], Any] = network.step  # type: ignore[assignment]
        state = network.begin(batch.pick(self.inputs), len(batch))  # type: ignore[operator]
        token, found = torch.full_like(target[:, 0], START), []
        for place in range(target.shape[1]):
            logits, state = step(token, state)
            found.append(logits)
            token = torch.where(true[:, place], target[:, place], self.chosen(logits.detach()))
        return torch.stack(found, dim=1)


def before(target: Tensor) -> Tensor:
    """What stands before each word: the start, and then the words themselves. Shapes: (examples, steps), returned alike."""
    start = torch.full_like(target[:, :1], START)
    return torch.cat([start, target[:, :-1]], dim=1)
