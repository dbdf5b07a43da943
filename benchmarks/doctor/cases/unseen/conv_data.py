"""Unseen faults of what convolutional networks are fed with, in loops of people's own."""

import numpy as np
import torch
from case import Loop, fault
from torch import nn
from torch.nn import functional as F

from cases.fresh.loop import measured
from cases.unseen.conv_material import accuracy, digits, heartbeats, parts, say, scans, textures

CLASS = {"by": "data", "metric": "accuracy"}


def fit_model(
    model, optimizer, data, epochs, batch_size=32, criterion=F.cross_entropy, judged=None, says="all", shuffle=True
):
    """Train and judge: a function as people copy it from one notebook to the next."""
    train_x, train_y, val_x, val_y = data

    def run(watch):
        with watch(model, optimizer=optimizer) as evidence:
            for _ in range(epochs):
                model.train()
                n, total = 0, 0.0
                indices = torch.randperm(len(train_x)) if shuffle else torch.arange(len(train_x))
                for start in range(0, len(indices) - batch_size + 1, batch_size):
                    idx = indices[start : start + batch_size]
                    loss = criterion(model(train_x[idx]), train_y[idx])
                    optimizer.zero_grad(set_to_none=True)
                    loss.backward()
                    optimizer.step()
                    n, total = n + 1, total + loss.detach().item()
                model.eval()
                with torch.no_grad():
                    out = model(val_x)
                    scores = judged(out, val_y) if judged else {"loss": criterion(out, val_y).item()}
                if judged is None:
                    scores["accuracy"] = accuracy(model, val_x, val_y)
                say(evidence, says, total / n, scores)
        return evidence

    return Loop(run, data)


def make_cnn(channels, outputs, width=12):
    return nn.Sequential(
        *(nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(width, 2 * width, 3, padding=1), nn.BatchNorm2d(2 * width), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(8 * width, outputs)),
    )


@fault(kind="channels_last", where="inputs", repair="transpose(0, 3, 1, 2)", **CLASS, level=0.783)
def textures_viewed(seed: int, mended: bool) -> Loop:
    x, y = textures(seed)
    pixels = torch.from_numpy(x).float() / 255
    pixels = pixels.permute(0, 3, 1, 2) if mended else pixels.view(-1, 3, 12, 12)
    model = make_cnn(3, 4, 6)
    data = parts((pixels.contiguous().numpy(), y), seed, scale=False)
    return fit_model(model, torch.optim.Adam(model.parameters(), lr=3e-3), data, 8)


@fault(kind="labels_shuffled", where="labels", repair="one permutation for both", **CLASS, level=0.96)
def digits_mixed_apart(seed: int, mended: bool) -> Loop:
    x, y = digits(seed, 800)
    if not mended:
        np.random.default_rng(seed + 9).shuffle(x)
    model = make_cnn(1, 10, 8)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    return fit_model(model, optimizer, parts((x, y), seed, scale=False), 10, says="train")


@fault(kind="label_noise", where="labels", repair="look at the labels again", **CLASS, level=0.98)
def textures_named_in_a_hurry(seed: int, mended: bool) -> Loop:
    x, y = textures(seed, count=600)
    if not mended:
        random = np.random.default_rng(seed)
        hasty = random.random(len(y)) < 0.4
        y = np.where(hasty, random.integers(4, size=len(y)), y)
    x = (x.transpose(0, 3, 1, 2) / 127.5 - 1).astype(np.float32)
    model = make_cnn(3, 4)
    return fit_model(model, torch.optim.Adam(model.parameters(), lr=2e-3), parts((x, y), seed, scale=False), 12)


@fault(kind="validation_shift", where="validation inputs", repair="the same transform for both", **CLASS, level=0.948)
def digits_normalized_in_training_alone(seed: int, mended: bool) -> Loop:
    train_x, train_y, val_x, val_y = parts(digits(seed, 1000), seed, scale=False)
    mean, std = train_x.mean(), train_x.std()
    train_x = (train_x - mean) / std
    val_x = (val_x - mean) / std if mended else val_x * 255
    model = make_cnn(1, 10, 8)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    return fit_model(model, optimizer, (train_x, train_y, val_x, val_y), 8)


