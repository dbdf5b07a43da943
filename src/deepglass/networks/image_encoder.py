"""Image encoder: an image as what a decoder of words begins with and looks at: one vector, and one for each place of a grid."""

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from deepglass.networks.recurrent_encoder import Read

GRID = 7  # places a side that words can look at, at most: as many as the last maps of ResNet and VGG have


class ImageEncoder(nn.Module):
    """Blocks of convolution, batch norm, relu and pooling, and from their last map a memory and a summary.

    The summary is a dense layer over the whole map, as it has to tell where things are; each place of the memory has a vector of
    its own added for the same reason.
    Shapes: image (batch, channels, height, width); output as of Read: memory (batch, places, width), summary (batch, width).
    Args: places: whether there is a memory; without it the summary is its one place.
    """

    def __init__(
        self, shape: tuple[int, int, int], filters: Sequence[int], width: int, dropout: float, *, places: bool
    ) -> None:
        super().__init__()
        channels, height, across = shape
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        for k, maps in enumerate(filters, start=1):
            layers[f"conv{k}"] = nn.Conv2d(channels, maps, 3, padding=1, bias=False)
            layers[f"norm{k}"] = nn.BatchNorm2d(maps)
            layers[f"activation{k}"] = nn.ReLU()
            if min(height, across) >= 4:
                layers[f"pool{k}"] = nn.MaxPool2d(2)
                height, across = height // 2, across // 2
            channels = maps
        if max(height, across) > GRID:
            height, across = min(height, GRID), min(across, GRID)
            layers["grid"] = nn.AdaptiveAvgPool2d((height, across))
        self.maps = nn.Sequential(layers)
        self.grid = (height, across)
        self.dropout = nn.Dropout(dropout)
        self.place = nn.Linear(channels, width) if places else None
        self.position = nn.Parameter(torch.randn(height * across, width) / width**0.5) if places else None
        self.whole = nn.Linear(channels * height * across, width)

    def forward(self, image: Tensor) -> Read:
        maps = self.maps(image)
        summary = self.whole(self.dropout(maps.flatten(1))).relu()
        if self.place is None or self.position is None:
            return Read(summary[:, None], summary, None)
        return Read(self.place(maps.flatten(2).transpose(1, 2)) + self.position, summary, None)
