"""Job: from names, data and networks to a finished Run."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from torch import nn

from deepglass.data import Dataset, load
from deepglass.data.copy import source_to_tensors
from deepglass.data.stores import ArrayStore
from deepglass.errors import DataError, RunError, SettingError
from deepglass.names import find
from deepglass.networks import SUITS, made_from, with_defaults
from deepglass.report.progress import Progress, progress_for
from deepglass.run import Run
from deepglass.runs import RunFolder, load_checkpoint
from deepglass.settings import checked
from deepglass.tasks import Task, TaskSettings, task_for
from deepglass.together import Runs
from deepglass.training.alarms import alarms, remarks
from deepglass.training.environment import differences_from, environment, own_sources
from deepglass.training.estimate import estimate
from deepglass.training.keep import keep
from deepglass.training.optimizers import OPTIMIZERS
from deepglass.training.recipe import Recipe
from deepglass.training.records import Epoch
from deepglass.training.reopen import built
from deepglass.training.spec import Spec, network_section, section_of
from deepglass.training.training import Training

LONG = 20.0  # seconds from which an estimate is worth a line


def train(
    network: Any = None,
    data: Any = None,
    *,
    recipe: Recipe | Mapping[str, Any] | None = None,
    task: Task | str | Mapping[str, Any] | None = None,
    loss: str | Callable[..., Any] | None = None,
    metrics: Any = None,
    optimizer: str | Callable[..., Any] | None = None,
    seeds: int | Iterable[int] | None = None,
    out: str | Path | None = None,
    strict: bool = False,
    progress: str | bool = "auto",
    **settings: Any,
) -> Any:
    """Train a network on some data and keep the run.

    Args:
        network: a name, a list of layers, an nn.Module (trained in place), ...; whatever `build` takes. None: what suits.
        data: a Dataset, or whatever `load` takes.
        recipe: hyperparameters; single ones may be given by name beside it, such as epochs=5.
        task: a name, settings of the task, or a Task of your own (default: by the kind of the target).
        loss, metrics: names, or functions of yours.
        optimizer: a name, or a function of yours from parameters to a torch optimizer.
        seeds: train once for each seed (5 means seeds 0 to 4) and return Runs, with intervals.
        out: the run's folder (default: a generated name under runs/).
        strict: refuse what would only raise an alarm.
        progress: "auto", "terminal", "plain", "notebook", or False for none.
    Returns: a Run, or Runs when `seeds` are given. One that was interrupted is "paused" and goes on with `resume`.
    Raises: DeepglassError, before the first step wherever possible.

    >>> run = train("mlp", "iris", epochs=50)
    """
    if data is None:
        raise DataError("Name the data to train on, such as dg.train('mlp', 'digits').")
    data = data if isinstance(data, Dataset) else load(data)
    wanted = {**_recipe_values(recipe), **settings}
    own_optimizer = optimizer if callable(optimizer) else None
    if isinstance(optimizer, str):
        wanted["optimizer"] = optimizer
    wanted_task = {"loss": loss} if isinstance(loss, str) else {}
    if isinstance(task, str):
        wanted_task["name"] = task
    elif isinstance(task, Mapping):
        wanted_task |= task
    section = with_defaults(_network_section(network, data))
    suits = SUITS.get(str(section.get("name")), {})
    recipe = checked(Recipe, {**section_of(suits, "recipe"), **wanted}, "recipe")
    if recipe.learning_rate is None and not callable(
        optimizer
    ):  # written out, so that no setting is hidden in the spec
        suitable = find("optimizer", recipe.optimizer, OPTIMIZERS).learning_rate
        recipe = recipe.model_copy(update={"learning_rate": suitable})
    task_settings = checked(TaskSettings, {**section_of(suits, "task"), **wanted_task}, "task")
    spec = Spec(data.settings, section, task_settings, recipe)
    learned = task if isinstance(task, Task) else _task(data, task_settings, loss, metrics)
    outside: dict[str, Any] = {
        "network": network if isinstance(network, nn.Module) else None,
        "optimizer": own_optimizer,
    }
    if seeds is None:
        return _one(spec, data, learned, out=out, strict=strict, progress=progress, **outside)
    runs = []
    start = {n: v.clone() for n, v in network.state_dict().items()} if isinstance(network, nn.Module) else None
    for seed in range(seeds) if isinstance(seeds, int) else seeds:
        if start is not None:
            network.load_state_dict(start)  # every seed begins where the user's network began
        place = None if out is None else Path(out) / f"seed-{seed}"
        run = _one(
            spec.with_({"recipe.seed": seed}), data, learned, out=place, strict=strict, progress=progress, **outside
        )
        runs.append(run)
        if run.status == "paused":
            break
    return Runs(runs)


def resume(
    path: str | Path,
    *,
    network: nn.Module | None = None,
    data: Any = None,
    task: Task | None = None,
    optimizer: Callable[..., Any] | None = None,
    trust: bool = False,
    progress: str | bool = "auto",
    **settings: Any,
) -> Run:
    """Go on with a run that was paused or killed; on the same machine it ends as if nothing had happened.

    Args:
        network, data, task, optimizer: given again when they were objects of yours that a folder cannot hold.
        trust: run the code of the user's that the run was made with.
        settings: changes of the recipe, such as epochs=50 to train on.
    Raises: RunError, when it holds no run, its data has changed, or one of your objects is needed again.
    """
    run = Run(path, network=network, data=None if data is None else _loaded(data), task=task, trust=trust)
    folder, started = run.folder, run.facts
    spec = run.spec.with_({f"recipe.{name}": value for name, value in settings.items()})
    learned = task or task_for(run.data, spec.task)
    training = Training(run.build_network(), run.data, spec.recipe, task=learned, optimizer=optimizer)
    try:
        checkpoint = load_checkpoint(folder.path)
    except RunError:
        checkpoint = None  # killed before the first checkpoint: the same seed starts the same run again
    shown = _progress(progress)
    if checkpoint is not None:
        lines = [Epoch.from_dict(line) for line in folder.history()]
        training.load_state_dict({"tensors": checkpoint.tensors, "values": checkpoint.values, "history": lines})
        for note in checkpoint.notes:
            shown.say(note)
    with folder.lock():
        folder.truncate_history(len(training.history))
        differences = differences_from(started.get("environment", {}), training)
        if differences:
            shown.say("Not bit-exact from here, because " + "; ".join(differences) + ".")
        folder.update_facts(
            resumed=[*started.get("resumed", []), {"at_step": training.step_number, "differences": differences}]
        )
        folder.write_spec(spec.to_dict())
    _carry(training, folder, shown, f"{started.get('name')}, resumed")
    return Run(path, network=training.network, data=run.data, task=training.task)


def _one(
    spec: Spec,
    data: Dataset,
    task: Task,
    *,
    network: nn.Module | None,
    optimizer: Callable[..., Any] | None,
    out: str | Path | None,
    strict: bool,
    progress: str | bool,
) -> Run:
    """Train once."""
    network = network if network is not None else built(spec, data)
    training = Training(network, data, spec.recipe, task=task, optimizer=optimizer)
    found = alarms(network, data, training.task, spec.recipe)
    if strict and found:
        raise SettingError("Refused, because strict is set: " + " ".join(found))
    worth_knowing = remarks(network, data, training.task)
    named = spec.network.get("name") or spec.network.get("module") or "layers"
    folder = RunFolder.create(out, name=f"{data.name}-{named}")
    shown = _progress(progress)
    with folder.lock():
        _write_start(folder, spec, data, training, network, found, worth_knowing)
    for sentence in found:
        shown.say(f"alarm: {sentence}")
    for sentence in worth_knowing:
        shown.say(f"note: {sentence}")
    expected = estimate(training)
    if expected.seconds > LONG:
        shown.say(f"expected: {expected}")
    _carry(training, folder, shown, f"{data.name} with {named}, seed {spec.recipe.seed}")
    return Run(folder.path, network=network, data=data, task=training.task)


def _carry(training: Training, folder: RunFolder, shown: Progress, title: str) -> None:
    steps = -(-len(training.train_ids) // training.batch_size)
    with shown:
        shown.start(training.recipe.epochs, steps, title)
        for epoch in training.history:
            shown.epoch(epoch, epoch.number == training.stopping.best_epoch)
        status = keep(training, folder, shown)
        if status == "paused":
            shown.say(
                f"Paused and saved. Go on with: deepglass train --resume --out {folder.path}  (or dg.resume({str(folder.path)!r}))"
            )


def _write_start(
    folder: RunFolder,
    spec: Spec,
    data: Dataset,
    training: Training,
    network: nn.Module,
    found: list[str],
    worth_knowing: list[str],
) -> None:
    """Write all that is known before the first step."""
    folder.write_spec(spec.to_dict())
    folder.write_fields({name: field.to_dict() for name, field in data.fields.items()})
    folder.write_splits({"train": data.splits.train, "validation": data.splits.validation, "test": data.splits.test})
    in_memory = spec.data.source in ("arrays", "DataFrame")
    is_object = data.source.count is not None  # a torch Dataset
    if isinstance(data.store, ArrayStore) and (in_memory or Path(spec.data.source).suffix):
        folder.save_tensors(*source_to_tensors(data.source))
    for name, text in own_sources(spec, network).items():
        folder.write_code(name, text)
    folder.update_facts(
        environment=environment(training),
        data_fingerprint=data.fingerprint,
        data_is_object=is_object,
        data_notes=list(data.source.notes),
        data_facts=dict(data.source.facts),
        alarms=found,
        remarks=worth_knowing,
        task=training.task.facts(),
        monitor=training.stopping.metric,
        rewrites=[],
    )


def _network_section(network: Any, data: Dataset) -> dict[str, Any]:
    if isinstance(network, nn.Module):
        return made_from(network) or {"module": type(network).__name__}
    if network is None:
        return {"name": default_network(data)}
    if callable(network):
        return {"module": getattr(network, "__name__", type(network).__name__)}
    section = network_section(network)
    return section if {"name", "layers"} & section.keys() else {"name": default_network(data), **section}


def default_network(data: Dataset) -> str:
    """The network that suits the data: lenet5 for small grey images, convnet for others, mlp for numbers."""
    shapes = list(data.input_shapes.values())
    if len(shapes) == 1 and len(shapes[0]) == 3 and min(shapes[0][1:]) >= 8:
        return "lenet5" if shapes[0][0] == 1 and max(shapes[0][1:]) <= 32 else "convnet"
    return "mlp"


def _task(data: Dataset, settings: TaskSettings, loss: Any, metrics: Any) -> Task:
    task = task_for(data, settings)
    own = {"loss": loss if callable(loss) else None, "extra": metrics}
    for name, value in own.items():
        if value is not None:
            if not hasattr(task, name):
                raise SettingError(f"The task {task.name!r} takes no {name} of your own.")
            setattr(task, name, [value] if isinstance(value, str) else value)
    return task


def _recipe_values(recipe: Recipe | Mapping[str, Any] | None) -> dict[str, Any]:
    if isinstance(recipe, Recipe):
        return recipe.model_dump(exclude_unset=True)
    return dict(recipe or {})


def _loaded(data: Any) -> Dataset:
    return data if isinstance(data, Dataset) else load(data)


def _progress(mode: str | bool) -> Progress:
    return progress_for("none" if mode is False else "auto" if mode is True else mode)
