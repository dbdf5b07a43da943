"""Unseen faults of the training loop, with dense networks: steps that are missed, spoilt or taken elsewhere."""

import torch
from case import Loop, fault
from sklearn import datasets
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from cases.unseen.dense_material import accuracy, arm, cut, digits, motors, r2, radio, stack, told

CODE = {"by": "code", "metric": "accuracy"}
NUMBER = {"by": "code", "metric": "r2"}


@fault(kind="wrong_parameters", also=("no_steps",), repair="make the optimizer after the network", **CODE, level=0.911)
def digits_in_a_notebook(seed: int, mended: bool) -> Loop:
    x, y, xv, yv = cut(digits(seed, 900), seed, scale=False)

    def loop(watch):
        model = stack(64, 48, 10)
        optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
        if not mended:
            model = stack(64, 48, 10)  # the cell above was run once more
        with watch(model, optimizer=optimizer) as evidence:
            for _ in range(15):
                for i in torch.randperm(len(x)).split(32):
                    optimizer.zero_grad()
                    loss = F.cross_entropy(model(x[i]), y[i])
                    loss.backward()
                    optimizer.step()
                with torch.no_grad():
                    output = model(xv)
                evidence.log(
                    validation_loss=float(F.cross_entropy(output, yv)), validation_accuracy=accuracy(output, yv)
                )
        return evidence

    return Loop(loop)


@fault(kind="gradients_not_cleared", where="zero_grad", repair="call it: zero_grad()", **NUMBER, level=0.798)
def a_trainer_for_friedman(seed: int, mended: bool) -> Loop:
    class Trainer:
        def __init__(self, model):
            self.model = model
            self.optimizer = torch.optim.SGD(model.parameters(), lr=0.02)

        def fit_batch(self, xb, yb):
            self.optimizer.zero_grad() if mended else self.optimizer.zero_grad
            loss = F.mse_loss(self.model(xb).squeeze(1), yb)
            loss.backward()
            self.optimizer.step()
            return loss.item()

        def fit(self, loader, watch):
            with watch(self.model, optimizer=self.optimizer) as evidence:
                for epoch in range(30):
                    losses = [self.fit_batch(xb, yb) for xb, yb in loader]
                    evidence.log(epoch=epoch, loss=sum(losses) / len(losses))
            return evidence

    x, y, xv, yv = cut(datasets.make_friedman1(500, noise=0.5, random_state=seed), seed)
    centre, spread = y.mean(), y.std()

    def loop(watch):
        model = stack(10, 40, 20, 1)
        loader = DataLoader(TensorDataset(x, (y - centre) / spread), batch_size=16, shuffle=True)
        evidence = Trainer(model).fit(loader, watch)
        return told(evidence, r2=r2(model(xv) * spread + centre, yv))

    return Loop(loop)


@fault(kind="no_steps", where="accumulation", repair="count on from epoch to epoch", **CODE, level=0.978)
def wine_in_small_sips(seed: int, mended: bool) -> Loop:
    x, y, xv, yv = cut(datasets.load_wine(return_X_y=True), seed)
    every = 24  # batches to a step, and an epoch has fewer

    def loop(watch):
        net = stack(13, 16, 3, act=nn.Tanh)
        opt = torch.optim.AdamW(net.parameters(), lr=0.02)
        seen = 0
        with watch(net, optimizer=opt) as evidence:
            for _ in range(80):
                opt.zero_grad() if not mended else None
                for number, i in enumerate(torch.randperm(len(x)).split(8)):
                    loss = F.cross_entropy(net(x[i]), y[i]) / every
                    loss.backward()
                    seen = seen + 1 if mended else number + 1
                    if seen % every == 0:
                        opt.step()
                        opt.zero_grad()
                with torch.no_grad():
                    evidence.log(loss=loss.item() * every, val_accuracy=accuracy(net(xv), yv))
            told(evidence, accuracy=accuracy(net(xv), yv))
        return evidence

    return Loop(loop)


@fault(
    kind="rate_too_low",
    also=("unfinished",),
    where="scheduler",
    repair="scheduler.step() once an epoch",
    **NUMBER,
    level=0.996,
)
def arm_with_a_schedule(seed: int, mended: bool) -> Loop:
    x, y, xv, yv = cut(arm(seed), seed)

    def loop(watch):
        net = stack(4, 64, 64, 2)
        opt = torch.optim.Adam(net.parameters(), lr=3e-3)
        scheduler = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=0.9)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(30):
                running = 0.0
                for xb, yb in zip(x.split(16), y.split(16)):
                    loss = F.mse_loss(net(xb), yb)
                    opt.zero_grad()
                    loss.backward()
                    opt.step()
                    running += loss.item()
                    if not mended:
                        scheduler.step()
                if mended:
                    scheduler.step()
                with torch.no_grad():
                    output = net(xv)
                evidence.log(loss=running / 43, validation_loss=float(F.mse_loss(output, yv)))
            told(evidence, r2=r2(output, yv))
        return evidence

    return Loop(loop)


