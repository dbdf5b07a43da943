"""Moves: where the pixels of an image go. Flips, crops and shifts are exact; rotation and scale share one resampling.

Shapes throughout: images (examples, channels, height, width), fill (channels, 1, 1).
"""

import torch
from torch import Tensor
from torch.nn.functional import grid_sample


def flip(images: Tensor, chosen: Tensor, axis: int) -> Tensor:
    """Mirror the chosen images along an axis (3: left to right, 2: upside down). Shapes: chosen (examples,) bool."""
    return torch.where(chosen[:, None, None, None], images.flip(axis), images)


def shift(images: Tensor, pixels: Tensor, fill: Tensor) -> Tensor:
    """Move each image down and right by its own whole number of pixels.

    Shapes: pixels (examples, 2) int64 as (down, right). `fill` is what moves in at the borders.
    """
    height, width = images.shape[2:]
    rows = torch.arange(height, device=images.device) - pixels[:, :1]  # (examples, height): where each row comes from
    columns = torch.arange(width, device=images.device) - pixels[:, 1:]
    inside = ((rows >= 0) & (rows < height))[:, None, :, None] & ((columns >= 0) & (columns < width))[:, None, None, :]
    return torch.where(inside, _taken(images, rows.clamp(0, height - 1), columns.clamp(0, width - 1)), fill.to(images))


def crop(images: Tensor, corner: Tensor) -> Tensor:
    """Pad by mirroring, without repeating the border, and cut the old size out again at a corner.

    Shapes: corner (examples, 2) int64, (down, right) from the image's own corner; smaller than the image either way.
    """
    height, width = images.shape[2:]
    rows = torch.arange(height, device=images.device) + corner[:, :1]
    columns = torch.arange(width, device=images.device) + corner[:, 1:]
    return _taken(images, _mirrored(rows, height), _mirrored(columns, width))


def turn(images: Tensor, degrees: Tensor, factor: Tensor, fill: Tensor) -> Tensor:
    """Rotate (counter-clockwise) and enlarge about the centre in one bilinear resampling; `fill` comes in from outside.

    Shapes: degrees and factor (examples,).
    """
    height, width = images.shape[2:]
    angle = torch.deg2rad(degrees.double())  # double: rounding then hides that a processor's sine has several versions
    cosine, sine = (angle.cos() / factor).float()[:, None, None], (angle.sin() / factor).float()[:, None, None]
    y = (torch.arange(height, device=images.device) - (height - 1) / 2)[:, None]  # pixels from the centre
    x = (torch.arange(width, device=images.device) - (width - 1) / 2)[None, :]
    # Where each new pixel comes from; grid_sample counts from -1 to 1 over the whole width and height.
    grid = torch.stack([(cosine * x - sine * y) * (2 / width), (sine * x + cosine * y) * (2 / height)], dim=-1)
    fill = fill.to(images)
    return grid_sample(images - fill, grid.to(images.dtype), align_corners=False) + fill


def _taken(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Pick rows (examples, height) and columns (examples, width) of each image."""
    n, channels, height, width = images.shape
    place = (rows[:, :, None] * width + columns[:, None, :]).reshape(n, 1, height * width).expand(-1, channels, -1)
    return images.flatten(2).gather(2, place).reshape(images.shape)


def _mirrored(places: Tensor, size: int) -> Tensor:
    return (size - 1) - ((size - 1) - places.abs()).abs()
