"""Maps: their size on the way through a network that is being made, so that a kernel that does not fit is told by name."""

from dataclasses import dataclass

from deepglass.errors import ShapeError


@dataclass
class Maps:
    """The size of the maps that arrive at the next layer, in pixels.

    Args: network: its name, for messages.
    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285, relationships 6 and 14.
    """

    network: str
    height: int
    width: int

    @property
    def side(self) -> int:
        """The shorter side."""
        return min(self.height, self.width)

    @property
    def area(self) -> int:
        return self.height * self.width

    def shrink(self, layer: str, kernel: int, stride: int = 1, padding: int = 0, *, ceil: bool = False) -> None:
        """Pass a layer: floor((size + 2 padding - kernel) / stride) + 1 in each axis, rounded up with `ceil`.

        Raises: ShapeError, when the maps are smaller than its kernel.
        """
        up = stride - 1 if ceil else 0
        height, width = ((n + 2 * padding - kernel + up) // stride + 1 for n in (self.height, self.width))
        if min(height, width) < 1:
            raise ShapeError(
                f"The {kernel}x{kernel} kernels of layer {layer} of {self.network} do not fit the maps that arrive there, "
                f'{self.height}x{self.width}. Use larger images, or the variant for small ones, variant="small".'
            )
        self.height, self.width = height, width