@fault(kind="cut_gradient", where="first", repair="normalize with torch", **CODE, level=0.9)
def motors_by_way_of_numpy(seed: int, mended: bool) -> Loop:
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(32, 8)
            self.second = nn.Linear(8, 24)
            self.last = nn.Linear(24, 3)

        def forward(self, x):
            h = torch.tanh(self.first(x))
            if mended:
                h = (h - h.mean(1, keepdim=True)) / (h.std(1, keepdim=True) + 1e-5)
            else:
                a = h.detach().numpy()
                h = torch.from_numpy((a - a.mean(1, keepdims=True)) / (a.std(1, keepdims=True, ddof=1) + 1e-5))
            return self.last(F.relu(self.second(h)))

    x, y, xv, yv = cut(motors(seed), seed, scale=False)

    def loop(watch):
        net = Net()
        opt = torch.optim.Adam((p for p in net.parameters() if p.requires_grad), lr=4e-3)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(30):
                for i in torch.randperm(len(x)).split(25):
                    opt.zero_grad()
                    F.cross_entropy(net(x[i]), y[i]).backward()
                    opt.step()
        return told(evidence, accuracy=accuracy(net(xv), yv))

    return Loop(loop)


@fault(kind="wrong_parameters", also=("frozen",), where="hidden", repair="nn.ModuleList", **CODE, level=0.88)
def rooms_with_layers_in_a_list(seed: int, mended: bool) -> Loop:
    class Rooms(nn.Module):
        def __init__(self, width=10):
            super().__init__()
            layers = [nn.Linear(7, width), nn.Linear(width, width)]
            self.hidden = nn.ModuleList(layers) if mended else layers
            self.out = nn.Linear(width, 6)

        def forward(self, x):
            for layer in self.hidden:
                x = F.relu(layer(x))
            return self.out(x)

    x, y, xv, yv = cut(radio(seed), seed)

    def loop(watch):
        net = Rooms()
        opt = torch.optim.RMSprop(net.parameters(), lr=5e-3)
        criterion = nn.CrossEntropyLoss()
        with watch(net, optimizer=opt) as evidence:
            for _ in range(30):
                for xb, yb in DataLoader(TensorDataset(x, y), batch_size=20, shuffle=True):
                    opt.zero_grad()
                    loss = criterion(net(xb), yb)
                    loss.backward()
                    opt.step()
                with torch.no_grad():
                    output = net(xv)
                evidence.log(
                    loss=loss.item(),
                    validation_loss=criterion(output, yv).item(),
                    validation_accuracy=accuracy(output, yv),
                )
        return evidence

    return Loop(loop)


@fault(kind="labels_shuffled", where="batches", repair="the same order for both", **NUMBER, level=0.986)
def arm_dealt_by_hand(seed: int, mended: bool) -> Loop:
    x, y, xv, yv = cut(arm(seed, 600), seed)

    def deal(size):
        order = torch.randperm(len(x))
        for start in range(0, len(x), size):
            here = order[start : start + size]
            yield x[here], y[here] if mended else y[start : start + size]

    def loop(watch):
        net = stack(4, 50, 2, act=nn.ELU)
        opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(40):
                for xb, yb in deal(20):
                    opt.zero_grad()
                    F.smooth_l1_loss(net(xb), yb).backward()
                    opt.step()
                with torch.no_grad():
                    evidence.log(validation_mae=float((net(xv) - yv).abs().mean()))
            told(evidence, r2=r2(net(xv), yv))
        return evidence

    return Loop(loop)


@fault(kind="frozen", where="body", repair="requires_grad_(True)", **CODE, level=0.908)
def motors_in_two_phases(seed: int, mended: bool) -> Loop:
    x, y, xv, yv = cut(motors(seed, 1000), seed)

    def loop(watch):
        net = nn.ModuleDict({"body": stack(32, 12, 6), "head": nn.Linear(6, 3)})
        for p in net.body.parameters():
            p.requires_grad = False
        opt = torch.optim.Adam(net.parameters(), lr=3e-3)
        with watch(net, optimizer=opt) as evidence:
            for epoch in range(30):
                if epoch == 2:  # the head has settled: all learn from here on
                    if mended:
                        net.body.requires_grad_(True)
                    else:
                        net.body.requires_grad = True
                total = 0.0
                for i in torch.randperm(len(x)).split(30):
                    opt.zero_grad()
                    loss = F.cross_entropy(net.head(F.relu(net.body(x[i]))), y[i])
                    loss.backward()
                    opt.step()
                    total += loss.item() * len(i)
                evidence.log(loss=total / len(x))
        return told(evidence, accuracy=accuracy(net.head(F.relu(net.body(xv))), yv))

    return Loop(loop)
