"""Looking up: a layer that has a row of numbers for each token, and gives the row of the token that it gets."""

from collections import defaultdict

import numpy as np

from deepglass.by_hand.expressions import Expression
from deepglass.by_hand.functions import total
from deepglass.by_hand.rule import Rule
from deepglass.by_hand.sheet import Grid, empty, values, zeros
from deepglass.errors import SettingError, ShapeError


class LookingUp(Rule):
    """vector[t,j] = w[token at t, j]; back, a row gets the slopes of all places where its token stands. For nn.Embedding.

    Only the rows that are looked up are written down; no other gets a slope. A token has none, for it is no amount. Shapes: input
    (examples, ...) of tokens, output (examples, ..., width).
    Source: Bengio, Ducharme, Vincent and Jauvin, "A Neural Probabilistic Language Model", JMLR 2003, section 2.
    """

    letter = "vector"
    counts = True

    def prepare(self) -> None:
        if self.layer.max_norm is not None or self.layer.scale_grad_by_freq:
            raise SettingError(
                f"{self.layer} changes its rows as they are read, or divides slopes by how often a token comes, and by hand a "
                "plain table is calculated. Make it without max_norm and scale_grad_by_freq."
            )

    def forward(self, x: Grid) -> Grid:
        tokens, rows = values(x), self.layer.num_embeddings
        strange = next((t for t in tokens.ravel().tolist() if t != int(t) or not 0 <= t < rows), None)
        if strange is not None:
            raise ShapeError(
                f"{self.layer} has a row for each token from 0 to {rows - 1}, and gets {strange:g}. Give whole numbers of these."
            )
        self.tokens = tokens.astype(int)
        self.rows = sorted(set(self.tokens.ravel().tolist()))
        place = {token: k for k, token in enumerate(self.rows)}
        weight = self.taken(self.layer.weight, f"w{self.call.of_weights}", rows=self.rows)
        self.parameters["weight"] = weight
        made = empty((*x.shape, self.layer.embedding_dim))
        for at in np.ndindex(x.shape):
            made[at] = weight[place[int(self.tokens[at])]]
        return self.sheet.names(self.base, made)

    def backward(self, slope: Grid) -> Grid:
        arriving: dict[tuple[int, int], list[Expression]] = defaultdict(list)
        for *at, j in np.ndindex(slope.shape):
            token = int(self.tokens[tuple(at)])
            if token != self.layer.padding_idx:
                arriving[token, j].append(slope[(*at, j)])
        made = empty((len(self.rows), slope.shape[-1]))
        for k, j in np.ndindex(made.shape):
            made[k, j] = total(arriving[self.rows[k], j])
        self.note("weight", made)
        return zeros(self.tokens.shape)
