"""Augmentation: random changes of the training examples, on the device, a batch at a time."""

from deepglass.data.augment.fits import check_augment
from deepglass.data.augment.images import augment
from deepglass.data.augment.moves import crop, flip, shift, turn
from deepglass.data.augment.settings import Augment
from deepglass.data.augment.signals import augment_signals
from deepglass.data.augment.variants import count_variants, crops_and_flips, variants

__all__ = [
    "Augment",
    "augment",
    "augment_signals",
    "check_augment",
    "count_variants",
    "crop",
    "crops_and_flips",
    "flip",
    "shift",
    "turn",
    "variants",
]
