"""Unseen faults of convolutional networks in loops of people's own: the network and the step."""

import torch
from case import Loop, fault
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from cases.unseen.conv_material import accuracy, digits, heartbeats, parts, say, textures

CODE = {"by": "code", "metric": "accuracy"}


class Trainer:
    """A trainer as people write one for all their notebooks."""

    def __init__(self, model, optimizer, criterion, data, batch_size=32, scheduler=None, per_batch=False):
        x, y, self.x_val, self.y_val = data
        self.loader = DataLoader(TensorDataset(x, y), batch_size=batch_size, shuffle=True)
        self.model, self.optimizer, self.criterion = model, optimizer, criterion
        self.scheduler, self.per_batch = scheduler, per_batch

    def train_epoch(self):
        self.model.train()
        total = 0.0
        for x, y in self.loader:
            self.optimizer.zero_grad()
            loss = self.criterion(self.model(x), y)
            loss.backward()
            self.optimizer.step()
            if self.scheduler and self.per_batch:
                self.scheduler.step()
            total += loss.item()
        if self.scheduler and not self.per_batch:
            self.scheduler.step()
        return total / len(self.loader)

    @torch.no_grad()
    def validate(self):
        self.model.eval()
        output = self.model(self.x_val)
        return {
            "loss": self.criterion(output, self.y_val).item(),
            "accuracy": accuracy(self.model, self.x_val, self.y_val),
        }

    def fit(self, watch, epochs, says="all"):
        with watch(self.model, optimizer=self.optimizer) as evidence:
            for _ in range(epochs):
                say(evidence, says, self.train_epoch(), self.validate())
        return evidence


