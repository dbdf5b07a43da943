"""Unseen healthy trainings of dense networks in loops of people's own, many of which look odd from one side."""

import torch
from case import Loop, healthy
from sklearn import datasets
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from cases.unseen.dense_material import (
    accuracy,
    arm,
    balanced,
    buckets,
    cut,
    digits,
    r2,
    stack,
    told,
)


@healthy(metric="accuracy", ceiling="planes part most digits")
def digits_that_normalize_themselves(seed: int) -> Loop:
    data = x, y, xv, yv = cut(digits(seed, 1300), seed, scale=True)

    def loop(watch):
        net = nn.Sequential(
            *(nn.Linear(64, 64), nn.SELU(), nn.AlphaDropout(0.1), nn.Linear(64, 64), nn.SELU(), nn.AlphaDropout(0.1)),
            *(nn.Linear(64, 32), nn.SELU(), nn.Linear(32, 10)),
        )
        for layer in net:
            if isinstance(layer, nn.Linear):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")
                nn.init.zeros_(layer.bias)
        opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(15):
                net.train()
                for i in torch.randperm(len(x)).split(32):
                    opt.zero_grad()
                    loss = F.cross_entropy(net(x[i]), y[i])
                    loss.backward()
                    opt.step()
                net.eval()
                with torch.no_grad():
                    output = net(xv)
                evidence.log(
                    validation_loss=F.cross_entropy(output, yv).item(), validation_accuracy=accuracy(output, yv)
                )
        return evidence

    return Loop(loop, data)


@healthy(metric="accuracy")
def moons_at_a_rate_of_two(seed: int) -> Loop:
    data = x, y, xv, yv = cut(datasets.make_moons(500, noise=0.12, random_state=seed), seed)

    def loop(watch):
        net = stack(2, 32, 1, act=nn.Sigmoid)
        opt = torch.optim.SGD(net.parameters(), lr=2.0)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(60):
                total = 0.0
                for i in torch.randperm(len(x)).split(25):
                    opt.zero_grad()
                    loss = F.binary_cross_entropy_with_logits(net(x[i]).squeeze(1), y[i].float())
                    loss.backward()
                    opt.step()
                    total += loss.item() / 15
                evidence.log(loss=total)
        return told(evidence, accuracy=accuracy(net(xv), yv))

    return Loop(loop, data)


@healthy(metric="accuracy", ceiling="two of three irises are parted by a plane")
def irises_by_lbfgs(seed: int) -> Loop:
    data = x, y, xv, yv = cut(datasets.load_iris(return_X_y=True), seed)

    def loop(watch):
        net = stack(4, 8, 3, act=nn.Tanh)
        opt = torch.optim.LBFGS(net.parameters(), lr=0.5, max_iter=5)

        def closure():
            opt.zero_grad()
            loss = F.cross_entropy(net(x), y) + 1e-3 * sum(p.square().sum() for p in net.parameters())
            loss.backward()
            return loss

        with watch(net, optimizer=opt) as evidence:
            for _ in range(25):
                loss = opt.step(closure)
                with torch.no_grad():
                    output = net(xv)
                evidence.log(loss=loss.item(), validation_loss=F.cross_entropy(output, yv).item())
            told(evidence, accuracy=accuracy(output, yv))
        return evidence

    return Loop(loop, data)


@healthy(metric="r2", ceiling="sugar is hard to foretell, and a sum of the columns says what there is to say")
def sugar_with_dropout(seed: int) -> Loop:
    x, y, xv, yv = cut(datasets.load_diabetes(return_X_y=True), seed)
    centre, spread = y.mean(), y.std()
    data = (x, (y - centre) / spread, xv, (yv - centre) / spread)
    x, y, xv, yv = data

    def loop(watch):
        net = nn.Sequential(nn.Dropout(0.1), nn.Linear(10, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 1))
        opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.1)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(40):
                net.train()
                for xb, yb in DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True):
                    opt.zero_grad()
                    loss = F.mse_loss(net(xb)[:, 0], yb)
                    loss.backward()
                    opt.step()
                net.eval()
                with torch.no_grad():
                    output = net(xv)[:, 0]
                evidence.log(loss=loss.item(), validation_loss=F.mse_loss(output, yv).item())
            told(evidence, r2=r2(output, yv))
        return evidence

    return Loop(loop, data)


@healthy(metric="balanced_accuracy")
def rare_leaks_that_weigh_more(seed: int) -> Loop:
    data = x, y, xv, yv = cut(buckets(seed, 3000, share=0.04), seed)

    def loop(watch):
        net = stack(5, 32, 16, 1)
        opt = torch.optim.Adam(net.parameters(), lr=2e-3)
        criterion = nn.BCEWithLogitsLoss(pos_weight=(y == 0).sum() / (y == 1).sum())
        with watch(net, optimizer=opt) as evidence:
            for _ in range(12):
                for i in torch.randperm(len(x)).split(64):
                    opt.zero_grad()
                    loss = criterion(net(x[i])[:, 0], y[i].float())
                    loss.backward()
                    opt.step()
                with torch.no_grad():
                    output = net(xv)
                evidence.log(loss=loss.item(), validation_balanced_accuracy=balanced(output, yv))
        return evidence

    return Loop(loop, data)


