"""Saliency: which inputs an answer rests on, one file for each way of asking."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.errors import SettingError
from deepglass.inside.saliency.grad_cam import grad_cam
from deepglass.inside.saliency.gradient import gradient, gradient_x_input
from deepglass.inside.saliency.integrated_gradients import integrated_gradients
from deepglass.inside.saliency.occlusion import occlusion
from deepglass.inside.saliency.question import Target, ask
from deepglass.inside.saliency.smooth_grad import smooth_grad
from deepglass.inside.undisturbed import at_a_time, inputs_of, plain, undisturbed
from deepglass.inside.words import by_word, with_vectors
from deepglass.names import find, suggestion
from deepglass.networks.front import front_of

METHODS: dict[str, Callable[..., dict[str, Tensor]]] = {
    "gradient": gradient,
    "gradient_x_input": gradient_x_input,
    "integrated_gradients": integrated_gradients,
    "smooth_grad": smooth_grad,
    "occlusion": occlusion,
    "grad_cam": grad_cam,
}
SHARED_OUT = (
    "gradient_x_input",
    "integrated_gradients",
)  # whose parts add up, exactly in a linear network or in every one

BY_ANSWERS = ("occlusion",)  # which need answers alone, and no gradient

__all__ = ["METHODS", "SHARED_OUT", "Saliency", "Target", "saliency", "usual_method"]


@dataclass(frozen=True)
class Saliency:
    """What each input did for an answer.

    Shapes: by_input: name -> (examples, ...) as the inputs, of Grad-CAM (examples, 1, ...); score (examples,), the number that
    is explained; start (examples,), the same at the baseline.
    Units: those of the network's output (logits for most), for gradients per unit of the input.
    """

    method: str
    by_input: dict[str, Tensor]
    score: Tensor
    start: Tensor

    @property
    def values(self) -> Tensor:
        """Those of the one input. Raises: SettingError, when there are several."""
        if len(self.by_input) != 1:
            raise SettingError(f"There are several inputs: {', '.join(self.by_input)}. Use .by_input[name].")
        return next(iter(self.by_input.values()))

    @property
    def adds(self) -> bool:
        """Whether the numbers of one column are parts to be added up, and not slopes, or one fall written to each of them."""
        return self.method not in ("gradient", "smooth_grad", "occlusion")

    @property
    def sums(self) -> Tensor:
        """All parts added up, (examples,): for integrated gradients score - start."""
        return torch.stack([v.flatten(1).sum(dim=1) for v in self.by_input.values()]).sum(dim=0)


def saliency(
    network: nn.Module,
    x: Any,
    target: Target = None,
    method: str = "auto",
    *,
    baseline: Any = 0.0,
    groups: Mapping[str, Sequence[tuple[int, int]]] | None = None,
    **options: Any,
) -> Saliency:
    """Say which inputs an answer rests on. The network stays as it is; it is run in evaluation mode.

    Args:
        x: what the network takes, encoded, examples first; or a dictionary of inputs by name. Of texts, whole numbers (examples,
            time), gradients are those of the word vectors: added up for each word, and of a plain gradient its length.
        target: which output is explained: its index, one index for each example, or a function from the output to one number for
            each example (default: the largest output of each example).
        method: one of METHODS, or "auto": integrated gradients, and smooth gradients behind a front, which ignores loudness.
        baseline: what counts as nothing there: one number, one example, or one of these for each input by name.
        groups: numbers of an input that occlusion covers together, as (start, end).
        options: those of the method: `steps`; `samples`, `noise`, `seed`; `patch`, `stride`; `layer`.
    Raises: UnknownName; SettingError, where a method cannot say anything; ShapeError, when x does not fit.

    >>> linear = nn.Linear(2, 1)
    >>> torch.equal(saliency(linear, torch.ones(1, 2), method="gradient").values, linear.weight.detach())
    True
    """
    method = usual_method(network) if method == "auto" else method
    work = find("saliency method", method, METHODS)
    known = [p for p in inspect.signature(work).parameters if p != "question"]
    for option in options:
        if option not in known:
            has = f"Options: {', '.join(known)}." if known else "It has none."
            raise SettingError(f"{method} has no option {option!r}.{suggestion(option, known)} {has}")
    network = plain(network)
    if method in SHARED_OUT and front_of(network) is not None:
        raise SettingError(
            f"{method} shares out what an answer gained on the way from silence, and the front of this network ignores loudness, "
            "so nothing changes on that way. Use gradient, smooth_grad or occlusion."
        )
    with undisturbed(network, gradients=True):
        inputs = inputs_of(network, x)
        if method not in BY_ANSWERS:
            network, inputs, nothing = with_vectors(network, inputs)
            baseline = {**_each(baseline, inputs), **nothing}
        with torch.no_grad():
            whole = ask(network, inputs, target, baseline, groups)
        size = at_a_time(whole.inputs)
        parts = [whole.part(slice(at, at + size)) for at in range(0, max(1, len(whole)), size)]
        with torch.no_grad():
            scores = torch.cat([part.score(part.inputs).cpu() for part in parts])
            starts = torch.cat([part.score(part.starts()).cpu() for part in parts])
        found = [{n: v.detach().cpu() for n, v in work(part, **options).items()} for part in parts]
    joined = {n: torch.cat([f[n] for f in found]) for n in found[0]}
    return Saliency(method, by_word(joined, adds=method in SHARED_OUT), scores, starts)


def _each(baseline: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
    return dict(baseline) if isinstance(baseline, Mapping) else dict.fromkeys(inputs, baseline)


def usual_method(network: nn.Module) -> str:
    """What an answer is explained by unless somebody says otherwise."""
    return "integrated_gradients" if front_of(network) is None else "smooth_grad"
