"""Following: a forward of one's own is run once, and what it calls is what is calculated."""

from collections.abc import Mapping
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.autograd.function import BackwardCFunction

from deepglass.by_hand.links import Links
from deepglass.by_hand.notes import Notes, RuleFor
from deepglass.errors import DeepglassError, SettingError, ShapeError
from deepglass.networks.call import call


def followed(
    network: nn.Module, inputs: Mapping[str, Tensor], rule_for: RuleFor, *, training: bool
) -> tuple[Links, Tensor]:
    """Return the calls in order with what each is given, and what the network gave, in float64 and as in evaluation.

    Args: training: whether dropout is going to drop something.
    Raises: SettingError, naming a layer that has no rule, or a function that is not known; ShapeError.
    """
    copy = deepcopy(network).double().eval()
    noted = Notes(network, copy, inputs, rule_for, training)
    given = {name: x.clone() for name, x in inputs.items()}
    for value, x in enumerate(given.values()):
        noted.know(x, value)
    try:
        with torch.enable_grad(), noted:
            output = call(copy, given)
    except DeepglassError:
        raise
    except (RuntimeError, ValueError, TypeError, IndexError, AssertionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        shapes = ", ".join(f"{n}, {tuple(x.shape)}" for n, x in inputs.items())
        raise ShapeError(
            f"{type(network).__name__} cannot be run on {shapes}: {reason}. Give an example of the shape that it was made for; "
            "several with batch=True."
        ) from error
    output = output[0] if isinstance(output, tuple | list) and output else output
    if not isinstance(output, Tensor):
        raise SettingError(
            f"{type(network).__name__} gives a {type(output).__name__}, and by hand a tensor is calculated. Let forward return "
            "one, or a tuple that begins with it."
        )
    noted.links.output = noted.value_of(output)
    _check_backward(network, output)
    if not noted.links.links:
        raise SettingError(
            f"{type(network).__name__} calls no layer that could be calculated by hand. Give a network of layers such as nn.Linear."
        )
    return noted.links, output.detach()


def _check_backward(network: nn.Module, output: Tensor) -> None:
    """Refuse what goes back in another way than its arithmetic says."""
    left, seen = [output.grad_fn], set()
    while left:
        node = left.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if isinstance(node, BackwardCFunction):
            raise SettingError(
                f"{type(network).__name__} has a function with a way back of its own, {type(node).__name__}, which is not "
                "calculated by hand. Write what it does with layers or arithmetic of torch."
            )
        left += [before for before, _ in node.next_functions]
