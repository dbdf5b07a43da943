"""Sliding: a window over an image, as a convolution or a pooling, on numbers that one can follow."""

from deepglass.sliding.images import IMAGES, image_of, rows_of
from deepglass.sliding.kernels import KERNELS, POOLINGS, kernel_of
from deepglass.sliding.windows import Sliding, slide

__all__ = ["IMAGES", "KERNELS", "POOLINGS", "Sliding", "image_of", "kernel_of", "rows_of", "slide"]
