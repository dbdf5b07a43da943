"""Question: which number of a network's answer is to be explained, and for which inputs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.errors import SettingError, ShapeError
from deepglass.inside.undisturbed import at_a_time, first_tensor, inputs_of, run

# Which output: its index, one for each example, or a function of the output that gives one number for each example.
Target = int | Sequence[int] | Tensor | Callable[[Tensor], Tensor] | None


@dataclass(frozen=True)
class Question:
    """One number that a network gives for each example.

    Args:
        inputs: what the network takes, by name: (examples, ...).
        target: which of its outputs (examples,), or a function of the output.
        baseline: what counts as nothing there, by name, shaped to spread over an example.
        groups: inputs by name whose numbers belong together, such as the 0/1s of one column, as (start, end).
    """

    network: nn.Module
    inputs: dict[str, Any]
    target: Tensor | Callable[[Tensor], Tensor]
    baseline: dict[str, Tensor]
    groups: Mapping[str, Sequence[tuple[int, int]]]

    def __len__(self) -> int:
        return len(next(iter(self.inputs.values())))

    @property
    def floating(self) -> list[str]:
        """The inputs that a gradient can be taken of; whole numbers such as words have none."""
        return [n for n, v in self.inputs.items() if isinstance(v, Tensor) and v.is_floating_point()]

    @property
    def copies(self) -> int:
        """How many changed copies of all these examples go through the network at a time."""
        return max(1, at_a_time(self.inputs) // max(1, len(self)))

    def part(self, which: slice) -> "Question":
        target = self.target[which] if isinstance(self.target, Tensor) else self.target
        return replace(self, inputs={n: v[which] for n, v in self.inputs.items()}, target=target)

    def score(self, inputs: Mapping[str, Any]) -> Tensor:
        """The number for each of the given inputs: those of this question, or several changed copies, one set after another."""
        output = _outputs(run(self.network, inputs))
        if not isinstance(self.target, Tensor):
            scores = self.target(output)
            if not isinstance(scores, Tensor) or scores.shape != (len(output),):
                raise ShapeError(
                    f"The target function gave {tuple(getattr(scores, 'shape', ()))}, not one number for each of "
                    f"{len(output)} examples. Return a tensor of that length."
                )
            return scores
        copies = len(output) // len(self.target)
        return output.gather(1, self.target.repeat(copies)[:, None])[:, 0]

    def gradients(self, inputs: Mapping[str, Any]) -> dict[str, Tensor]:
        """How the number of each example changes with each of its inputs, by name: shapes as the inputs.

        Raises: SettingError, when no gradient comes through.
        """
        names = self.floating
        if not names:
            raise SettingError(
                f"The inputs {', '.join(inputs)} are whole numbers, which have no gradient. Use method='occlusion', or look at the "
                "layer that embeds them."
            )
        leaves = {name: inputs[name].detach().clone().requires_grad_() for name in names}
        score = self.score({**inputs, **leaves})
        if not score.requires_grad:
            raise no_gradient(self.network)
        found = torch.autograd.grad(score.sum(), list(leaves.values()), allow_unused=True, materialize_grads=True)
        return dict(zip(names, found))

    def starts(self) -> dict[str, Any]:
        """The baseline in place of every input that has one, as large as the inputs."""
        names = self.floating
        return {n: self.baseline[n].expand_as(v).clone() if n in names else v for n, v in self.inputs.items()}


def ask(
    network: nn.Module, x: Any, target: Target, baseline: Any, groups: Mapping[str, Sequence[tuple[int, int]]] | None
) -> Question:
    """Put a question together; without a target it is the largest output of each example. Call it without gradients."""
    inputs = inputs_of(network, x)
    count = len(next(iter(inputs.values())))
    given = baseline if isinstance(baseline, Mapping) else dict.fromkeys(inputs, baseline)
    bases = {n: _base(n, v, given.get(n, 0.0)) for n, v in inputs.items()}
    if target is None or not callable(target):
        output = _outputs(run(network, inputs))
        if output.ndim > 2:
            raise ShapeError(
                f"The network gives {' x '.join(map(str, output.shape[1:]))} numbers an example, and one is explained at a time. "
                f"Say which, with a function from outputs to one number an example, such as target=lambda y: y.flatten(1)[:, 0]."
            )
        target = output.argmax(dim=1) if target is None else _indices(target, count, output.shape[1]).to(output.device)
    return Question(network, inputs, target, bases, groups or {})


def no_gradient(network: nn.Module) -> SettingError:
    return SettingError(
        f"No gradient comes through {type(network).__name__}: its forward detaches or rounds its numbers. Use "
        "method='occlusion', which only needs the answers."
    )


def _outputs(output: Any) -> Tensor:
    tensor = first_tensor(output)
    if tensor is None:
        raise ShapeError(
            f"The network gives a {type(output).__name__}, and no tensor that could be explained. Let it return one."
        )
    return tensor[:, None] if tensor.ndim == 1 else tensor


def _indices(target: Any, count: int, outputs: int) -> Tensor:
    found = torch.as_tensor(target)
    if found.is_floating_point() or found.ndim > 1 or (found.ndim == 1 and len(found) != count):
        raise SettingError(
            f"target={target!r} is no output. Give its index, one index for each of {count} examples, or a function."
        )
    if int(found.min()) < 0 or int(found.max()) >= outputs:
        raise SettingError(f"target={target!r} is no output: this network has {outputs}, counted from 0.")
    return found.long().expand(count)


def _base(name: str, value: Any, baseline: Any) -> Tensor:
    made = torch.as_tensor(baseline, dtype=value.dtype, device=value.device)
    try:
        return made.expand(value.shape[1:])[None]
    except RuntimeError:
        raise ShapeError(
            f"The baseline of {name!r} has shape {tuple(made.shape)}, an example {tuple(value.shape[1:])}. Give one number, or one "
            "example."
        ) from None