def lenet(channels, classes, side, act=nn.ReLU, last=None):
    layers = [
        *(nn.Conv2d(channels, 8, 3, padding=1), act(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 16, 3, padding=1), act(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(16 * (side // 4) ** 2, 48), act(), nn.Linear(48, classes)),
    ]
    return nn.Sequential(*layers, *([last] if last else []))


@fault(kind="activation_twice", where="the last layer", repair="no softmax", **CODE, level=0.898)
def digits_through_a_trainer(seed: int, mended: bool) -> Loop:
    net = lenet(1, 10, 8, last=None if mended else nn.Softmax(dim=1))
    data = parts(digits(seed, 900), seed, scale=False)
    trainer = Trainer(net, torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9), nn.CrossEntropyLoss(), data)
    return Loop(lambda watch: trainer.fit(watch, 8), data)


@fault(
    kind="rate_too_low",
    also=("unfinished",),
    where="scheduler",
    repair="scheduler.step() per epoch",
    **CODE,
    level=0.969,
)
def digits_with_a_decaying_rate(seed: int, mended: bool) -> Loop:
    net = lenet(1, 10, 8)
    data = parts(digits(seed), seed, scale=False)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.8)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.85)
    trainer = Trainer(net, optimizer, nn.CrossEntropyLoss(), data, 32, scheduler, per_batch=not mended)
    return Loop(lambda watch: trainer.fit(watch, 12, "train"), data)


@fault(kind="wrong_loss", also=("output_range",), repair="cross_entropy, or log_softmax", **CODE, level=0.928)
def heartbeats_by_likelihood(seed: int, mended: bool) -> Loop:
    net = nn.Sequential(
        *(nn.Conv1d(2, 16, 7, padding=3), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(16, 16, 5, padding=2), nn.ReLU()),
        *(nn.MaxPool1d(4), nn.Flatten(), nn.Linear(128, 32), nn.ReLU(), nn.Linear(32, 3)),
        *([nn.LogSoftmax(dim=1)] if mended else []),
    )
    data = parts(heartbeats(seed), seed, scale=False)
    trainer = Trainer(net, torch.optim.Adam(net.parameters(), lr=3e-3), nn.NLLLoss(), data, 16)
    return Loop(lambda watch: trainer.fit(watch, 15), data)


@fault(kind="no_steps", repair="step at the end of an epoch too, or fewer batches to a step", **CODE, level=0.908)
def textures_in_gathered_batches(seed: int, mended: bool) -> Loop:
    x, y, x_val, y_val = data = parts(_chw(seed), seed, scale=False)
    net = lenet(3, 4, 12)
    optimizer = torch.optim.AdamW(net.parameters(), lr=4e-3)
    accumulate = 2 if mended else 16

    def run(watch):
        with watch(net, optimizer=optimizer) as evidence:
            for _ in range(25):
                optimizer.zero_grad()
                net.train()
                losses = []
                for i, batch in enumerate(torch.randperm(len(x)).split(32)):  # 12 batches
                    loss = F.cross_entropy(net(x[batch]), y[batch]) / accumulate
                    loss.backward()
                    losses.append(loss.item() * accumulate)
                    if (i + 1) % accumulate == 0:
                        optimizer.step()
                        optimizer.zero_grad()
                net.eval()
                say(evidence, "all", sum(losses) / len(losses), {"accuracy": accuracy(net, x_val, y_val)})
        return evidence

    return Loop(run, data)


class Awake(nn.Module):
    """Dropout by a function, as it stands in many a first notebook."""

    def __init__(self, obedient):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(1, 16, 3), nn.Conv2d(16, 16, 3)
        self.f1, self.f2 = nn.Linear(16 * 4 * 4, 64), nn.Linear(64, 10)
        self.obedient = obedient

    def forward(self, x):
        x = F.relu(self.c2(F.relu(self.c1(x)))).flatten(1)
        x = F.relu(self.f1(x))
        x = F.dropout(x, 0.6, training=self.training) if self.obedient else F.dropout(x, 0.6)
        return self.f2(x)


@fault(kind="mode_gap", where="forward", repair="F.dropout(x, 0.6, training=self.training)", **CODE, level=0.886)
def digits_with_functional_dropout(seed: int, mended: bool) -> Loop:
    net = Awake(mended)
    data = parts(digits(seed, 700), seed, scale=False)
    trainer = Trainer(net, torch.optim.RMSprop(net.parameters(), lr=1e-3), nn.CrossEntropyLoss(), data, 20)
    return Loop(lambda watch: trainer.fit(watch, 14), data)


@fault(kind="batch_norm_tiny_batch", also=("batch_too_small",), repair="batches of 32", **CODE, level=0.725)
def textures_two_at_a_time(seed: int, mended: bool) -> Loop:
    net = nn.Sequential(
        *(nn.Conv2d(3, 12, 3), nn.BatchNorm2d(12), nn.ReLU(), nn.Conv2d(12, 12, 3, stride=2), nn.ReLU(), nn.Flatten()),
        *(nn.Linear(192, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 32), nn.BatchNorm1d(32), nn.ReLU()),
        nn.Linear(32, 4),
    )
    data = parts(_chw(seed), seed, scale=False)
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    trainer = Trainer(net, optimizer, nn.CrossEntropyLoss(), data, 32 if mended else 2)
    return Loop(lambda watch: trainer.fit(watch, 8), data)


@fault(
    kind="vanishing",
    also=("saturated_units", "slow_layer"),
    where="the first layers",
    repair="ReLU",
    **CODE,
    level=0.92,
)
def heartbeats_through_many_sigmoids(seed: int, mended: bool) -> Loop:
    act = nn.ReLU if mended else nn.Sigmoid
    layers, before = [], 2
    for _ in range(6):
        layers += [nn.Conv1d(before, 12, 5, padding=2), act()]
        before = 12
    net = nn.Sequential(*layers, nn.AvgPool1d(4), nn.Flatten(), nn.Linear(12 * 16, 3))
    data = parts(heartbeats(seed), seed, scale=False)
    trainer = Trainer(net, torch.optim.Adam(net.parameters(), lr=2e-3), nn.CrossEntropyLoss(), data)
    return Loop(lambda watch: trainer.fit(watch, 15, "train"), data)


@fault(kind="frozen", where="features", repair="load the weights, or let the features learn", **CODE, level=0.9)
def digits_on_borrowed_features(seed: int, mended: bool) -> Loop:
    class Borrowed(nn.Module):
        def __init__(self):
            super().__init__()
            self.features = nn.Sequential(
                *(nn.Conv2d(1, 6, 3, stride=2), nn.ReLU(), nn.Conv2d(6, 10, 3), nn.ReLU(), nn.Flatten())
            )
            self.classifier = nn.Linear(10, 10)

        def forward(self, x):
            return self.classifier(self.features(x))

    net = Borrowed()
    for p in net.features.parameters():
        p.requires_grad = mended
    data = parts(digits(seed), seed, scale=False)
    optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, net.parameters()), lr=1e-2)
    trainer = Trainer(net, optimizer, nn.CrossEntropyLoss(), data, 64)
    return Loop(lambda watch: trainer.fit(watch, 25), data)