@fault(
    kind="split_sorted",
    also=("validation_shift",),
    where="the split",
    repair="mix before the cut",
    **CLASS,
    level=0.967,
)
def digits_cut_by_folder(seed: int, mended: bool) -> Loop:
    x, y = (torch.from_numpy(part) for part in digits(seed, 1200))
    order = torch.randperm(1200) if mended else y.argsort(stable=True)  # as a folder of folders is listed
    x, y = x[order], y[order]
    model = make_cnn(1, 10, 8)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    return fit_model(model, optimizer, (x[:960], y[:960], x[960:], y[960:]), 10)


@fault(kind="sorted_batches", where="the loader", repair="shuffle=True", by="code", metric="accuracy", level=0.944)
def digits_class_after_class(seed: int, mended: bool) -> Loop:
    data = parts(digits(seed, 1000), seed, scale=False, sort=True)
    model = nn.Sequential(
        *(nn.Conv2d(1, 16, 3), nn.ELU(), nn.Conv2d(16, 16, 3, stride=2), nn.ELU(), nn.Flatten(), nn.Linear(64, 10)),
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    return fit_model(model, optimizer, data, 12, 25, shuffle=mended)


@fault(kind="inputs_constant", also=("inputs_unscaled",), where="inputs", repair="divide once", **CLASS, level=0.992)
def textures_divided_twice(seed: int, mended: bool) -> Loop:
    x, y = textures(seed)
    x = x.transpose(0, 3, 1, 2) / 255  # as a loader gives them
    x = x if mended else x / 255  # and as the notebook's next cell goes on
    x = ((x - 0.45) / 0.22).astype(np.float32)
    model = nn.Sequential(
        *(nn.Conv2d(3, 16, 3), nn.ReLU(), nn.Conv2d(16, 16, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(256, 32), nn.ReLU(), nn.Linear(32, 4)),
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    return fit_model(model, optimizer, parts((x, y), seed, scale=False), 25, 24)


@fault(kind="huge_column", also=("inputs_unscaled",), where="channel 1", repair="scale each lead", **CLASS, level=0.782)
def heartbeats_in_two_units(seed: int, mended: bool) -> Loop:
    x, y = heartbeats(seed, rows=900)
    if not mended:
        x[:, 1] = 101325 + 900 * np.random.default_rng(seed).standard_normal((len(x), 64))  # a barometer's pascals
    else:
        x[:, 1] = np.random.default_rng(seed).standard_normal((len(x), 64))
    model = nn.Sequential(
        *(nn.Conv1d(2, 16, 9, padding=4), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(16, 16, 9, padding=4), nn.ReLU()),
        *(nn.MaxPool1d(4), nn.Flatten(), nn.Linear(128, 32), nn.ReLU(), nn.Linear(32, 3)),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    return fit_model(model, optimizer, parts((x, y), seed, scale=False), 20, 20, says="train")


@fault(kind="targets_unscaled", where="area", repair="divide by the deviation", by="data", metric="r2", level=0.894)
def areas_in_square_micrometres(seed: int, mended: bool) -> Loop:
    x, y = scans(seed)
    if mended:
        y = (y - y.mean()) / y.std()
    model = nn.Sequential(
        *(nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(12, 12, 3, padding=1), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(12 * 36, 1), nn.Flatten(0)),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    data = parts((x, y), seed, scale=False)
    return fit_model(model, optimizer, data, 15, 25, criterion=nn.MSELoss(), judged=measured)


@fault(
    kind="leakage_duplicates",
    where="augmented copies",
    repair="augment after the split",
    hidden="copies of training pictures are answered better than new ones",
    **CLASS,
    level=0.9,
)
def digits_augmented_before_the_split(seed: int, mended: bool) -> Loop:
    x, y = digits(seed, 240)

    def more(x, y):
        wider = [x, np.roll(x, 1, axis=3), x.copy(), np.roll(x, -1, axis=3)]
        return np.concatenate(wider), np.tile(y, 4)

    if mended:
        first = parts((x, y), seed, scale=False)
        many_x, many_y = more(first[0].numpy(), first[1].numpy())
        data = (torch.from_numpy(many_x), torch.from_numpy(many_y), first[2], first[3])
    else:
        data = parts(more(x, y), seed, scale=False)
    model = make_cnn(1, 10, 8)
    return fit_model(model, torch.optim.Adam(model.parameters(), lr=3e-3), data, 10)
