"""Unseen healthy trainings of convolutional networks: loops of people's own, and `dg.train`."""

import numpy as np
import torch
from case import Loop, Training, healthy, train
from torch import nn
from torch.nn import functional as F

from cases.fresh.loop import measured
from cases.fresh.material import dataset
from cases.unseen.conv_data import fit_model, make_cnn
from cases.unseen.conv_loops import Trainer
from cases.unseen.conv_material import accuracy, cells, digits, heartbeats, parts, say, scans, textures
from cases.unseen.conv_pixels import TinyUNet, denoiser, dice, noisy_digits, train_pixels
from cases.unseen.conv_settings import coloured, ready, signal_net, small

LINEAR = "a plane through the pixels tells digits nearly as well"


def floats(seed, count=480):
    x, y = textures(seed, count)
    return (x.transpose(0, 3, 1, 2) / 255).astype(np.float32), y


@healthy(metric="accuracy", ceiling=LINEAR)
def digits_at_a_bold_rate(seed: int) -> Loop:
    model = make_cnn(1, 10, 8)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.4, weight_decay=5e-4)
    return fit_model(model, optimizer, parts(digits(seed), seed, scale=False), 6, 64)


@healthy(metric="accuracy")
def textures_one_by_one(seed: int) -> Loop:
    x, y, x_val, y_val = data = parts(floats(seed), seed, scale=False)
    model = nn.Sequential(
        *(nn.Conv2d(3, 16, 3), nn.GroupNorm(4, 16), nn.SiLU(), nn.Conv2d(16, 16, 3), nn.GroupNorm(4, 16), nn.SiLU()),
        *(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(64, 4)),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)

    def run(watch):
        with watch(model, optimizer=optimizer) as evidence:
            for _ in range(10):
                seen = 0.0
                for n, i in enumerate(torch.randperm(len(x)).tolist(), start=1):
                    loss = F.cross_entropy(model(x[i : i + 1]), y[i : i + 1])
                    (loss / 12).backward()
                    seen += loss.item()
                    if n % 12 == 0:
                        optimizer.step()
                        optimizer.zero_grad()
                say(evidence, "all", seen / len(x), {"accuracy": accuracy(model, x_val, y_val)})
        return evidence

    return Loop(run, data)


@healthy(metric="accuracy")
def textures_with_dropout_all_over(seed: int) -> Loop:
    model = nn.Sequential(
        *(
            nn.Conv2d(3, 24, 3),
            nn.ELU(),
            nn.Dropout2d(0.15),
            nn.Conv2d(24, 24, 3, stride=2),
            nn.ELU(),
            nn.Dropout2d(0.2),
        ),
        *(nn.Flatten(), nn.Linear(24 * 16, 48), nn.ELU(), nn.Dropout(0.4), nn.Linear(48, 4)),
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.02)
    x, y = floats(seed, 700)
    trainer = Trainer(
        model, optimizer, nn.CrossEntropyLoss(label_smoothing=0.05), parts((2 * x - 1, y), seed, scale=False)
    )
    return Loop(
        lambda watch: trainer.fit(watch, 25),
        (trainer.loader.dataset.tensors[0], trainer.loader.dataset.tensors[1], trainer.x_val, trainer.y_val),
    )


@healthy(metric="accuracy")
def heartbeats_by_one_cycle(seed: int) -> Loop:
    model = signal_net(12)
    data = parts(heartbeats(seed, 800), seed, scale=False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.04, momentum=0.9)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.04, total_steps=12 * 19)
    trainer = Trainer(model, optimizer, nn.CrossEntropyLoss(), data, 32, schedule, per_batch=True)
    return Loop(lambda watch: trainer.fit(watch, 12, "train"), data)


@healthy(metric="accuracy")
def heartbeats_by_a_shallow_sigmoid(seed: int) -> Loop:
    model = nn.Sequential(
        nn.Conv1d(2, 24, 25, stride=1), nn.Sigmoid(), nn.AdaptiveMaxPool1d(4), nn.Flatten(), nn.Linear(96, 3)
    )
    data = parts(heartbeats(seed, 800), seed, scale=False)
    return fit_model(model, torch.optim.Adam(model.parameters(), lr=1e-2), data, 25, says="nothing")