@fault(kind="symmetric_weights", where="all layers", repair="leave the initialization as it is", **CODE, level=0.936)
def digits_filled_evenly(seed: int, mended: bool) -> Loop:
    net = lenet(1, 10, 8, act=nn.Tanh)
    if not mended:
        for layer in net:
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                nn.init.constant_(layer.weight, 0.03)
                nn.init.zeros_(layer.bias)
    data = parts(digits(seed, 1000), seed, scale=False)
    trainer = Trainer(net, torch.optim.Adam(net.parameters(), lr=2e-3), nn.CrossEntropyLoss(), data)
    return Loop(lambda watch: trainer.fit(watch, 12), data)


@fault(kind="cut_gradient", also=("frozen",), where="conv", repair="stay with tensors", **CODE, level=0.858)
def textures_by_way_of_numpy(seed: int, mended: bool) -> Loop:
    class Detour(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 10, 3)
            self.deep = nn.Conv2d(10, 12, 3)
            self.head = nn.Linear(12, 4)

        def forward(self, x):
            maps = F.relu(self.deep(F.relu(self.conv(x))))
            if not mended:
                maps = torch.from_numpy(maps.detach().numpy())
            return self.head(maps.mean(dim=(2, 3)))

    net = Detour()
    data = parts(_chw(seed), seed, scale=False)
    trainer = Trainer(net, torch.optim.Adam(net.parameters(), lr=5e-3), nn.CrossEntropyLoss(), data)
    return Loop(lambda watch: trainer.fit(watch, 25), data)


@fault(kind="clipping_too_strict", repair="max_norm=1", where="clip_grad_norm_", **CODE, level=0.768)
def heartbeats_on_a_short_leash(seed: int, mended: bool) -> Loop:
    x, y, x_val, y_val = data = parts(heartbeats(seed), seed, scale=False)
    net = nn.Sequential(
        *(nn.Conv1d(2, 16, 7, padding=3), nn.BatchNorm1d(16), nn.ReLU(), nn.MaxPool1d(4)),
        *(nn.Flatten(), nn.Linear(256, 32), nn.ReLU(), nn.Linear(32, 3)),
    )
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)

    def run(watch):
        with watch(net, optimizer=optimizer) as evidence:
            for _ in range(20):
                net.train()
                for batch in torch.randperm(len(x)).split(25):
                    optimizer.zero_grad()
                    loss = F.cross_entropy(net(x[batch]), y[batch])
                    loss.backward()
                    nn.utils.clip_grad_norm_(net.parameters(), 1.0 if mended else 0.0005)
                    optimizer.step()
                net.eval()
                say(evidence, "nothing", float(loss), {"accuracy": accuracy(net, x_val, y_val)})
        return evidence

    return Loop(run, data)


def _chw(seed):
    x, y = textures(seed)
    return (x.transpose(0, 3, 1, 2) / 255).astype("float32"), y
