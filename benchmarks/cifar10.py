"""CIFAR-10: resnet20 in Deepglass beside a plain PyTorch loop of the same recipe, with accuracies and their intervals.

    DEEPGLASS_DATA=folder python benchmarks/cifar10.py [--epochs N] [--examples N] [--seeds N]

The recipe of He et al., arXiv:1512.03385, section 4.2: momentum 0.9, rate 0.1, decay 1e-4 of the weights, batches of 128, shifts
of up to 4 pixels into black and flips, with a cosine schedule in place of three steps. No validation split and no early
stopping; both are judged once, after the last epoch, on the same test images. The reference computes in float32 and draws
numbers of its own, so the two differ by chance as two seeds do: a claim needs several.
"""

import argparse
import math
import tempfile
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from machine import machine, table
from peers.small_images import DEVIATION, MEAN, resnet20_network
from torch import Tensor
from torch.nn.functional import cross_entropy

import deepglass as dg
from deepglass.paired import of_pairs, of_right
from deepglass.tasks.metrics import wilson_interval

RATE, MOMENTUM, DECAY, BATCH, SHIFT = 0.1, 0.9, 1e-4, 128, 4
TEST_BATCH = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=30, metavar="N", help="of both (default: 30; the paper has 164)")
    parser.add_argument(
        "--examples", type=int, default=50_000, metavar="N", help="for training, drawn evenly over the classes"
    )
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="pairs of trainings, with seeds 0, 1, ...")
    asked = parser.parse_args()
    data = divided(asked.examples)
    pixels = np.asarray(data.source.fields["image"].values)
    labels = torch.from_numpy(np.asarray(data.source.fields["class"].values)).long()
    train, test = (torch.as_tensor(np.asarray(data.source.splits[part])) for part in ("train", "test"))
    print(f"{machine()}; resnet20, {len(train):,} of CIFAR-10, {asked.epochs} epochs; {'; '.join(data.source.notes)}")
    rows, differences = [], []
    for seed in range(asked.seeds):
        answers = {}
        for name in ("Deepglass", "plain PyTorch"):
            started = perf_counter()
            if name == "Deepglass":
                answers[name] = ours(data, pixels[test], asked.epochs, seed)
            else:
                answers[name] = reference(pixels, labels, train, test, asked.epochs, seed)
            seconds = perf_counter() - started
            right = answers[name] == labels[test].numpy()
            low, high = wilson_interval(int(right.sum()), len(right))
            rows.append(
                [name, str(seed), f"{100 * right.mean():.2f}", f"{100 * low:.2f} to {100 * high:.2f}", f"{seconds:.0f}"]
            )
            print(f"  {name}, seed {seed}: {100 * right.mean():.2f} %, {seconds:.0f} s", flush=True)
        pair = [answers[name] == labels[test].numpy() for name in ("Deepglass", "plain PyTorch")]
        differences.append(float(pair[0].mean() - pair[1].mean()))
    found = of_pairs(differences) if asked.seeds > 1 else of_right(*pair)
    covers = "seeds" if asked.seeds > 1 else "the choice of test images; seeds vary more"
    print(table(["", "seed", "test accuracy, %", "95 % interval (test images)", "s"], rows))
    between = (
        ""
        if found.interval is None
        else f", 95 % interval {100 * found.interval[0]:+.2f} to {100 * found.interval[1]:+.2f}"
    )
    print(f"Deepglass minus reference: {100 * found.mean:+.2f} points{between} ({covers})")


def divided(examples: int) -> dg.Dataset:
    """CIFAR-10 with so many training examples, as many of each class, and all of its test."""
    source = dg.load("cifar10").source
    assert source.splits is not None
    places = np.asarray(source.splits["train"])
    codes = np.asarray(source.fields["class"].values)[places]
    turns = np.empty(len(places), np.int64)  # which of its class an example is
    for code in np.unique(codes):
        turns[codes == code] = np.random.default_rng(int(code)).permutation((codes == code).sum())
    chosen = np.sort(places[np.argsort(turns, kind="stable")[:examples]])
    splits = {"train": chosen, "validation": np.arange(0), "test": np.asarray(source.splits["test"])}
    return dg.load(replace(source, splits=splits), augment={"shift": SHIFT, "flip": True})


def ours(data: dg.Dataset, pixels: np.ndarray, epochs: int, seed: int) -> np.ndarray:
    """Train as anybody would, and return the codes that the run predicts."""
    with tempfile.TemporaryDirectory() as folder:
        recipe = {"epochs": epochs, "seed": seed, "early_stopping": False}
        run = dg.train("resnet20", data, recipe=recipe, out=Path(folder) / "run", progress=False)
        predicted = run.predict(pixels)
    names = list(data.fields["class"].classes)
    column = next(c for c in predicted.columns if set(predicted[c]) <= set(names))
    return np.array([names.index(name) for name in predicted[column]])


def reference(pixels: np.ndarray, labels: Tensor, train: Tensor, test: Tensor, epochs: int, seed: int) -> np.ndarray:
    """Train a network of plain PyTorch by an ordinary loop, and return the codes that it predicts."""
    torch.manual_seed(seed)
    mean, deviation = (torch.tensor(v)[:, None, None] for v in (MEAN, DEVIATION))
    black = -mean / deviation

    def encoded(ids: Tensor) -> Tensor:
        return (torch.from_numpy(np.asarray(pixels[ids.numpy()])).float() / 255 - mean) / deviation

    network = resnet20_network()
    weights = [p for p in network.parameters() if p.ndim > 1]
    spared = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": weights, "weight_decay": DECAY}, {"params": spared, "weight_decay": 0.0}]
    optimizer = torch.optim.SGD(groups, lr=RATE, momentum=MOMENTUM)
    steps = epochs * -(-len(train) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.5 + 0.5 * math.cos(math.pi * step / steps))
    for _ in range(epochs):
        network.train()
        for ids in train[torch.randperm(len(train))].split(BATCH):
            loss = cross_entropy(network(changed(encoded(ids), black)), labels[ids])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    network.eval()
    with torch.no_grad():
        return torch.cat([network(encoded(ids)).argmax(1) for ids in test.split(TEST_BATCH)]).numpy()


def changed(x: Tensor, black: Tensor) -> Tensor:
    """Flip half of the images, and move each by up to 4 pixels either way, into black."""
    flipped = torch.where(torch.rand(len(x), 1, 1, 1) < 0.5, x.flip(3), x)
    side = x.shape[2]
    padded = black.expand(*x.shape[:2], side + 2 * SHIFT, side + 2 * SHIFT).clone()
    padded[:, :, SHIFT:-SHIFT, SHIFT:-SHIFT] = flipped
    corners = torch.randint(0, 2 * SHIFT + 1, (len(x), 2)).tolist()
    return torch.stack([image[:, i : i + side, j : j + side] for image, (i, j) in zip(padded, corners)])


if __name__ == "__main__":
    main()
