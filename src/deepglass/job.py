"""Job: from names, data and networks to a finished Run."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import nn

from deepglass.carrying import begin, carry, carry_all, made_of, network_word, save_start, shown_by
from deepglass.data import Dataset, load
from deepglass.errors import DataError, RunError, SettingError
from deepglass.names import find
from deepglass.networks import SUITS, made_from, with_defaults
from deepglass.networks.front import WAVE
from deepglass.report.words import duration
from deepglass.run import Run
from deepglass.settings import checked
from deepglass.tasks import Task, TaskSettings, task_for
from deepglass.together import Runs
from deepglass.training.environment import differences_from
from deepglass.training.given_weights import Weights, read_weights
from deepglass.training.optimizers import OPTIMIZERS
from deepglass.training.probing import look_into
from deepglass.training.recipe import Recipe, suited
from deepglass.training.reopen import built, load_newest
from deepglass.training.replicas import Replicas
from deepglass.training.several import named_specs, recipes_of
from deepglass.training.siblings import siblings
from deepglass.training.spec import Spec, network_section, section_of
from deepglass.training.stackable import pays, unfit
from deepglass.training.training import Training
from deepglass.training.transfer import take_weights
from deepglass.training.usual import default_section


def train(
    network: Any = None,
    data: Any = None,
    *,
    recipe: Recipe | Mapping[str, Any] | Sequence[Recipe | Mapping[str, Any]] | None = None,
    task: Task | str | Mapping[str, Any] | None = None,
    loss: str | Callable[..., Any] | None = None,
    metrics: Any = None,
    optimizer: str | Callable[..., Any] | None = None,
    seeds: int | Iterable[int] | None = None,
    out: str | Path | None = None,
    strict: bool = False,
    progress: str | bool = "auto",
    weights: Any = None,
    keep_every: int | None = None,
    stacked: bool | None = None,
    **settings: Any,
) -> Any:
    """Train a network on some data and keep the run.

    Args:
        network: a name, a list of layers, an nn.Module (trained in place), ...; whatever `build` takes. None: what suits.
        data: a Dataset, or whatever `load` takes.
        recipe: hyperparameters; single ones may be given by name beside it, such as epochs=5. A list trains once with each.
        task: a name, settings of the task, or a Task of your own (default: by the kind of the target).
        loss, metrics: names, or functions of yours.
        optimizer: a name, or a function of yours from parameters to a torch optimizer.
        seeds: train once for each seed (5 means seeds 0 to 4) and return Runs, with intervals.
        out: the run's folder (default: a generated name under runs/).
        strict: refuse what would only raise an alarm.
        progress: "auto", "terminal", "plain", "notebook", or False for none.
        weights: start from those of a Run, a run's folder, a .safetensors file, "hub:owner/name" or a network, layer by layer as
            far as they fit by name and shape; the others start afresh, and that is said. The first layer has to fit.
        keep_every: keep the state after every so many epochs (20 of them at most), for `fork`.
        stacked: take the steps of all trainings in one, or one training after the other (default: whichever is quicker, by
            rule); the same up to rounding.
    Returns: a Run, or Runs for `seeds` or several recipes. One that was interrupted is "paused" and goes on with `resume`.
    Raises: DeepglassError, before the first step wherever possible.

    >>> run = train("mlp", "iris", epochs=50)
    """
    if data is None:
        raise DataError("Name the data to train on, such as dg.train('mlp', 'digits').")
    data = data if isinstance(data, Dataset) else load(data)
    asked = {"task": task, "loss": loss, "metrics": metrics, "optimizer": optimizer, **settings}
    several = isinstance(recipe, list | tuple)
    plans = [plan(network, data, recipe=one, **asked) for one in recipes_of(recipe)]
    spec, learned = plans[0]
    outside: dict[str, Any] = {
        "network": network if isinstance(network, nn.Module) else None,
        "optimizer": optimizer if callable(optimizer) else None,
        "weights": None if weights is None else read_weights(weights),
        "keep_every": checked_every(keep_every),
    }
    if seeds is None and not several:
        return _one(spec, data, learned, out=out, strict=strict, progress=progress, **outside)
    named = named_specs([one for one, _ in plans], seeds, several=several)
    specs, places = list(named.values()), [None if out is None else Path(out) / name for name in named]
    if stacked is not False and not any(v is not None for v in outside.values()):
        seeded = {s.recipe.seed: s for s in specs}  # the network is the same for all, but for its weights
        trainings = siblings(lambda seed: built(seeded[seed], data), data, [s.recipe for s in specs], task=learned)
        if (stacked or pays(trainings)) and not (reason := unfit(trainings)):
            return Runs(_together(trainings, specs, places, strict=strict, progress=progress))
        if stacked:
            raise SettingError(f"These trainings cannot be stacked: {reason}.")
    elif stacked:
        raise SettingError(
            "A network or optimizer of your own, weights and keep_every go with one training at a time. Leave them out."
        )
    runs = []
    start = {n: v.clone() for n, v in network.state_dict().items()} if isinstance(network, nn.Module) else None
    for one, place in zip(specs, places):
        if start is not None:
            network.load_state_dict(start)  # every seed begins where the user's network began
        run = _one(one, data, learned, out=place, strict=strict, progress=progress, **outside)
        runs.append(run)
        if run.status == "paused":
            break
    return Runs(runs)


def plan(
    network: Any,
    data: Dataset,
    *,
    recipe: Recipe | Mapping[str, Any] | None = None,
    task: Task | str | Mapping[str, Any] | None = None,
    loss: str | Callable[..., Any] | None = None,
    metrics: Any = None,
    optimizer: str | Callable[..., Any] | None = None,
    **settings: Any,
) -> tuple[Spec, Task]:
    """Say what `train` would do with the same arguments: the Spec, with nothing left open, and the Task."""
    wanted = {**_recipe_values(recipe), **settings}
    if isinstance(optimizer, str):
        wanted["optimizer"] = optimizer
    wanted_task = {"loss": loss} if isinstance(loss, str) else {}
    if isinstance(task, str):
        wanted_task["name"] = task
    elif isinstance(task, Mapping):
        wanted_task |= task
    section = with_defaults(_network_section(network, data), data)
    suits = SUITS.get(str(section.get("name")), {})
    recipe = checked(Recipe, suited(section_of(suits, "recipe"), wanted), "recipe")
    if recipe.learning_rate is None and not callable(
        optimizer
    ):  # written out, so that no setting is hidden in the spec
        suitable = find("optimizer", recipe.optimizer, OPTIMIZERS).learning_rate
        recipe = recipe.model_copy(update={"learning_rate": suitable})
    task_settings = checked(TaskSettings, {**section_of(suits, "task"), **wanted_task}, "task")
    spec = Spec(data.settings, section, task_settings, recipe)
    learned = task if isinstance(task, Task) else _task(data, task_settings, loss, metrics)
    return spec, learned


def resume(
    path: str | Path,
    *,
    network: nn.Module | None = None,
    data: Any = None,
    task: Task | None = None,
    optimizer: Callable[..., Any] | None = None,
    trust: bool = False,
    keep_every: int | None = None,
    progress: str | bool = "auto",
    **settings: Any,
) -> Run:
    """Go on with a run that was paused or killed, or whose time ended; on the same machine it ends as if nothing had happened.

    Args:
        network, data, task, optimizer: given again when they were objects of yours that a folder cannot hold.
        trust: run the code of the user's that the run was made with.
        keep_every: as in `train`, from now on.
        settings: changes of the recipe, such as epochs=50 to train on.
    What is changed, from what to what and at which step, is kept in the run's record `resumed`.
    Raises: RunError, when it holds no run, its data has changed, or one of your objects is needed again; SettingError, when
        its time is used up.
    """
    run = Run(path, network=network, data=None if data is None else _loaded(data), task=task, trust=trust)
    folder = run.folder
    if not folder.begun:
        raise RunError(
            f"{folder.path} was stopped before its first step and holds nothing to go on from. "
            "Start it again as you did the first time; its folder is taken again."
        )
    with folder.lock():  # from the first look at the state on, so that no other process goes on from it too
        started = run.facts
        spec = run.spec.with_({f"recipe.{name}": value for name, value in settings.items()})
        spent = started.get("time_spent", 0.0)
        if spec.recipe.max_time is not None and spent >= spec.recipe.max_time:
            raise SettingError(
                f"The time of {folder.path} is used up: it has trained for {duration(spent)} and recipe.max_time is "
                f"{duration(spec.recipe.max_time)}. Give it more, such as --max-time {round(2 * spent) + 1}s."
            )
        learned = task or task_for(run.data, spec.task)
        training = Training(run.build_network(), run.data, spec.recipe, task=learned, optimizer=optimizer)
        shown = shown_by(progress)
        look_into(training, folder.path)
        for note in load_newest(training, folder):
            shown.say(note)
        folder.truncate_history(len(training.history))
        differences = differences_from(started.get("environment", {}), training)
        if started.get("stacked"):
            differences.append(f"it was trained in one step with {started['stacked'] - 1} others and goes on alone")
        if differences:
            shown.say("Not bit-exact from here, because " + "; ".join(differences) + ".")
        changed = {setting: list(values) for setting, values in spec.changes_from(run.spec).items()}  # [before, now]
        again = {"at_step": training.step_number, "differences": differences, "changed": changed}
        folder.update_facts(resumed=[*started.get("resumed", []), again])
        folder.write_spec(spec.to_dict())
        kept = {} if keep_every is None else {"keep_every": checked_every(keep_every)}
        folder.update_facts(made_of=made_of(spec, run.data), **kept)
        carry(training, folder, shown, f"{started.get('name')}, resumed")
    return Run(path, network=training.network, data=run.data, task=training.task)


def _one(
    spec: Spec,
    data: Dataset,
    task: Task,
    *,
    network: nn.Module | None,
    optimizer: Callable[..., Any] | None,
    weights: Weights | None,
    keep_every: int | None,
    out: str | Path | None,
    strict: bool,
    progress: str | bool,
) -> Run:
    """Train once."""
    is_own = network is not None
    network = network if network is not None else built(spec, data)
    shown = shown_by(progress)
    taken = [] if weights is None else take_weights(network, weights, data, spec.network)
    training = Training(network, data, spec.recipe, task=task, optimizer=optimizer)
    origin = None if weights is None else {**weights.facts(), "notes": taken}
    folder = begin(training, spec, out=out, strict=strict, shown=shown, keep_every=keep_every, weights=origin)
    for sentence in taken:
        shown.say(f"note: {sentence}")
    if weights is not None or is_own:
        save_start(training, folder, for_good=is_own)
    carry(training, folder, shown, f"{data.name} with {network_word(spec)}, seed {spec.recipe.seed}")
    return Run(folder.path, network=network, data=data, task=training.task)


def _together(
    trainings: list[Training], specs: list[Spec], places: list[Path | None], *, strict: bool, progress: str | bool
) -> list[Run]:
    """Train all in one step."""
    shown, data, lead = shown_by(progress), trainings[0].data, specs[0]
    folders = []
    for training, spec, place in zip(trainings, specs, places):
        quiet = shown if training is trainings[0] else shown_by(False)  # what is said of one holds for all
        folders.append(begin(training, spec, out=place, strict=strict, shown=quiet, stacked=len(trainings)))
    title = f"{data.name} with {network_word(lead)}, {len(trainings)} seeds in one step"
    carry_all(Replicas(trainings), folders, shown, title)
    return [Run(f.path, network=t.network, data=data, task=t.task) for f, t in zip(folders, trainings)]


def _network_section(network: Any, data: Dataset) -> dict[str, Any]:
    if isinstance(network, nn.Module):
        return made_from(network) or {"module": type(network).__name__}
    if network is None:
        return default_section(data)
    if callable(network):
        return {"module": getattr(network, "__name__", type(network).__name__)}
    section = network_section(network)
    if {"name", "layers"} & section.keys():
        return section
    return {**default_section(data, section.get("front", WAVE)), **section}


def _task(data: Dataset, settings: TaskSettings, loss: Any, metrics: Any) -> Task:
    task = task_for(data, settings)
    own = {"loss": loss if callable(loss) else None, "extra": metrics}
    for name, value in own.items():
        if value is not None:
            if not hasattr(task, name):
                raise SettingError(f"The task {task.name!r} takes no {name} of your own. Leave it out.")
            setattr(task, name, [value] if isinstance(value, str) else value)
    return task


def _recipe_values(recipe: Recipe | Mapping[str, Any] | None) -> dict[str, Any]:
    if isinstance(recipe, Recipe):
        return recipe.model_dump(exclude_unset=True)
    return dict(recipe or {})


def checked_every(keep_every: int | None) -> int | None:
    """Raises: SettingError, when it is no number of epochs."""
    if keep_every is not None and keep_every < 1:
        raise SettingError(f"{keep_every=} is no number of epochs. Give 1 or more.")
    return keep_every


def _loaded(data: Any) -> Dataset:
    return data if isinstance(data, Dataset) else load(data)
