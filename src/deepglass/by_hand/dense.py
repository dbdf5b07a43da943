"""Dense: every output is a weighted sum of all inputs."""

from collections.abc import Iterator

import numpy as np

from deepglass.by_hand.weighted import Connection, Index, WeightedSum
from deepglass.errors import ShapeError


class Dense(WeightedSum):
    """z[o] = w[o,0]·x[0] + w[o,1]·x[1] + ... + b[o], on the last axis of what arrives. For nn.Linear."""

    channel = -1

    def output_shape(self, shape: Index) -> Index:
        if shape[-1:] != (self.layer.in_features,):
            raise ShapeError(
                f"A dense layer of {self.layer.in_features} inputs gets {shape}. Give examples of that size; several of them "
                "with batch=True."
            )
        return (*shape[:-1], self.layer.out_features)

    def connections(self, shape: Index) -> Iterator[Connection]:
        for place in np.ndindex(shape[:-1]):
            for o in range(self.layer.out_features):
                yield (*place, o), [((o, i), (*place, i)) for i in range(shape[-1])]
