"""Words: the words of a text, each with what it does for the answer, asked in three ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from deepglass.errors import SettingError
from deepglass.inside.saliency import Saliency, saliency
from deepglass.inside.seen import explained_by, said_in_words, truths_of
from deepglass.inside.undisturbed import undisturbed
from deepglass.inside.words import of_texts, raw_texts
from deepglass.looks.looked import Asked, Looked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WAYS = {
    "integrated_gradients": ("Integrated gradients", "what each word adds, gathered on the way from an empty text"),
    "gradient_x_input": ("Gradient × word vector", "what each word would add if the network were a straight line"),
    "occlusion": ("Leaving a word out", "how much the output falls without it"),
}
MOST_LINES = 12  # words that are printed
LEGEND = "Orange words speak for '{}', blue ones against it; each way of asking has a scale of its own, and white is 0."

STRANGE = "Words in ‹› are none that the network knows."


class Words(Looked):
    """What each word of an example does for an answer: `.texts` by the way of asking, `.answer`; `.found` holds the sums."""

    def __init__(self, asked: Asked, ways: list[str]) -> None:
        super().__init__(asked.title)
        with undisturbed(asked.network):
            said = asked.task.decode(asked.task.predict(asked.network, dict(asked.inputs)))
        self.answer, self.chances = said_in_words(said)
        there = asked.example is not None
        self.truth = truths_of(asked.data, asked.data.read(torch.tensor([asked.example])))[0] if there else ""
        target, self.explained = explained_by(asked.task, said, asked.target)
        self.found: dict[str, Saliency] = {}
        self.problems: list[str] = []
        for way in ways:
            try:
                self.found[way] = saliency(asked.network, dict(asked.inputs), target, way)
            except SettingError as error:
                if len(ways) == 1:
                    raise
                self.problems.append(f"{way}: {error}")
        inputs = {name: values.cpu() for name, values in asked.inputs.items()}
        raw = raw_texts(asked.data, asked.example) if asked.example is not None else {}
        self.texts = {way: of_texts(asked.data.inputs, inputs, f.by_input, raw) for way, f in self.found.items()}

    def draw(self) -> Figure:
        """The text once for each way of asking."""
        from deepglass.report.pictures.words import coloured, words_picture

        drawn = []
        for way, texts in self.texts.items():
            name = ": ".join(filter(None, WAYS.get(way, (way, ""))))
            drawn += [coloured(text, f"{text.name}: {name}" if texts[1:] else name) for text in texts]
        strange = any(word.startswith("‹") for texts in self.texts.values() for text in texts for word in text.words)
        told = " ".join([LEGEND.format(self.explained), *self._sums(), *([STRANGE] if strange else [])])
        return words_picture(drawn, f"{self.title}\n{self._said()}", told)

    def lines(self) -> list[str]:
        """The answer, and a line for each of the words that do most."""
        found = [f"  {self._said()}"]
        for alike in zip(*self.texts.values()):  # one text, asked in each way
            words = alike[0].words
            found.append(f"  what the words of {alike[0].name} do for {self.explained}:")
            found.append("    " + "".join(f"{way:>22}" for way in self.texts))
            for i in sorted(range(len(words)), key=lambda i: -abs(alike[0].values[i]))[:MOST_LINES]:
                found.append("    " + "".join(f"{text.values[i]:>+22.3g}" for text in alike) + f"  {words[i]}")
        return found + [f"  {sentence}" for sentence in [*self._sums(), *self.problems]]

    def to_dict(self) -> dict[str, Any]:
        texts = {
            alike[0].name: [
                {"word": word, **{way: text.values[i] for way, text in zip(self.texts, alike)}}
                for i, word in enumerate(alike[0].words)
            ]
            for alike in zip(*self.texts.values())
        }
        sums = {
            way: {"output": float(f.score[0]), "of_nothing": float(f.start[0]), "sum": float(f.sums[0])}
            for way, f in self.found.items()
        }
        said = {"truth": self.truth, "answer": self.answer, "probabilities": self.chances, "explained": self.explained}
        return {**said, "words": texts, "sums": sums}

    def _said(self) -> str:
        true = f"true {self.truth}, " if self.truth else ""
        chance = f" ({self.chances[self.answer]:.3f})" if self.answer in self.chances else ""
        return f"{true}said {self.answer}{chance}"

    def _sums(self) -> list[str]:
        found = self.found.get("integrated_gradients")
        if found is None:
            return []
        score, start, total = (float(v[0]) for v in (found.score, found.start, found.sums))
        return [
            f"The output is {score:.3g}, and {start:.3g} where every word has the vector of padding: a difference of "
            f"{score - start:.3g}; integrated gradients add up to {total:.3g}."
        ]


def words(asked: Asked) -> Words:
    """What each word of a text does for the answer, by integrated gradients, gradient times word vector, and leaving it out.

    Args: asked: with `saliency` set, by that method alone.
    Raises: SettingError, when no input is a text, or the text is empty.
    """
    kinds = {name: one.kind for name, one in asked.data.inputs.items()}
    if "text" not in kinds.values():
        given = ", ".join(f"{name!r} is of kind {kind}" for name, kind in kinds.items())
        raise SettingError(f"what='words' looks at texts, and here {given}. Use what='layers', which shows any input.")
    if not any(bool(asked.inputs[name].any()) for name, kind in kinds.items() if kind == "text"):
        raise SettingError("This text is empty: there is no word that could decide. Choose another example.")
    return Words(asked, list(WAYS) if asked.saliency == "auto" else [asked.saliency])
