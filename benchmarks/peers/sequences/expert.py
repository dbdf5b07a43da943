"""Expert: resident tensors, like lengths together, fused Adam, bf16."""

from collections.abc import Iterator

import torch
from clock import Clock, Size
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence

from peers.sequences import NETWORKS, sentences

POOL = 50  # batches that are sorted by length together


def lstm(size: Size, clock: Clock) -> None:
    run("lstm", size, clock)


def transformer(size: Size, clock: Clock) -> None:
    run("transformer", size, clock)


def run(name: str, size: Size, clock: Clock) -> None:
    data = sentences(size)
    torch.backends.mha.set_fastpath_enabled(False)  # which knows no autocast
    torch.manual_seed(size.seed)
    clock.start()
    x, test_x = (pad_sequence([torch.from_numpy(row) for row in rows], True) for rows in (data.x, data.test_x))
    y, test_y = torch.from_numpy(data.y), torch.from_numpy(data.test_y)
    lengths, test_lengths = (x != 0).sum(1), (test_x != 0).sum(1)
    network = NETWORKS[name](data.vocabulary)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, fused=True)

    def output(x: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            result: Tensor = network(x)
        return result.float()

    for _ in range(size.epochs):
        network.train()
        for ids in bucketed(lengths, size.batch):
            loss = cross_entropy(output(x[ids, : lengths[ids].max()]), y[ids])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        clock.trained()
        network.eval()
        right = 0
        with torch.inference_mode():
            for ids in test_lengths.argsort().split(500):
                right += int((output(test_x[ids, : test_lengths[ids].max()]).argmax(1) == test_y[ids]).sum())
        clock.epoch(right / size.tests)
    clock.end()


def bucketed(lengths: Tensor, batch: int) -> Iterator[Tensor]:
    """Batches of like length, in a random order."""
    pools = torch.randperm(len(lengths)).split(POOL * batch)
    batches = [part for pool in pools for part in pool[lengths[pool].argsort()].split(batch)]
    return (batches[i] for i in torch.randperm(len(batches)).tolist())
