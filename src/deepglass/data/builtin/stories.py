"""Stories: people go from place to place and carry things, and a question about where somebody or something is, or was."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from deepglass.data.builtin.sequences import own_numbers, sequences
from deepglass.data.source import Source, categories, texts
from deepglass.errors import SettingError

PEOPLE = ("rai", "mary", "john", "sandra", "daniel", "lena")
PLACES = ("beach", "hotel", "kitchen", "garden", "office", "school")
THINGS = ("ball", "book", "apple", "lamp")
WENT = ("went to", "travelled to", "moved to")
QUESTIONS = ("where", "before", "thing")


@dataclass
class World:
    """Who has been where, in order, and who carries what; a thing that was put down has a place of its own."""

    been: dict[str, list[str]] = field(default_factory=dict)
    carried: dict[str, str] = field(default_factory=dict)  # thing -> person
    lying: dict[str, str] = field(default_factory=dict)  # thing -> place

    def where(self, thing: str) -> str | None:
        if thing in self.carried:
            return self.been[self.carried[thing]][-1]
        return self.lying.get(thing)


def stories(*, examples: int = 2000, sentences: int = 8, questions: Sequence[str] = QUESTIONS, seed: int = 0) -> Source:
    """Tell stories of 3 to `sentences` sentences, each with one question whose answer is a place.

    Shapes: story, question and answer (examples,); the answer is one of six places.
    Args: questions: "where" ("where is rai ?"), "before" ("where was rai before the hotel ?"), "thing" ("where is the ball ?").
    Raises: SettingError, for options that cannot be.
    Source: generated here, after Weston et al., "Towards AI-Complete Question Answering", arXiv:1502.05698, tasks 1 to 3.
    """
    counts = {"examples": (examples, len(PLACES), 10**6), "sentences": (sentences, 3, 1000)}
    random = own_numbers("stories", seed, **counts)
    kinds = [questions] if isinstance(questions, str) else list(questions)
    if not kinds or not set(kinds) <= set(QUESTIONS):
        raise SettingError(f"{questions=} are no questions of stories. Choose among {', '.join(QUESTIONS)}.")
    told = [_story(random, sentences, kinds[i % len(kinds)]) for i in range(examples)]
    answers = [PLACES.index(answer) for _, _, answer in told]
    return sequences(
        "stories",
        {
            "story": texts([story for story, _, _ in told], shares="question", level="tokens", cut="sentences"),
            "question": texts([question for _, question, _ in told], shares="story", level="tokens"),
            "answer": categories(answers, PLACES),
        },
        "answer",
        note=f"{examples:,} stories of 3 to {sentences} sentences, each with one question ({', '.join(kinds)}).",
        description="short stories of people who move and carry things, and a question about a place",
        source="generated; sentences drawn by chance",
    )


def _story(random: np.random.Generator, most: int, kind: str) -> tuple[str, str, str]:
    """Tell one story. Returns: its sentences with a full stop after each, the question, and the answer."""
    while True:
        world, lines = World(), []
        for _ in range(int(random.integers(3, most + 1))):
            lines.append(_event(random, world, kind == "thing"))
        asked = _question(random, world, kind)
        if asked is not None:
            return " ".join(f"{line} ." for line in lines), *asked


def _event(random: np.random.Generator, world: World, with_things: bool) -> str:
    person = _one(random, PEOPLE[: 3 if with_things else 4])
    held = [t for t, who in world.carried.items() if who == person]
    free = [
        t for t in THINGS if t not in world.carried and world.lying.get(t, _at(world, person)) == _at(world, person)
    ]
    draw = random.random()
    if with_things and world.been.get(person) and free and draw < 0.35:
        thing = _one(random, free)
        world.carried[thing] = person
        world.lying.pop(thing, None)
        return f"{person} took the {thing}"
    if held and draw < 0.5:
        thing = _one(random, held)
        del world.carried[thing]
        world.lying[thing] = world.been[person][-1]
        return f"{person} dropped the {thing}"
    place = _one(random, [p for p in PLACES if p != _at(world, person)])
    world.been.setdefault(person, []).append(place)
    return f"{person} {_one(random, WENT)} the {place}"


def _question(random: np.random.Generator, world: World, kind: str) -> tuple[str, str] | None:
    """Ask something that the story tells; None where it tells nothing of this kind."""
    if kind == "thing":
        known = [t for t in THINGS if world.where(t) is not None]
        if not known:
            return None
        thing = _one(random, known)
        return f"where is the {thing} ?", str(world.where(thing))
    if kind == "where":
        person = _one(random, list(world.been))
        return f"where is {person} ?", world.been[person][-1]
    moved = [p for p, been in world.been.items() if len(been) > 1 and been.count(been[-1]) == 1]
    if not moved:  # "before the hotel" has one answer only where the hotel was seen once
        return None
    person = _one(random, moved)
    return f"where was {person} before the {world.been[person][-1]} ?", world.been[person][-2]


def _at(world: World, person: str) -> str:
    return world.been[person][-1] if person in world.been else ""


def _one(random: np.random.Generator, among: Sequence[str]) -> str:
    return among[int(random.integers(len(among)))]
