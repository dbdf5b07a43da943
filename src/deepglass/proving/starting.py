"""Starting: the weights that the trainings of a proof start from: those the run itself started from, or drawn by each seed."""

from collections.abc import Mapping

from torch import Tensor, equal, nn

from deepglass.errors import RunError
from deepglass.randomness import seeded
from deepglass.runs import RunFolder, kept_epochs, read_state
from deepglass.training.reopen import last_weights
from deepglass.training.spec import Spec

BOTH = "The seeds vary the start weights and the order of the examples."
ORDER = (
    "The seeds vary the order of the examples; each training starts from the weights that the run started from, "
    "so nothing is said of others."
)
WEIGHTS = "The seeds vary the start weights; the examples come in the same order each time."
NOTHING = "The seeds vary neither the start weights nor the order of the examples, only what is drawn on the way, such as dropout."
REDRAWN = "A remedy that changes the shapes or the initialization of the network draws weights of its own, by the seed."


def start_of(folder: RunFolder) -> dict[str, Tensor] | None:
    """The weights that a network of the user's started from, which no seed can draw again; None where they are not kept.

    Raises: RunError, when they are damaged.
    """
    place = kept_epochs(folder.path).get(0)
    return None if place is None else last_weights(read_state(place).tensors)


def same_weights(network: nn.Module, weights: Mapping[str, Tensor]) -> bool:
    own = network.state_dict()
    return own.keys() == weights.keys() and all(equal(own[n].cpu(), v) for n, v in weights.items())


def same_shapes(network: nn.Module, weights: Mapping[str, Tensor]) -> bool:
    own = network.state_dict()
    return own.keys() == weights.keys() and all(own[n].shape == v.shape for n, v in weights.items())


def varied(spec: Spec, *, weights: bool, redrawn: bool) -> str:
    """Say what the seeds vary. Args: weights: each draws its own; redrawn: at least in some remedy, though not as a rule."""
    mixed = spec.recipe.batch_size != "all" and (spec.recipe.shuffle or spec.recipe.sampling != "shuffled")
    said = (BOTH if mixed else WEIGHTS) if weights else ORDER if mixed else NOTHING
    return f"{said} {REDRAWN}" if redrawn and not weights else said


def draw_anew(network: nn.Module, seed: int, folder: RunFolder) -> None:
    """Give a network of the user's new weights, as torch's layers draw them. Raises: RunError, when it has other layers."""
    with seeded(seed, "weights"):
        for name, module in network.named_modules():
            if hasattr(module, "reset_parameters"):
                module.reset_parameters()
            elif next(module.parameters(recurse=False), None) is not None:
                raise RunError(
                    f"{folder.path} does not hold the weights that it started from, and {name or 'the network'} of it "
                    f"({type(module).__name__}) cannot draw new ones. Give it a method reset_parameters()."
                )
