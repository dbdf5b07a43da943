"""Precision: which products are taken in bfloat16, by rule.

bfloat16 keeps float32's range with 8 bits instead of 24. Weights, gradients as the optimizer sees them, losses and all
that is measured stay in float32; only the factors of large products are rounded, and their sums are still taken in float32.
Source: Kalamkar et al., "A Study of BFLOAT16 for Deep Learning Training", arXiv:1905.12322.
"""

from dataclasses import dataclass

import torch

# Multiply-adds of one layer's product in a step from which bfloat16 is worth its conversions, measured on an AMD EPYC with
# AVX512-BF16: 784 x 128 with batches of 128 takes 80 instead of 300 microseconds.
LEAST_PRODUCT = 2_000_000
LEAST_STEP = 100_000_000  # of a whole step, forward, where every layer goes through torch's autocast


@dataclass(frozen=True)
class Precision:
    """What takes bfloat16: products of `least` multiply-adds and more; none where `low` is off."""

    low: bool = False
    least: int = 0

    @property
    def name(self) -> str:
        return "bfloat16" if self.low else "float32"

    def lowers(self, multiply_adds: int) -> bool:
        """Whether a product of so many multiply-adds is taken in bfloat16."""
        return self.low and multiply_adds >= self.least


def precision_for(asked: str, device: torch.device) -> Precision:
    """Return the precision for a recipe's word: auto, float32 or bfloat16."""
    if asked == "bfloat16":
        return Precision(low=True)
    return Precision(low=asked == "auto" and has_bfloat16_units(device), least=LEAST_PRODUCT)


def has_bfloat16_units(device: torch.device) -> bool:
    """Whether a device multiplies bfloat16 in hardware, faster than float32."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)  # tensor cores take it from Ampere on
    if device.type != "cpu":
        return False
    known = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name)() for name in known if hasattr(torch.cpu, name))
