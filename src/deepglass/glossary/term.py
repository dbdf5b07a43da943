"""Term: a word of the field, explained."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A word and what it means.

    Args:
        about: a few sentences, the first of which can stand alone.
        see: commands that show it at work.
        sources: where it comes from.
    """

    about: str
    see: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        """The first sentence."""
        return self.about.splitlines()[0].partition(". ")[0].removesuffix(".") + "."
