"""Watching: evidence from anybody's own loop, by hooks that are gone when the block ends."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.optimizer import register_optimizer_step_post_hook

from deepglass.errors import SettingError
from deepglass.probes.calls import Calls
from deepglass.probes.evidence import Evidence
from deepglass.probes.loop import Loop


@contextmanager
def watch(network: nn.Module, *, optimizer: Any = None) -> Iterator[Evidence]:
    """Collect evidence of a training in a loop of your own: plain PyTorch, Lightning, or Keras on torch.

    >>> with dg.watch(network, optimizer=optimizer) as evidence:
    ...     for epoch in range(10):
    ...         train_one_epoch()
    ...         evidence.log(validation_loss=..., validation_accuracy=...)

    At some steps the network is run once more on the batch, aside: what you compute stays the same to the last bit. The loss is
    seen where `loss.backward()` is called, as it stands there (divided or scaled, if you do that); log `loss=` to say it yourself.
    While the block lasts, hooks are on the network and on optimizers, and torch.Tensor.backward passes through here.

    Args: optimizer: one or several; without it every torch.optim optimizer of the network's parameters is noticed at its step.
    Raises: SettingError, when `network` is no nn.Module.
    """
    if not isinstance(network, nn.Module):
        raise SettingError(
            f"watch takes an nn.Module, not a {type(network).__name__}. Give the network that your loop trains."
        )
    evidence = _Watched("watch")
    loop = evidence.loop_of = Loop(network, evidence)
    with ExitStack() as hooks:
        hooks.callback(loop.close)
        Calls(network, loop, hooks)
        _hear_backward(loop, hooks)
        _hear_steps(network, optimizer, loop, hooks)
        yield evidence


class _Watched(Evidence):
    """Evidence that grows while a loop runs."""

    loop_of: Loop | None = None

    def log(self, **values: Any) -> None:
        before = len(self.epochs)
        super().log(**values)
        loop = self.loop_of
        if loop is None or len(self.epochs) == before:
            return
        loop.summarize()
        if loop.since_log:
            mean = float(torch.stack([loss.float() for loss in loop.since_log]).mean())
            self.epochs[-1].setdefault("running", {})["loss"] = mean
            loop.since_log.clear()


def _hear_backward(loop: Loop, hooks: ExitStack) -> None:
    original = Tensor.backward

    def backward(self: Tensor, *arguments: Any, **keywords: Any) -> None:
        loop.before_backward(self)
        original(self, *arguments, **keywords)
        loop.after_backward(self)

    def put_back() -> None:
        Tensor.backward = original  # type: ignore[method-assign]

    Tensor.backward = backward  # type: ignore[method-assign]
    hooks.callback(put_back)


def _hear_steps(network: nn.Module, optimizer: Any, loop: Loop, hooks: ExitStack) -> None:
    given = list(optimizer) if isinstance(optimizer, list | tuple) else [] if optimizer is None else [optimizer]
    own, tell = getattr(network, "optimizer", None), _Teller(loop)
    if not given and _is_keras(own):
        given = [own]
    for one in given:
        if isinstance(one, torch.optim.Optimizer):
            loop.holds(_groups(one))
            loop.optimizer = loop.optimizer or settings_of(one)
            hooks.callback(one.register_step_post_hook(tell).remove)
        elif _is_keras(one):
            _wrap_keras(one, loop, hooks)
        else:
            loop.evidence.notes.append(
                f"A {type(one).__name__} is no optimizer of torch or Keras; its steps are not seen."
            )
    if not any(isinstance(one, torch.optim.Optimizer) for one in given):
        hooks.callback(register_optimizer_step_post_hook(tell).remove)


class _Teller:
    """Tells a loop of the steps of torch's optimizers; what belongs to whom is looked up again where their groups change."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.known: dict[
            torch.optim.Optimizer, tuple[tuple[int, ...], bool]
        ] = {}  # sizes of groups, and whether it is the network's

    def __call__(self, optimizer: torch.optim.Optimizer, *_: Any) -> None:
        sizes = tuple(len(group["params"]) for group in optimizer.param_groups)
        known = self.known.get(optimizer)
        if known is None or known[0] != sizes:
            groups = _groups(optimizer)
            known = self.known[optimizer] = sizes, self.loop.is_of(groups)
            if known[1]:
                self.loop.optimizer = self.loop.optimizer or settings_of(optimizer)
                self.loop.holds(groups)
        if known[1]:
            rate = optimizer.param_groups[0].get("lr")
            self.loop.stepped(None if rate is None else float(rate))


def _groups(optimizer: torch.optim.Optimizer) -> list[list[nn.Parameter]]:
    return [list(group["params"]) for group in optimizer.param_groups]


NAMES = {"SGD": "sgd", "Adam": "adam", "AdamW": "adamw", "RMSprop": "rmsprop", "Adagrad": "adagrad"}


def settings_of(optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """Return the settings of an optimizer's first group by the names that a Recipe gives them.

    >>> settings_of(torch.optim.SGD([torch.zeros(1)], lr=0.1, momentum=0.9))["optimizer"]
    'momentum'
    """
    group = optimizer.param_groups[0]
    kind = type(optimizer).__name__
    name = NAMES.get(kind, kind.lower())
    if name == "sgd" and group.get("momentum"):
        name = "nesterov" if group.get("nesterov") else "momentum"
    betas = group.get("betas") or (None,)
    found = {
        "optimizer": name,
        "learning_rate": group.get("lr"),
        "momentum": group.get("momentum"),
        "beta1": betas[0],
        "weight_decay": group.get("weight_decay"),
        "maximize": bool(group.get("maximize", False)),
    }
    return {
        key: value if isinstance(value, str | bool) else float(value)
        for key, value in found.items()
        if value is not None
    }


def _is_keras(optimizer: Any) -> bool:
    return type(optimizer).__module__.partition(".")[0] == "keras" and callable(getattr(optimizer, "apply", None))


def _wrap_keras(optimizer: Any, loop: Loop, hooks: ExitStack) -> None:
    """Keras applies gradients itself; its optimizers have no hooks."""
    call = optimizer.apply

    def apply(gradients: Iterable[Any], variables: Any = None, *more: Any, **keywords: Any) -> Any:
        result = call(gradients, variables, *more, **keywords)
        mine = [[v.value for v in (variables if variables is not None else optimizer._trainable_variables)]]
        if loop.is_of(mine):
            loop.holds(mine)
            loop.stepped(float(optimizer.learning_rate))
        return result

    optimizer.apply = apply
    hooks.callback(lambda: delattr(optimizer, "apply"))