@healthy(metric="r2")
def ohms_scaled_inside(seed: int) -> Loop:
    data = x, y, xv, yv = cut(datasets.make_friedman2(900, noise=30, random_state=seed), seed)

    class Ohms(nn.Module):
        def __init__(self, targets):
            super().__init__()
            self.register_buffer("centre", targets.mean())
            self.register_buffer("spread", targets.std())
            self.body = stack(4, 32, 32, 1, act=nn.ELU)

        def forward(self, x):
            return self.centre + self.spread * self.body(x).squeeze(1)

    def loop(watch):
        net = Ohms(y)
        opt = torch.optim.Adam(net.parameters(), lr=5e-3)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(30):
                for i in torch.randperm(len(x)).split(30):
                    opt.zero_grad()
                    loss = ((net(x[i]) - y[i]) / net.spread).square().mean()
                    loss.backward()
                    opt.step()
                with torch.no_grad():
                    output = net(xv)
                evidence.log(loss=loss.item(), validation_mae=float((output - yv).abs().mean()))
            told(evidence, r2=r2(output, yv))
        return evidence

    return Loop(loop, data)


@healthy(metric="r2", ceiling="a sum of the neighbours takes out most noise")
def noise_taken_out_of_tones(seed: int) -> Loop:
    random = torch.Generator().manual_seed(seed)
    rate, phase = (torch.rand(800, 1, generator=random) * 6 for _ in range(2))
    clean = torch.sin((0.5 + rate / 8) * torch.arange(24) + phase)
    noisy = clean + 0.4 * torch.randn(800, 24, generator=random)
    data = x, y, xv, yv = noisy[:600], clean[:600], noisy[600:], clean[600:]

    def loop(watch):
        net = nn.Sequential(stack(24, 64, 8), nn.ReLU(), stack(8, 64, 24))
        opt = torch.optim.Adam(net.parameters(), lr=2e-3)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(60):
                for i in torch.randperm(len(x)).split(40):
                    opt.zero_grad()
                    F.mse_loss(net(x[i]), y[i]).backward()
                    opt.step()
                with torch.no_grad():
                    evidence.log(validation_loss=F.mse_loss(net(xv), yv).item())
            told(evidence, r2=r2(net(xv), yv))
        return evidence

    return Loop(loop, data)


@healthy(metric="r2")
def arm_in_one_cycle(seed: int) -> Loop:
    data = x, y, xv, yv = cut(arm(seed, 1000), seed)

    def loop(watch):
        net = stack(4, 64, 64, 2, act=nn.Mish)
        opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
        schedule = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.02, total_steps=25 * 24)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(25):
                total = 0.0
                for i in torch.randperm(len(x)).split(32):
                    opt.zero_grad()
                    loss = F.huber_loss(net(x[i]), y[i])
                    loss.backward()
                    nn.utils.clip_grad_norm_(net.parameters(), 0.5)
                    opt.step()
                    schedule.step()
                    total += loss.item() / 24
                evidence.log(loss=total)
        return told(evidence, r2=r2(net(xv), yv))

    return Loop(loop, data)


@healthy(metric="r2")
def the_second_largest_of_five(seed: int) -> Loop:
    x = torch.rand(2000, 5, generator=torch.Generator().manual_seed(seed))
    y = x.sort(dim=1).values[:, -2]
    data = x, y, xv, yv = x[:1600], y[:1600], x[1600:], y[1600:]

    def loop(watch):
        net = stack(5, 48, 48, 1)
        opt = torch.optim.RMSprop(net.parameters(), lr=1e-3)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(30):
                for i in torch.randperm(len(x)).split(64):
                    opt.zero_grad()
                    loss = F.mse_loss(net(x[i])[:, 0], y[i])
                    loss.backward()
                    opt.step()
                with torch.no_grad():
                    output = net(xv)[:, 0]
                evidence.log(loss=loss.item(), validation_loss=F.mse_loss(output, yv).item())
            told(evidence, r2=r2(output, yv))
        return evidence

    return Loop(loop, data)


@healthy(metric="r2")
def a_roll_from_a_zero_head(seed: int) -> Loop:
    points, place = datasets.make_swiss_roll(800, noise=0.3, random_state=seed)
    data = x, y, xv, yv = cut((points, (place - 9.4) / 2.7), seed)

    def loop(watch):
        net = stack(3, 48, 48, 1, act=nn.Tanh)
        nn.init.zeros_(net[-1].weight)
        nn.init.zeros_(net[-1].bias)
        opt = torch.optim.Adam(net.parameters(), lr=5e-3)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(50):
                for i in torch.randperm(len(x)).split(30):
                    opt.zero_grad()
                    F.mse_loss(net(x[i]).view(-1), y[i]).backward()
                    opt.step()
        return told(evidence, r2=r2(net(xv), yv))

    return Loop(loop, data)