@healthy(metric="balanced_accuracy")
def heartbeats_of_which_few_are_odd(seed: int) -> Loop:
    x, y = heartbeats(seed, 2000)
    keep = (y == 0) | ((y == 1) & (np.arange(2000) % 8 == 0))
    x_train, y_train, x_val, y_val = data = parts((x[keep], y[keep]), seed, scale=False)
    model = signal_net(16, classes=2)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    draw = (1.0 / y_train.bincount().float())[y_train]

    def run(watch):
        with watch(model, optimizer=optimizer) as evidence:
            for _ in range(15):
                for idx in torch.multinomial(draw, len(draw), replacement=True).split(32):
                    optimizer.zero_grad()
                    loss = F.cross_entropy(model(x_train[idx]), y_train[idx])
                    loss.backward()
                    nn.utils.clip_grad_norm_(model.parameters(), 2.0)
                    optimizer.step()
                each = [accuracy(model, x_val[y_val == c], y_val[y_val == c]) for c in (0, 1)]
                say(evidence, "all", loss.item(), {"balanced_accuracy": sum(each) / 2})
        return evidence

    return Loop(run, data)


def of_probabilities(output, mask):
    return measured(output.sigmoid(), mask)


@healthy(metric="r2")
def cells_by_dice_and_entropy(seed: int) -> Loop:
    def both(output, mask):
        return 1 - dice(output, mask) + F.binary_cross_entropy_with_logits(output.squeeze(1), mask)

    model = TinyUNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    return train_pixels(
        model, parts(cells(seed), seed, scale=False), optimizer, both, epochs=14, judged=of_probabilities
    )


@healthy(metric="r2", ceiling="most of the noise goes by a linear filter")
def noise_taken_off_digits(seed: int) -> Loop:
    model = denoiser()
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
    data = noisy_digits(seed, 900)
    return train_pixels(model, data, optimizer, nn.L1Loss(), epochs=10, judged=measured, says="nothing")


@healthy(metric="accuracy")
def a_head_on_learned_features(seed: int) -> Loop:
    model = make_cnn(3, 4)
    before = parts(floats(seed + 100), seed, scale=False)
    early = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(8):
        for idx in torch.randperm(len(before[0])).split(32):
            early.zero_grad()
            F.cross_entropy(model(before[0][idx]), before[1][idx]).backward()
            early.step()
    model[:-1].requires_grad_(False)
    model[-1].reset_parameters()
    optimizer = torch.optim.Adam(model[-1].parameters(), lr=1e-2)
    return fit_model(model, optimizer, parts(floats(seed, 160), seed, scale=False), 20, 16)


@healthy(metric="accuracy", ceiling="few digits are few, and a plane does well")
def seventy_digits(seed: int) -> Loop:
    x, y, x_val, y_val = data = parts(digits(seed, 95), seed, scale=False)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3), nn.ReLU(), nn.Conv2d(16, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(256, 10)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)

    def run(watch):
        with watch(model, optimizer=optimizer) as evidence:
            for _ in range(25):
                for idx in torch.randperm(len(x)).split(8):
                    moved = torch.roll(x[idx], int(torch.randint(-1, 2, ())), dims=3)
                    loss = F.cross_entropy(model(moved), y[idx])
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()
                say(evidence, "all", loss.item(), {"accuracy": accuracy(model, x_val, y_val)})
        return evidence

    return Loop(run, data)


@healthy(metric="r2")
def areas_in_any_unit(seed: int) -> Training:
    x, y = scans(seed)
    network = ready(small(1, 1, 12), 1, 12)
    return train(network, dataset((x, 1e4 * y), seed), loss="huber", epochs=20, learning_rate=2e-3)


@healthy(metric="accuracy")
def heartbeats_under_much_noise(seed: int) -> Training:
    x, y = heartbeats(seed, 900)
    x = x + 0.6 * np.random.default_rng(seed).standard_normal(x.shape).astype(np.float32)
    settings = {"epochs": 40, "learning_rate": 2e-3, "early_stopping": True, "weight_decay": 1e-3, "optimizer": "adamw"}
    return train(signal_net(16), dataset((x, y), seed), **settings)


@healthy(metric="accuracy")
def textures_by_nesterov(seed: int) -> Training:
    settings = {"optimizer": "nesterov", "momentum": 0.95, "learning_rate": 0.01, "epochs": 25, "schedule": "cosine"}
    return train(ready(small(3, 4), 3, 12), dataset(coloured(seed), seed), **settings)
