"""deepglass settings: what can be set, with defaults."""

import shutil
import textwrap
from typing import Annotated

import typer

from deepglass.cli.common import Json, print_json

NEXT = "Next: `deepglass train SOURCE --set recipe.warmup_steps=50`; in a spec.yaml they stand under their sections."
INDENT = " " * 6


def command(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="WORD...", help="A section (data, task, recipe), a network, or words to look for."),
    ] = None,
    json: Json = False,
) -> None:
    """List every setting of data, task and recipe: what it does, and what it is unless somebody says otherwise.

    With a word also the formula, where there is one, and a command that shows the effect.

    \b
      deepglass settings recipe
      deepglass settings rate
      deepglass settings recipe.weight_decay
      deepglass settings data augment
      deepglass settings lenet5
    """
    from deepglass.glossary import OPTIONS, Option
    from deepglass.training.known_settings import list_settings

    found = list_settings(*(words or []))
    more = {s.name: OPTIONS.get(s.name, Option("")) for s in found}
    if json:
        rows = [
            {"name": s.name, "default": s.default, "takes": s.takes, "about": s.about}
            | {"formula": more[s.name].formula, "see": more[s.name].see}
            for s in found
        ]
        print_json({"settings": rows})
        return
    width = min(120, max(60, shutil.get_terminal_size().columns))
    for setting in found:
        print("\n".join(textwrap.wrap(str(setting), width, initial_indent="  ", subsequent_indent=INDENT)))
        if words and more[setting.name].formula:  # a list of all stays short
            print(
                "\n".join(
                    textwrap.wrap(more[setting.name].formula, width, initial_indent=INDENT, subsequent_indent=INDENT)
                )
            )
        if words and more[setting.name].see:
            print(f"{INDENT}see: {more[setting.name].see}")
