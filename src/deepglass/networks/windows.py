"""Windows: how far a kernel reaches along each axis, at how many places it stands, and whether it fits at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from deepglass.errors import ShapeError
from deepglass.layers import Subsampling

Shape = Sequence[int]

TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
ADAPTIVE = (nn.modules.pooling._AdaptiveAvgPoolNd, nn.modules.pooling._AdaptiveMaxPoolNd)
# Torch's own whose window is all that there is to their sizes.
PLAIN = (
    *(nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.modules.pooling._MaxPoolNd),
    *(nn.modules.pooling._AvgPoolNd, nn.modules.pooling._LPPoolNd),
)
OURS = "deepglass.layers."


@dataclass(frozen=True)
class Window:
    """A kernel along one axis. Args: padding: before and after. ceil: whether a last window may reach beyond the end."""

    kernel: int
    stride: int = 1
    padding: tuple[int, int] = (0, 0)
    dilation: int = 1
    ceil: bool = False

    @property
    def reach(self) -> int:
        """From the first number that it sees to the last."""
        return self.dilation * (self.kernel - 1) + 1

    def places(self, size: int) -> int:
        """Count where it stands along so many numbers: floor((n + 2p - d(k - 1) - 1) / s) + 1; below 1 when it does not fit.

        With `ceil`, one place more where numbers are left over, as long as it begins before the padding at the end.
        Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285, relation 15.

        >>> Window(7, stride=2, padding=(3, 3)).places(224)
        112
        """
        room = size + sum(self.padding) - self.reach
        count = room // self.stride + 1
        if self.ceil and room % self.stride and count * self.stride < size + self.padding[0]:
            count += 1
        return count

    def rule(self, size: int) -> str:
        """Write that down with its numbers."""
        before, after = self.padding
        padding = "" if not before + after else f" + 2*{before}" if before == after else f" + {before} + {after}"
        reach = f"{self.dilation}*({self.kernel} - 1) - 1" if self.dilation > 1 else str(self.kernel)
        rounded = "ceil" if self.ceil else "floor"
        return f"{rounded}(({size}{padding} - {reach}) / {self.stride}) + 1 = {self.places(size)}"


def windows_of(layer: nn.Module, axes: int) -> tuple[Window, ...] | None:
    """Return the kernel of a convolution or pooling along each axis of its map; None for other layers."""
    if isinstance(layer, Subsampling):
        return (Window(layer.size, layer.size),) * axes
    if not isinstance(layer, PLAIN) and not (type(layer).__module__.startswith(OURS) and hasattr(layer, "kernel_size")):
        return None
    kernel, dilation = _each(layer.kernel_size, axes), _each(getattr(layer, "dilation", 1), axes)
    stride = kernel if getattr(layer, "stride", 1) is None else _each(getattr(layer, "stride", 1), axes)
    padding = getattr(layer, "padding", 0)
    if padding == "same":
        added = [(d * (k - 1) // 2, d * (k - 1) - d * (k - 1) // 2) for k, d in zip(kernel, dilation)]
    else:
        added = [(p, p) for p in _each(0 if padding == "valid" else padding, axes)]
    ceil = bool(getattr(layer, "ceil_mode", False))
    return tuple(Window(*facts, ceil) for facts in zip(kernel, stride, added, dilation))


def size_rule(layer: nn.Module, arriving: Shape, leaving: Shape) -> str:
    """Say with which kernels and by which rule a layer makes its map of what arrives; nothing for layers without kernels.

    Shapes: arriving and leaving (channels, *axes), without the batch.
    """
    sizes, made = tuple(arriving[1:]), tuple(leaving[1:])
    if isinstance(layer, ADAPTIVE):
        return f"windows of any size: always {_times(made)}"
    if isinstance(layer, TRANSPOSED):
        return f"{_kernels(layer)}: {_by_axis([_transposed_rule(layer, axis, n) for axis, n in enumerate(sizes)])}"
    windows = windows_of(layer, len(sizes))
    if windows is None or tuple(w.places(n) for w, n in zip(windows, sizes)) != made:
        return ""  # a subclass that means something else by its settings
    return f"{_kernels(layer, windows)}: {_by_axis([w.rule(n) for w, n in zip(windows, sizes)])}"


def check_axes(name: str, layer: nn.Module, arriving: Shape) -> None:
    """Refuse examples of another number of axes than a convolution or pooling of torch.nn is made for; torch takes a batch of
    signals for one image without a batch, and pools over its channels. Shapes: arriving (channels, *axes), without the batch.

    Raises: ShapeError, naming the layer.
    """
    kind = type(layer).__name__
    if not isinstance(layer, (*PLAIN, *TRANSPOSED, *ADAPTIVE)) or not type(layer).__module__.startswith("torch.nn."):
        return
    axes = int(kind[-2])  # such as Conv2d
    if len(arriving) != axes + 1:
        right = f" Use {kind[:-2]}{len(arriving) - 1}d, or another shape." if 2 <= len(arriving) <= 4 else ""
        raise ShapeError(
            f"{name} ({kind}) does not fit what arrives, {tuple(arriving)}: it takes {axes + 1} axes, channels first.{right}"
        )


def check_fit(name: str, layer: nn.Module, arriving: Shape) -> None:
    """Refuse a map that is smaller than a kernel, and a kernel, stride or dilation of nothing.

    Shapes: arriving (channels, *axes), without the batch.
    Raises: ShapeError, naming the layer.
    """
    if not type(layer).__module__.startswith("torch.nn."):
        return  # a subclass may pad what it is given
    sizes = tuple(arriving[1:])
    windows = windows_of(layer, len(sizes)) or ()
    for window, size in zip(windows, sizes):
        for fact in ("kernel", "stride", "dilation"):
            if getattr(window, fact) < 1:
                raise ShapeError(
                    f"Layer {name} ({type(layer).__name__}) has a {fact} of {getattr(window, fact)}. Give 1 or more."
                )
        if window.places(size) < 1:
            padded = f" with a padding of {window.padding[0]}" if any(window.padding) else ""
            reach = f"reaches over {window.reach}" if window.dilation > 1 else f"is {window.kernel} long"
            raise ShapeError(
                f"The {_times([w.kernel for w in windows])} kernel of layer {name} ({type(layer).__name__}) does not fit what "
                f"arrives, {_times(arriving)}{padded}: it {reach} where there are {size + sum(window.padding)}. Use larger inputs, "
                "padding, a smaller kernel, or less stride and pooling before it."
            )


def _kernels(layer: nn.Module, windows: Sequence[Window] = ()) -> str:
    weight = getattr(layer, "weight", None)
    groups = getattr(layer, "groups", 1)
    if isinstance(layer, nn.modules.conv._ConvNd) and weight is not None:
        channels = weight.shape[0] // groups if isinstance(layer, TRANSPOSED) else weight.shape[1]
        each = "" if groups == 1 else f" in {groups} groups"
        number = "1 kernel" if layer.out_channels == 1 else f"{layer.out_channels} kernels"
        return f"{number} of {_times([channels, *weight.shape[2:]])}{each}"
    return f"windows of {_times([w.kernel for w in windows])}"


def _transposed_rule(layer: Any, axis: int, size: int) -> str:
    """Source: the documentation of torch.nn.ConvTranspose2d."""
    k, s, p = layer.kernel_size[axis], layer.stride[axis], layer.padding[axis]
    d, extra = layer.dilation[axis], layer.output_padding[axis]
    made = (size - 1) * s - 2 * p + d * (k - 1) + 1 + extra
    padding = f" - 2*{p}" if p else ""
    reach = f"{d}*({k} - 1) + 1" if d > 1 else str(k)
    return f"({size} - 1)*{s}{padding} + {reach}{f' + {extra}' if extra else ''} = {made}"


def _by_axis(rules: Sequence[str]) -> str:
    return rules[0] if len(set(rules)) == 1 else ", ".join(rules)


def _times(sizes: Sequence[int]) -> str:
    return "x".join(map(str, sizes))


def _each(value: Any, axes: int) -> tuple[int, ...]:
    """One number for each axis, from one for all or a sequence."""
    several = tuple(value) if isinstance(value, tuple | list) else (int(value),)
    return several * axes if len(several) == 1 else several
