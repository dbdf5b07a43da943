"""Steps: what networks of sequences share: what they take, where generation begins, and maps of their attention."""

from collections.abc import Mapping
from inspect import signature

from torch import Tensor, nn

from deepglass.errors import ShapeError
from deepglass.layers.attention import attention_heard
from deepglass.networks.call import call
from deepglass.networks.parts import Shape

SOURCE, PREVIOUS = "source", "previous"  # what an encoder reads, and what a decoder has said so far
START = 2  # the code of "<start>" in every vocabulary, behind padding and unknown


class Attentive(nn.Module):
    """Base of networks with attention: its weights can be asked for; nothing is kept otherwise."""

    def attention(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Run the network on its inputs, and return the weights of each attention layer: name -> (batch, heads, to, from)."""
        with attention_heard(self) as maps:
            call(self, inputs)
        return maps

    def between(self, layer: str) -> tuple[str, str]:
        """The parameters of `forward` whose steps are the rows and the columns of a layer's weights; here one for both."""
        return self.parameters_of_forward[0], self.parameters_of_forward[0]

    @property
    def parameters_of_forward(self) -> list[str]:
        """The names that the network has for its inputs."""
        return list(signature(self.forward).parameters)

    def places(self, parameter: str, steps: list[str]) -> list[str]:
        """What stands at the columns of the weights, from what stands at the steps of an input; here the same."""
        return steps


def features_of(network: str, shape: Shape, vocabulary: int | None) -> int:
    """How many numbers a step has; 0 for the tokens of a text. Raises: ShapeError, for what is no sequence."""
    if vocabulary is not None and len(shape) == 1:
        return 0
    if vocabulary is None and len(shape) == 2:
        return shape[1]
    instead = "mlp, or lstm with steps=10 to make a series from a vector" if len(shape) == 1 else "convnet"
    raise ShapeError(
        f"{network} takes series (time, features) or texts, and an example here has shape {tuple(shape)}. Reshape the data, for "
        f"one number a step to (time, 1), or use {instead}."
    )


class Writes(Attentive):
    """Base of encoder-decoders: `forward(source, previous)`, and a decoder that looks at the source."""

    def between(self, layer: str) -> tuple[str, str]:
        return PREVIOUS, self.parameters_of_forward[0]


def activated(answer: Tensor, activation: nn.Module | None) -> Tensor:
    """The answer of a network, through its last activation where it has one."""
    if activation is None:
        return answer
    changed: Tensor = activation(answer)
    return changed


def previous_or_start(source: Tensor, previous: Tensor | None) -> Tensor:
    """What a decoder has said so far: (batch, steps); at the beginning nothing but "<start>"."""
    return source.new_full((len(source), 1), START).long() if previous is None else previous
