"""More unseen healthy trainings of dense networks: further loops of people's own, and settings for `dg.train`."""

import math

import torch
from case import Loop, Training, healthy, train
from material import mlp
from sklearn import datasets
from torch import nn
from torch.nn import functional as F

from cases.unseen.dense_material import accuracy, buckets, cut, digits, motors, r2, radio, rentals, told
from cases.unseen.dense_settings import loaded


@healthy(metric="accuracy")
def circles_by_random_waves(seed: int) -> Loop:
    data = x, y, xv, yv = cut(datasets.make_circles(700, noise=0.1, factor=0.5, random_state=seed), seed)

    class Waves(nn.Module):
        """Random Fourier features, which are not learned, and a plane."""

        def __init__(self):
            super().__init__()
            self.register_buffer("waves", torch.randn(2, 100))
            self.register_buffer("phases", 2 * math.pi * torch.rand(100))
            self.plane = nn.Linear(100, 2)

        def forward(self, x):
            return self.plane(torch.cos(x @ self.waves + self.phases))

    def loop(watch):
        net = Waves()
        opt = torch.optim.SGD(net.parameters(), lr=0.2)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(30):
                for i in torch.randperm(len(x)).split(32):
                    opt.zero_grad()
                    loss = F.cross_entropy(net(x[i]), y[i])
                    loss.backward()
                    opt.step()
                with torch.no_grad():
                    output = net(xv)
                evidence.log(loss=loss.item(), validation_loss=F.cross_entropy(output, yv).item())
            told(evidence, accuracy=accuracy(output, yv))
        return evidence

    return Loop(loop, data)


@healthy(metric="r2")
def rentals_as_counts(seed: int) -> Loop:
    data = x, y, xv, yv = cut(rentals(seed, 1500), seed)

    def loop(watch):
        net = nn.Sequential(nn.Linear(5, 48), nn.Softplus(), nn.Linear(48, 24), nn.Softplus(), nn.Linear(24, 1))
        opt = torch.optim.Adam(net.parameters(), lr=1e-2)
        plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, patience=3)
        criterion = nn.PoissonNLLLoss(log_input=True)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(40):
                for i in torch.randperm(len(x)).split(60):
                    opt.zero_grad()
                    loss = criterion(net(x[i])[:, 0], y[i])
                    loss.backward()
                    nn.utils.clip_grad_norm_(net.parameters(), 5.0)
                    opt.step()
                with torch.no_grad():
                    output = net(xv)[:, 0]
                    validation = criterion(output, yv).item()
                plateau.step(validation)
                evidence.log(loss=loss.item(), validation_loss=validation)
            told(evidence, r2=r2(output.exp(), yv))
        return evidence

    return Loop(loop, data)


@healthy(metric="accuracy")
def shells_with_a_fifth_by_chance(seed: int) -> Loop:
    x, y = datasets.make_gaussian_quantiles(n_samples=2400, n_features=4, n_classes=2, random_state=seed)
    chance = torch.rand(len(y), generator=torch.Generator().manual_seed(seed)).numpy() < 0.2
    data = x, y, xv, yv = cut((x, y ^ chance), seed)  # a fifth is chance: 0.8 is all there is

    def loop(watch):
        net = nn.Sequential(nn.Linear(4, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 2))
        opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-3)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 20)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(20):
                net.train()
                for i in torch.randperm(len(x)).split(60):
                    opt.zero_grad()
                    loss = F.cross_entropy(net(x[i]), y[i], label_smoothing=0.05)
                    loss.backward()
                    opt.step()
                schedule.step()
                net.eval()
                with torch.no_grad():
                    output = net(xv)
                evidence.log(
                    validation_loss=F.cross_entropy(output, yv).item(), validation_accuracy=accuracy(output, yv)
                )
        return evidence

    return Loop(loop, data)


@healthy(metric="accuracy", ceiling="the wines are parted by planes")
def wines_under_heavy_dropout(seed: int) -> Training:
    settings = {"optimizer": "nesterov", "learning_rate": 0.02, "batch_size": 16, "epochs": 40}
    return train(mlp(64, dropout=0.5), loaded(datasets.load_wine(return_X_y=True), seed), **settings)


@healthy(metric="accuracy", ceiling="cells are parted by a plane")
def cells_by_sigmoid_units(seed: int) -> Training:
    settings = {"optimizer": "adagrad", "learning_rate": 0.05, "epochs": 20}
    return train(mlp(12, activation="sigmoid"), loaded(datasets.load_breast_cancer(return_X_y=True), seed), **settings)


@healthy(metric="r2")
def friedman_until_it_is_best(seed: int) -> Training:
    settings = {"epochs": 120, "learning_rate": 3e-3, "early_stopping": True, "weight_decay": 1e-4}
    made = datasets.make_friedman1(700, noise=1.0, random_state=seed)
    return train(mlp(48, 24, activation="elu"), loaded(made, seed), **settings)


@healthy(metric="accuracy", ceiling="planes part most digits")
def digits_in_great_batches(seed: int) -> Training:
    settings = {"optimizer": "momentum", "learning_rate": 0.3, "batch_size": 256, "epochs": 25, "warmup_steps": 10}
    return train(mlp(96, norm="batch"), loaded(digits(seed), seed), **settings)


@healthy(metric="accuracy", ceiling="sixty flowers are few")
def sixty_irises(seed: int) -> Training:
    x, y = datasets.load_iris(return_X_y=True)
    return train(mlp(8, activation="tanh"), loaded((x[::2], y[::2]), seed), epochs=60, batch_size=8, learning_rate=0.01)


@healthy(metric="balanced_accuracy")
def leaks_by_class_weight(seed: int) -> Training:
    task = {"metrics": ["balanced_accuracy"], "class_weight": "balanced"}
    return train(mlp(24), loaded(buckets(seed, 2500, share=0.06), seed), task=task, epochs=15, learning_rate=2e-3)


@healthy(metric="accuracy", ceiling="walls between rooms are nearly planes")
def rooms_with_four_batches_a_step(seed: int) -> Training:
    settings = {"batch_size": 8, "accumulate": 4, "learning_rate": 4e-3, "epochs": 35, "clip_norm": 1.0}
    return train(mlp(48, 24), loaded(radio(seed, 1200), seed), **settings)


@healthy(metric="accuracy", ceiling="a second tone of one phase is told by a plane")
def motors_by_wide_and_averaged(seed: int) -> Training:
    settings = {"optimizer": "adamw", "learning_rate": 1e-3, "weight_decay": 0.05, "epochs": 15, "schedule": "cosine"}
    return train(mlp(256, activation="gelu"), loaded(motors(seed, 1500), seed), **settings)
