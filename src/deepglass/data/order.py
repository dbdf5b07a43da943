"""Order: in which order an epoch visits the examples, a function of (seed, epoch, lengths) alone."""

from collections.abc import Callable

import torch
from torch import Tensor

from deepglass.errors import SettingError
from deepglass.names import find
from deepglass.randomness import generator

POOL = 50  # batches that are sorted by length together: even lengths inside a batch, and still a mixed order


def order_of(
    ids: Tensor, rule: str, *, seed: int, epoch: int, batch_size: int, lengths: Tensor | None = None
) -> Tensor:
    """Return `ids` in the order of one epoch.

    Rules:
        shuffled    a new permutation each epoch
        sequential  as they stand
        bucketed    shuffled, with examples of like length in a batch; needs `lengths`, one an id
        lanes       batch_size contiguous lanes: example i of a batch follows example i of the batch before.
                    Examples that do not fill a last step of all lanes are left out.
    """
    return find("order", rule, ORDERS)(ids, seed, epoch, batch_size, lengths)


def _shuffled(ids: Tensor, seed: int, epoch: int, batch_size: int, lengths: Tensor | None) -> Tensor:
    return ids[torch.randperm(len(ids), generator=generator(seed, "order", epoch))]


def _sequential(ids: Tensor, seed: int, epoch: int, batch_size: int, lengths: Tensor | None) -> Tensor:
    return ids


def _bucketed(ids: Tensor, seed: int, epoch: int, batch_size: int, lengths: Tensor | None) -> Tensor:
    if lengths is None:
        raise SettingError("order 'bucketed' needs examples of uneven length. Use 'shuffled'.")
    random = generator(seed, "order", epoch)
    mixed = torch.randperm(len(ids), generator=random)
    pools = [p[lengths[p].argsort(stable=True)] for p in mixed.split(POOL * batch_size)]
    batches = torch.cat(pools).split(batch_size)
    full = [b for b in batches if len(b) == batch_size]
    rest = [b for b in batches if len(b) < batch_size]  # a short batch may only stand at the end
    turn = torch.randperm(len(full), generator=random).tolist()
    return ids[torch.cat([*(full[i] for i in turn), *rest])]


def _lanes(ids: Tensor, seed: int, epoch: int, batch_size: int, lengths: Tensor | None) -> Tensor:
    steps = len(ids) // batch_size
    if steps == 0:
        raise SettingError(
            f"{batch_size=} lanes need at least as many examples; there are {len(ids)}. Lower batch_size."
        )
    return ids[: steps * batch_size].reshape(batch_size, steps).T.reshape(-1)


ORDERS: dict[str, Callable[[Tensor, int, int, int, Tensor | None], Tensor]] = {
    "shuffled": _shuffled,
    "sequential": _sequential,
    "bucketed": _bucketed,
    "lanes": _lanes,
}
