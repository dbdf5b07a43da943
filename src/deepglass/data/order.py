"""Order: in which order an epoch visits the examples, a function of (seed, epoch, lengths or classes) alone."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from deepglass.errors import SettingError
from deepglass.names import find
from deepglass.randomness import generator

MOST_INT32 = 2**31 - 1
MANY = 1 << 22  # ids, from which their order takes the place of what it was drawn as, and has its type
CHUNK = 1 << 18  # of them at a time
POOL = 50  # batches that are sorted by length together: even lengths inside a batch, and still a mixed order


@dataclass(frozen=True)
class Draw:
    """What an order is drawn from, beside the ids."""

    seed: int
    epoch: int
    batch_size: int
    lengths: Tensor | None = None
    classes: Tensor | None = None

    def random(self) -> torch.Generator:
        return generator(self.seed, "order", self.epoch)


def order_of(
    ids: Tensor,
    rule: str,
    *,
    seed: int,
    epoch: int,
    batch_size: int,
    lengths: Tensor | None = None,
    classes: Tensor | None = None,
) -> Tensor:
    """Return `ids` in the order of one epoch, int64, or int32 where they are millions.

    Rules:
        shuffled          a new permutation each epoch
        sequential        as they stand
        with_replacement  as many random draws as there are examples: in an epoch an example comes once on average, and
                          not at all with probability 1/e
        balanced          each class equally often; needs `classes`, one an id. Of a class with more examples than its
                          share a random part comes, new in each epoch; those of a rarer class come several times, as
                          evenly as can be
        bucketed          shuffled, with examples of like length in a batch; needs `lengths`, one an id
        lanes             batch_size contiguous lanes: example i of a batch follows example i of the batch before.
                          Examples that do not fill a last step of all lanes are left out.
    """
    return find("order", rule, ORDERS)(ids, Draw(seed, epoch, batch_size, lengths, classes))


def _shuffled(ids: Tensor, draw: Draw) -> Tensor:
    small = (
        torch.int32 if len(ids) and int(ids.max()) < MOST_INT32 else torch.int64
    )  # the same order in half the memory
    drawn = torch.randperm(len(ids), generator=draw.random(), dtype=small)
    if len(ids) < MANY:
        return ids.index_select(0, drawn)
    for part in drawn.split(CHUNK):
        part.copy_(ids.index_select(0, part))
    return drawn


def _sequential(ids: Tensor, draw: Draw) -> Tensor:
    return ids


def _with_replacement(ids: Tensor, draw: Draw) -> Tensor:
    return ids[torch.randint(len(ids), (len(ids),), generator=draw.random())]


def _balanced(ids: Tensor, draw: Draw) -> Tensor:
    if draw.classes is None:
        raise SettingError("order 'balanced' needs the class of each example. Use 'shuffled'.")
    random = draw.random()
    present, code = draw.classes.unique(return_inverse=True)
    share, over = divmod(len(ids), len(present))
    more = torch.randperm(len(present), generator=random)[:over].tolist()  # what does not come out even goes to these
    chosen = []
    for place in range(len(present)):
        own = (code == place).nonzero()[:, 0]
        rounds, rest = divmod(share + (place in more), len(own))
        chosen += [own] * rounds + [own[torch.randperm(len(own), generator=random)[:rest]]]
    drawn = torch.cat(chosen)
    return ids[drawn[torch.randperm(len(drawn), generator=random)]]


def _bucketed(ids: Tensor, draw: Draw) -> Tensor:
    lengths, batch_size = draw.lengths, draw.batch_size
    if lengths is None:
        raise SettingError("order 'bucketed' needs examples of uneven length. Use 'shuffled'.")
    random = draw.random()
    mixed = torch.randperm(len(ids), generator=random)
    pools = [p[lengths[p].argsort(stable=True)] for p in mixed.split(POOL * batch_size)]
    batches = torch.cat(pools).split(batch_size)
    full = [b for b in batches if len(b) == batch_size]
    rest = [b for b in batches if len(b) < batch_size]  # a short batch may only stand at the end
    turn = torch.randperm(len(full), generator=random).tolist()
    return ids[torch.cat([*(full[i] for i in turn), *rest])]


def _lanes(ids: Tensor, draw: Draw) -> Tensor:
    batch_size = draw.batch_size
    steps = len(ids) // batch_size
    if steps == 0:
        raise SettingError(
            f"{batch_size=} lanes need at least as many examples; there are {len(ids)}. Lower batch_size."
        )
    return ids[: steps * batch_size].reshape(batch_size, steps).T.reshape(-1)


ORDERS: dict[str, Callable[[Tensor, Draw], Tensor]] = {
    "shuffled": _shuffled,
    "sequential": _sequential,
    "with_replacement": _with_replacement,
    "balanced": _balanced,
    "bucketed": _bucketed,
    "lanes": _lanes,
}
