"""Halves: the sets and parts of cases that can be asked for, and which of them are never listed."""

from collections.abc import Sequence

from case import Fault, Healthy, half
from cases import FAULTS, WELL
from cases.fresh import FRESH_FAULTS, FRESH_WELL
from cases.fresh import part as fresh_part
from cases.real import REAL_FAULTS, REAL_WELL
from cases.real import part as real_part
from cases.recipes import part as recipes_part
from cases.recipes import recipes
from cases.sampled import sampled
from cases.unseen import UNSEEN_FAULTS, UNSEEN_WELL
from cases.unseen import part as unseen_part

HALVES = {
    "open": ("open",),
    "set-aside": ("set aside",),
    "both": ("open", "set aside"),
    "fresh": ("mended on", "looked at after"),  # of the fresh cases, all of which are open
    "unseen": ("unseen, mended on", "unseen, looked at after"),
    "real": ("real, mended on", "real, looked at after"),
    "sampled": ("sampled, tuning",),  # drawn programs: one family of contexts to mend on,
    "third": ("sampled, third, mended on", "sampled, third, looked at after"),  # yet other contexts
    "held": ("sampled, held",),  # and one that shares neither data nor networks nor optimizers with it
    "recipes": ("recipes, mended on", "recipes, looked at after"),  # drawn faults of settings, for repair
}
NOT_LISTED = (
    "set aside",
    "unseen, looked at after",
    "real, looked at after",
    "sampled, held",
    "sampled, third, looked at after",
    "recipes, looked at after",
)
LOOKED_AT = (
    *NOT_LISTED,
    "unseen, mended on",
    "real, mended on",
    "recipes, mended on",
)  # whose figures are written down


def parts_of(asked: str, *, first: bool = False) -> tuple[str, ...]:
    """The parts of a set. Args: first: without those that are never listed."""
    return tuple(name for name in HALVES[asked] if not first or name not in NOT_LISTED)


def chosen(name: str, only: Sequence[str] | None, part: str) -> list[Fault | Healthy]:
    """The cases of one part, or of a share of it. Args: only: words of names or kinds; part: "1/4" is the first of four."""
    old: list[Fault | Healthy] = [c for c in (*FAULTS.values(), *WELL.values()) if half(c.name) == name]
    here = old + [c for c in (*FRESH_FAULTS.values(), *FRESH_WELL.values()) if fresh_part(c.name) == name]
    here += [c for c in (*UNSEEN_FAULTS.values(), *UNSEEN_WELL.values()) if unseen_part(c.name) == name]
    here += [c for c in (*REAL_FAULTS.values(), *REAL_WELL.values()) if real_part(c.name) == name]
    if name.startswith("sampled, "):
        faults, well = sampled(name.removeprefix("sampled, "))
        here += [*faults.values(), *well.values()]
    if name.startswith("recipes, "):
        here += [case for case in recipes().values() if recipes_part(case.name) == name]
    if only:
        here = [c for c in here if any(w in c.name or w == getattr(c, "kind", "") for w in only)]
    first, parts = map(int, part.split("/"))
    return here[first - 1 :: parts]
