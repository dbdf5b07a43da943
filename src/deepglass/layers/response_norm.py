"""Response norm: maps that hold each other down, as in AlexNet."""

from torch import Tensor, nn
from torch.nn import functional as F

from deepglass.errors import SettingError, ShapeError


class ResponseNorm(nn.Module):
    """Divide each number by a sum over neighbouring maps: b = a / (k + alpha * sum of a^2) ^ beta.

    The sum runs over `size` maps around each, at the same pixel, as the paper writes it. torch.nn.LocalResponseNorm divides
    alpha by `size` (it takes the mean over the neighbours, as Caffe does), so `LocalResponseNorm(5, alpha=5e-4, k=2)` is the
    same as ours with alpha=1e-4.
    Shapes: input and output (batch, channels, ...).
    Args:
        size: maps in the sum; odd, so that as many stand before as after.
        groups: parts into which the maps fall and that do not see each other, such as AlexNet's two towers.
    Raises: SettingError, for an even size or no group; ShapeError, when `groups` does not divide the channels.
    Source: Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", NIPS 2012,
        section 3.3, with its constants.
    """

    def __init__(
        self, size: int = 5, *, alpha: float = 1e-4, beta: float = 0.75, k: float = 2.0, groups: int = 1
    ) -> None:
        super().__init__()
        if size < 1 or size % 2 == 0:
            raise SettingError(f"{size=} of ResponseNorm has to be odd: a map, and as many before as after it.")
        if groups < 1:
            raise SettingError(f"{groups=} of ResponseNorm has to be 1 or more, a divisor of the maps.")
        self.size, self.alpha, self.beta, self.k, self.groups = size, alpha, beta, k, groups

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[1] % self.groups:
            raise ShapeError(
                f"ResponseNorm has groups={self.groups}, which does not divide the {x.shape[1]} maps. Choose a divisor."
            )
        apart = x.reshape(len(x) * self.groups, -1, *x.shape[2:])
        found = F.local_response_norm(apart, self.size, self.alpha * self.size, self.beta, self.k)
        return found.reshape(x.shape)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha:g}, beta={self.beta:g}, k={self.k:g}, groups={self.groups}"
