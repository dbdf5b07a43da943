"""Grad-CAM: which places of a feature map speak for the answer."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from deepglass.errors import SettingError
from deepglass.inside.activations import activations, examples_first, not_called
from deepglass.inside.listening import base, find_layer, layer_names, listening
from deepglass.inside.saliency.question import Question, no_gradient
from deepglass.layers import PartialConv2d

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, PartialConv2d)


def grad_cam(question: Question, *, layer: str | None = None) -> dict[str, Tensor]:
    """The feature maps of a layer, each weighted by its mean gradient, added up; what speaks against the answer is left out.

    Args: layer: a layer with maps (default: the last convolution whose maps have more than one place).
    Returns: for the first input that has as many axes: (examples, 1, ...), enlarged to its size.
    Raises: SettingError, when there are no feature maps.
    Source: Selvaraju, Cogswell, Das, Vedantam, Parikh and Batra, "Grad-CAM", arXiv:1610.02391, equations 1 and 2.
    """
    chosen = layer or last_maps(question)
    network, count = question.network, len(question)
    kept: list[Tensor] = []

    def hear(name: str, module: nn.Module, output: Tensor) -> Tensor | None:
        if name != chosen:
            return None
        if not output.requires_grad:  # nothing before this layer is trained or asked for
            output = output.detach().requires_grad_()
        kept.append(output)
        return output.clone()  # so that a layer that works in place does not change what was kept

    with listening(network, hear, [chosen]):
        score = question.score(question.inputs)
    if not kept:
        raise not_called(network, chosen)
    (maps,) = kept
    if maps.ndim < 3 or examples_first(find_layer(network, chosen), maps, count) is not maps:
        raise _no_maps(chosen, tuple(maps.shape[1:]))
    if not score.requires_grad:
        raise no_gradient(network)
    (slope,) = torch.autograd.grad(score.sum(), [maps], allow_unused=True, materialize_grads=True)
    weights = slope.flatten(2).mean(dim=2)  # (examples, maps): equation 1
    cam = torch.einsum("nk,nk...->n...", weights, maps.detach()).relu()[:, None]  # equation 2
    for name, values in question.inputs.items():
        if values.ndim == maps.ndim:
            mode = {3: "linear", 4: "bilinear", 5: "trilinear"}[maps.ndim]
            return {name: F.interpolate(cam, tuple(values.shape[2:]), mode=mode, align_corners=False)}
    raise _no_maps(chosen, tuple(maps.shape[1:]))


def last_maps(question: Question) -> str:
    """The last convolution whose maps still have places. Raises: SettingError, when there is none."""
    network = question.network
    convolutions = [name for name, module in layer_names(network).items() if isinstance(module, CONVOLUTIONS)]
    one = {name: value[:1].detach() for name, value in question.inputs.items()}
    heard = activations(network, one, None) if convolutions else {}
    for name, found in reversed(heard.items()):
        if base(name) in convolutions and found.values[0, 0].numel() > 1:
            return name
    raise SettingError(
        "Grad-CAM looks at the feature maps of a convolution, and this network has none with more than one place. Use "
        "method='integrated_gradients'."
    )


def _no_maps(layer: str, shape: tuple[int, ...]) -> SettingError:
    return SettingError(
        f"Grad-CAM needs feature maps over the places of an input; the layer {layer!r} gives {shape} for an example. Name a "
        "convolution, or leave the layer open."
    )
