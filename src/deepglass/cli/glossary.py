"""deepglass glossary: what the words mean."""

import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from deepglass.cli.common import Json, print_json
from deepglass.names import find

if TYPE_CHECKING:
    from deepglass.glossary import Term

NEXT = "Each entry names commands that show it. What can be set: `deepglass settings`; exercises: `deepglass quiz`."
WIDTH = 110  # characters a line


def command(
    word: Annotated[str | None, typer.Argument(metavar="WORD", help="The entry (default: a list of all).")] = None,
    json: Json = False,
) -> None:
    """Say what a word of the field means, with commands that show it, and its sources.

    \b
      deepglass glossary
      deepglass glossary nerve-cell
      deepglass glossary papers
    """
    from deepglass.glossary import GLOSSARY

    if word is None:
        if json:
            print_json({"glossary": {name: term.short for name, term in GLOSSARY.items()}})
            return
        width = max(map(len, GLOSSARY))
        for name, term in sorted(GLOSSARY.items()):
            print(f"  {name:<{width}}  {term.short}")
        return
    name = "-".join(word.lower().split())
    term = find("entry", name, GLOSSARY)
    if json:
        print_json({"word": name, "about": term.about, "see": list(term.see), "sources": list(term.sources)})
        return
    print("\n".join(_lines(name, term)))


def _lines(name: str, term: "Term") -> list[str]:
    found = [name]
    for line in term.about.splitlines():
        drawn = line.startswith("  ")  # a drawing keeps its lines
        found += [line] if drawn else textwrap.wrap(line, WIDTH, initial_indent="  ", subsequent_indent="  ")
    found += [f"see: {command}" for command in term.see]
    for source in term.sources:
        found += textwrap.wrap(source, WIDTH, initial_indent="source: ", subsequent_indent="  ")
    return found
