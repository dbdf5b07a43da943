"""Arrays that travel inside the package, one .npz file a set."""

from importlib.resources import files

import numpy as np


def shipped_arrays(name: str) -> dict[str, np.ndarray]:
    """Return the arrays of `arrays/NAME.npz` by name, read anew at each call, so that a caller may change them."""
    path = files("deepglass.data.builtin").joinpath("arrays", f"{name}.npz")
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return dict(arrays)
