"""deepglass train: from data to a finished run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deepglass.cli.common import Json, Sets, Trust, find_run, print_json
from deepglass.cli.outcome import failure_told, finish, heal_run, profile_run, validate_across
from deepglass.cli.sections import batch_size_of, changes_of, load_section, sections_of
from deepglass.errors import DataError, SettingError
from deepglass.training.recipe import Recipe

if TYPE_CHECKING:
    from deepglass.data import Dataset
    from deepglass.runs import RunFolder
    from deepglass.training.given_weights import Weights

SPEC = "spec.yaml"  # what a run calls its own
NEXT = "Next: `deepglass show RUN` draws the curves, `deepglass evaluate RUN` measures the test split."


def recipe_option(name: str, *flags: str, metavar: str) -> Any:
    """An option of the recipe, whose help and default are written there."""
    field = Recipe.model_fields[name]
    told, default = str(field.description), "" if field.default is None else f" (default: {field.default})"
    return typer.Option(*flags, metavar=metavar, help=f"{told[0].upper()}{told[1:]}{default}.", show_default=False)


def command(
    source: Annotated[
        str | None, typer.Argument(metavar="SOURCE", help="A name, a file, a folder, or the spec.yaml of a run.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The column to learn (default: the last one).")
    ] = None,
    network: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="A name, file.yaml or file.py:function (default: one that suits the data)."),
    ] = None,
    epochs: Annotated[int | None, recipe_option("epochs", metavar="N")] = None,
    batch_size: Annotated[str | None, recipe_option("batch_size", metavar="N")] = None,
    optimizer: Annotated[str | None, recipe_option("optimizer", metavar="NAME")] = None,
    learning_rate: Annotated[float | None, recipe_option("learning_rate", metavar="RATE")] = None,
    seed: Annotated[int | None, recipe_option("seed", metavar="N")] = None,
    seeds: Annotated[
        int | None, typer.Option(metavar="N", min=2, help="Train N times, with seeds 0 to N-1, and give intervals.")
    ] = None,
    folds: Annotated[
        str | None,
        typer.Option(
            metavar="N|groups",
            help="Train once for each of N parts (for each group of data.group), judged by the part left out, with intervals.",
        ),
    ] = None,
    sets: Sets = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The run's folder (default: a generated name under runs/).")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in --out; start afresh when there is none.")
    ] = False,
    fork: Annotated[
        str | None,
        typer.Option(metavar="RUN@EPOCH", help="Go on with a run from an epoch, with changes, as a run of its own."),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            metavar="RUN|FILE",
            help="Start from the weights of a run, a .safetensors file or hub:owner/name, as far as they fit.",
        ),
    ] = None,
    tuned: Annotated[
        str | None,
        typer.Option(
            "--fine-tune",
            metavar="RUN|FILE",
            help="--weights with a new head, which learns alone at first, and lower rates below it.",
        ),
    ] = None,
    keep_every: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Keep the state after every N epochs, 20 of them at most, for --fork."),
    ] = None,
    max_time: Annotated[str | None, recipe_option("max_time", metavar="TIME")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Only try everything out on a few batches, and say how long an epoch takes.")
    ] = False,
    profiled: Annotated[
        bool,
        typer.Option("--profile", help="Only take some steps, and say what makes them slow; --out why.png draws it."),
    ] = False,
    heal: Annotated[
        bool,
        typer.Option("--heal", help="Where something is wrong, prove remedies and train with what helps, too."),
    ] = False,
    heal_time: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="For all proofs (default: a round 12 times what the run took, at least a minute)."
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse what would only raise an alarm.")] = False,
    trust: Trust = False,
    json: Json = False,
) -> None:
    """Train a network on SOURCE (a name, a file or a folder) and keep the run.

    \b
      deepglass train digits
      deepglass train people.csv --target income --network mlp --epochs 50
      deepglass train mnist --network mlp --set 'network.hidden=[128]' --batch-size 128
      deepglass train digits --network lenet5 --epochs 40 --set data.augment.shift=1 --seeds 5
      deepglass train iris --network perceptron --set data.positive=setosa
      deepglass train spoken.zip --set data.group=speaker --set data.test=0 --folds groups
      deepglass train digits --optimizer rmsprop --set recipe.schedule=one_cycle --set recipe.warmup_steps=50
      deepglass train digits --out runs/mine --resume
      deepglass train mnist --network lenet5 --quick
      deepglass train mnist --network lenet5 --profile --out why.png
      deepglass train mnist --max-time 10m --keep-every 5
      deepglass train people.csv --heal
      deepglass train --fork mine@12 --learning-rate 1e-4 --epochs 40
      deepglass train other/ --network lenet5 --weights runs/mine --set recipe.unfreeze_depth=1
      deepglass train other/ --fine-tune runs/mine --epochs 30
      deepglass train photos/ --fine-tune hub:timm/resnet18.a1_in1k --set data.image_size=224
    """
    from deepglass.forking import fork as go_on_from
    from deepglass.job import resume as go_on
    from deepglass.job import train
    from deepglass.profiling import profile
    from deepglass.rehearsal import quick_check
    from deepglass.runs import RunFolder, is_run

    asked: dict[str, Any] = {
        "epochs": epochs,
        "batch_size": batch_size_of(batch_size),
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "seed": seed,
        "max_time": max_time,
    }
    options = {f"recipe.{name}": value for name, value in asked.items() if value is not None}
    if folds is not None:
        alone = {
            "--seeds": seeds,
            "--fork": fork,
            "--resume": resume or None,
            "--heal": heal or None,
            "--quick": quick or None,
        }
        _refuse_beside("--folds", {**alone, "--profile": profiled or None, "--fine-tune": tuned})
    if heal:
        _refuse_beside("--heal", {"--seeds": seeds, "--fork": fork, "--resume": resume or None})
    if quick or profiled:
        _refuse_beside("--quick" if quick else "--profile", {"--fine-tune": tuned})
    if profiled:
        others = {"--seeds": seeds, "--keep-every": keep_every, "--fork": fork, "--resume": resume or None}
        _refuse_beside("--profile", {**others, "--heal": heal or None, "--quick": quick or None})
    if resume and out is None:
        raise SettingError("--resume needs the run's folder: --out DIR.")
    if resume and out is not None and is_run(out) and (source is None or RunFolder(out).begun):
        changes = {**options, **changes_of(sets)}
        other = [n for n, value in changes.items() if not n.startswith("recipe.") and not _stands(out, n, value)]
        if other:
            raise SettingError(f"{other[0]} cannot change when a run is resumed. Start a new run.")
        recipe = {n.removeprefix("recipe."): v for n, v in changes.items() if n.startswith("recipe.")}
        with failure_told(json):
            finish([go_on(out, trust=trust, keep_every=keep_every, **recipe)], json)
        return
    if fork is not None:
        others = {"SOURCE": source, "--target": target, "--network": network, "--seeds": seeds, "--weights": weights}
        _refuse_beside("--fork", {**others, "--fine-tune": tuned, "--quick": quick or None})
        path, epoch = _run_and_epoch(fork)
        changes = {**options, **changes_of(sets)}
        kept: dict[str, Any] = {"out": out, "strict": strict, "keep_every": keep_every}
        with failure_told(json):
            finish([go_on_from(path, epoch, changes=changes, trust=trust, **kept)], json)
        return
    if source is None:
        raise DataError("Name the data to train on, such as: deepglass train digits")
    sections = sections_of(source, target, network, {**options, **changes_of(sets)})
    data = load_section(sections["data"])
    given: dict[str, Any] = {"recipe": sections["recipe"], "task": sections["task"], "strict": strict}
    repeated = Path(source).parent if Path(source).name == SPEC and is_run(Path(source).parent) else None
    if weights is not None:
        given["weights"] = _weights(weights)
    elif tuned is None and repeated is not None:
        data, given["weights"] = _as_it_began(RunFolder(repeated), data)
    if quick:
        _refuse_beside("--quick", {"--seeds": seeds, "--out": out, "--keep-every": keep_every, "--heal": heal or None})
        found = quick_check(sections["network"] or None, data, **given)
        print_json(found.to_dict()) if json else print(found)
        return
    if profiled:
        profile_run(lambda: profile(sections["network"] or None, data, **given), out, json)
        return
    if folds is not None:
        with failure_told(json):
            validate_across(
                sections["network"] or None, data, folds, {**given, "out": out, "keep_every": keep_every}, json
            )
        return
    given |= {"seeds": seeds, "out": out, "keep_every": keep_every}
    if tuned is not None:
        from deepglass.fine_tuning import fine_tune

        _refuse_beside("--fine-tune", {"--weights": weights, "--heal": heal or None})
        with failure_told(json):
            runs = fine_tune(_weights(tuned), data, network=sections["network"] or None, **given)
            finish(list(runs) if seeds else [runs], json, runs if seeds else None)
        return
    with failure_told(json):
        if heal:
            heal_run(lambda: train(sections["network"] or None, data, **given), heal_time, json)
            return
        runs = train(sections["network"] or None, data, **given)
        finish(list(runs) if seeds else [runs], json, runs if seeds else None)


def _as_it_began(folder: "RunFolder", data: "Dataset") -> "tuple[Dataset, Weights | None]":
    """What the spec of a run does not hold: the weights that it started from, and with them the encodings that it took over."""
    from deepglass.data.alike import TOOK_OVER, encoded_alike
    from deepglass.training.given_weights import began_from
    from deepglass.training.reopen import fields_of

    weights = began_from(folder)
    took_over = (
        any(TOOK_OVER in note for note in folder.facts.get("weights", {}).get("notes", [])) if weights else False
    )
    return (encoded_alike(data, fields_of(folder))[0] if took_over else data), weights


def _weights(text: str) -> Any:
    """A file, a name on the hub, or the folder of a run."""
    is_place = "." in Path(text).name or text.startswith("hub:") or Path(text).exists()
    return text if is_place else find_run(text)


def _stands(out: Path, name: str, value: Any) -> bool:
    """Whether a setting of a run has this value already, so that the command that began it can go on with it."""
    from deepglass.runs import RunFolder  # here, as every import that a --help does not need

    found: Any = RunFolder(out).read_spec()
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return bool(found == value)


def _refuse_beside(option: str, others: dict[str, Any]) -> None:
    """Raises: SettingError, when something was given that an option leaves no room for."""
    for name, value in others.items():
        if value is not None:
            raise SettingError(f"{name} does not go with {option}. Leave one of them out.")


def _run_and_epoch(text: str) -> tuple[Path, str | None]:
    from deepglass.forking import split_name

    name, epoch = split_name(text)
    return find_run(name), epoch
