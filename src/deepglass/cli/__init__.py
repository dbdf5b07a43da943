"""The command line: one file a command, each of which parses, calls the API and prints."""

import importlib
import sys
import traceback
import warnings
from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from deepglass.errors import DeepglassError, DeepglassWarning
from deepglass.garbage import leave_the_last, without_collection
from deepglass.names import find

# What the list of commands says; the module is imported when its command is used.
COMMANDS = {
    "data": "Say what some data is: fields, splits, encodings.",
    "networks": "List the networks, or show one layer by layer.",
    "activations": "Show activations: values, slopes, and where they are flat.",
    "settings": "List what can be set, with defaults; or look for a word.",
    "rates": "Find a learning rate that suits.",
    "train": "Train a network on some data and keep the run.",
    "runs": "List the runs that are kept.",
    "show": "Show a run: its curves, what it reached, its report.",
    "look": "Look inside at one example: layers, saliency, filters.",
    "byhand": "Calculate an example by hand, number by number.",
    "convolve": "Slide a kernel or a pooling over a picture, by hand.",
    "diagnose": "Say what is wrong with a training, and what to try.",
    "prove": "Try a remedy beside the control: does it help?",
    "evaluate": "Measure the test split, and write down that it was looked at.",
    "predict": "Predict new examples with a run.",
    "generate": "Write on from a start, with a run that has learned a text.",
    "glossary": "Say what a word of the field means, and what shows it.",
    "quiz": "Ask a question of the course, and check an answer.",
    "experiment": "Run a claim of a course again.",
}
# What most of a command's time to start goes into, imported in one go before it begins (and not for its help).
FIRST = {
    "data": "deepglass.data",
    "networks": "deepglass.networks",
    "rates": "deepglass.training",
    **dict.fromkeys(("train", "experiment"), "deepglass.job"),
    **dict.fromkeys(("show", "look", "byhand", "prove", "evaluate", "predict", "generate"), "deepglass.run"),
}
OWN = str(Path(__file__).parents[1])


class Commands(TyperGroup):
    """Imports a command when it is used; the list of all commands imports none."""

    listing = False

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            if not ctx.resilient_parsing:  # as it is while the shell completes a line
                find("command", cmd_name, COMMANDS)
            return None
        app = typer.Typer(add_completion=False, rich_markup_mode=None, context_settings=SETTINGS)
        if self.listing:
            app.command(cmd_name, help=COMMANDS[cmd_name])(lambda: None)
        else:
            module = importlib.import_module(f"deepglass.cli.{cmd_name}")
            app.command(cmd_name, epilog=module.NEXT)(_begun(module.command, FIRST.get(cmd_name)))
        return typer.main.get_command(app)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self.listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self.listing = False


def _begun(command: Callable[..., None], first: str | None) -> Callable[..., None]:
    """The same command, which imports the module `first` before it begins."""

    @wraps(command)
    def begun(**given: Any) -> None:
        if first is not None:
            with without_collection():
                importlib.import_module(first)
        command(**given)

    return begun


SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 120}
app = typer.Typer(cls=Commands, rich_markup_mode=None, context_settings=SETTINGS, no_args_is_help=True)


def _version(wanted: bool) -> None:
    if wanted:
        from deepglass import __version__

        print(f"deepglass {__version__}")
        raise typer.Exit()


@app.callback(epilog="Help on a command, with examples: deepglass train --help")
def deepglass(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """A glass-box deep-learning workbench: train fast, look inside, keep everything.

    \b
      deepglass train digits                                    a first network, with a report to open
      deepglass train people.csv --target income --epochs 50    your own data
      deepglass runs                                            what has been trained
    """


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 training or system failed, 2 bad input, 130 and 143 signals."""
    leave_the_last()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", DeepglassWarning)
            warnings.showwarning = partial(_note, warnings.showwarning)
            app(prog_name="deepglass")
    except DeepglassError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # whoever read our output has gone, as `| head` does
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        _show_unexpected(error)
        sys.exit(1)


def _note(plain: Callable[..., None], message: Warning | str, category: type[Warning], *where: Any) -> None:
    """Show a warning of ours as a line, without the place in our code that it came from."""
    if issubclass(category, DeepglassWarning):
        print(f"note: {message}", file=sys.stderr)
    else:
        plain(message, category, *where)


def _show_unexpected(error: Exception) -> None:
    """Show the user's own frames when the fault is in their code, everything when it is in ours."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if not f.filename.startswith((OWN, sys.prefix, sys.base_prefix, "<"))]
    if own:
        print("error: your own code failed:", file=sys.stderr)
        print("".join(traceback.format_list(own)), end="", file=sys.stderr)
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return
    traceback.print_exception(error)
    print("error: this is a fault of Deepglass. Please report it with the lines above.", file=sys.stderr)
