"""Copies: what a linear model keeps of inputs that are to be given back."""

import numpy as np

# Of the narrowest layer's units an eighth: less than what a network that works makes of them (with a fourth one that had hardly
# begun to, 0.14, stood beside 0.42), more than what one does that gives the mean.
SHARE = 8


def of_copies(x: np.ndarray, narrowest: int) -> float:
    """The share of the variance (r2) of held-out rows, a fourth, that is left after projection on a few principal components of the
    others. Shape: x (rows, numbers). narrowest: units of the narrowest layer.

    Source: Baldi and Hornik, "Neural Networks and Principal Component Analysis", Neural Networks 1989: a linear autoencoder with so
    many hidden units can do no better, and has no other minima.

    >>> line = np.outer(np.linspace(-1, 1, 40), [1.0, 2.0, 3.0])
    >>> round(of_copies(line, 8), 6)
    1.0
    """
    mixed = np.random.default_rng(0).permutation(len(x))
    known, held = x[mixed[len(x) // 4 :]], x[mixed[: len(x) // 4]]
    mean = known.mean(0)
    parts = np.linalg.svd(known - mean, full_matrices=False)[2][: max(1, narrowest // SHARE)]
    lost = held - mean - (held - mean) @ parts.T @ parts
    whole = held - held.mean(0)
    return max(0.0, float(1 - (lost**2).sum() / max((whole**2).sum(), 1e-300)))
