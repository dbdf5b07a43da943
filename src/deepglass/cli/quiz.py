"""deepglass quiz: questions to work out before looking."""

from typing import Annotated

import typer

from deepglass.cli.common import Json, print_json
from deepglass.names import find

NEXT = "The answers are worked out by the workbench when you ask: `deepglass networks` and `deepglass byhand` show how."


def command(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="The question (default: a list of all).")] = None,
    answer: Annotated[str | None, typer.Argument(metavar="ANSWER", help="Yours, to be checked.")] = None,
    json: Json = False,
) -> None:
    """Ask a question of the course, and check an answer.

    \b
      deepglass quiz
      deepglass quiz padding
      deepglass quiz padding 7x7
    """
    from deepglass.quiz import QUESTIONS, mark

    if name is None:
        if json:
            print_json({"questions": {name: question.ask for name, question in QUESTIONS.items()}})
            return
        width = max(map(len, QUESTIONS))
        for known, question in QUESTIONS.items():
            print(f"  {known:<{width}}  {question.ask}")
        return
    ask = find("question", name, QUESTIONS).ask
    if answer is None:
        print_json({"question": name, "ask": ask}) if json else print(ask)
        return
    found = mark(name, answer)
    print_json({"question": name, **vars(found)}) if json else print(found)
