"""Real faults of modes, starts, shapes and settings from the PyTorch forum and Stack Overflow."""

import torch
from case import Loop, fault
from torch import nn, optim
from torch.nn import functional as F

from cases.real.material import accuracy, blobs, cut, digits, pictures, reviews
from cases.real.torch_loops import CODE, Net, loader
from cases.real.torch_losses import trained


@fault(
    kind="mode_gap",
    also=("dropout_too_strong",),
    where="F.dropout",
    repair="training=self.training",
    **CODE,
    level=0.87,
)
def dropout_that_never_stops(
    seed: int, mended: bool
) -> Loop:  # forum: F.dropout(x) in forward stays on after model.eval()
    data = cut(digits(seed, 1200), seed)

    class Dropped(Net):
        def forward(self, x):
            on = self.training if mended else True
            x = F.dropout(F.relu(self.fc1(x)), 0.6, training=on)
            x = F.dropout(F.relu(self.fc2(x)), 0.6, training=on)
            return self.fc3(x)

    def loop(watch):
        net = Dropped()
        optimizer = optim.Adam(net.parameters(), lr=3e-3)
        return trained(watch, net, optimizer, nn.CrossEntropyLoss(), data, epochs=12)

    return Loop(loop, data)


@fault(kind="mode_gap", where="eval", repair="model.eval()", by="code", metric="loss", level=0.397)
def eval_is_forgotten(
    seed: int, mended: bool
) -> Loop:  # forum and SO: validation with dropout and batch norm as in training
    x, y, xv, yv = data = cut(pictures(seed, 500), seed)

    def loop(watch):
        net = nn.Sequential(
            *(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.5), nn.Flatten()),
            *(nn.Linear(200, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 4)),
        )
        optimizer = optim.Adam(net.parameters(), lr=1e-3)
        with watch(net, optimizer=optimizer) as evidence:
            for _ in range(12):
                net.train()
                for inputs, labels in loader(x, y):
                    optimizer.zero_grad()
                    loss = F.cross_entropy(net(inputs), labels)
                    loss.backward()
                    optimizer.step()
                if mended:
                    net.eval()
                correct, lost = 0.0, 0.0
                with torch.no_grad():
                    for inputs, labels in loader(xv, yv, 5, shuffle=False):
                        output = net(inputs)
                        lost += F.cross_entropy(output, labels).item() / 25
                        correct += accuracy(output, labels) / 25
                evidence.log(loss=loss.item(), validation_loss=lost, validation_accuracy=correct)
        return evidence

    return Loop(loop, data)


@fault(kind="mode_gap", where="BatchNorm2d", repair="momentum=0.1", by="code", metric="loss", level=0.0576)
def momentum_as_in_keras(
    seed: int, mended: bool
) -> Loop:  # forum: BatchNorm(momentum=0.99) means the opposite in PyTorch
    data = cut(pictures(seed, 400), seed)

    def loop(watch):
        share = 0.1 if mended else 0.99
        net = nn.Sequential(
            *(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8, momentum=share), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(8, 16, 3), nn.BatchNorm2d(16, momentum=share), nn.ReLU(), nn.Flatten()),
            *(nn.Linear(144, 24), nn.BatchNorm1d(24, momentum=share), nn.ReLU(), nn.Linear(24, 4)),
        )
        optimizer = optim.Adam(net.parameters(), lr=5e-3)
        return trained(watch, net, optimizer, nn.CrossEntropyLoss(), data, epochs=12, batch=4)

    return Loop(loop, data)


@fault(
    kind="batch_norm_tiny_batch",
    also=("mode_gap", "batch_too_small"),
    where="batch_size",
    repair="32",
    **CODE,
    level=0.988,
)
def two_pictures_a_batch(seed: int, mended: bool) -> Loop:  # forum: batch norm, batch size 2 and a bad validation
    data = cut(pictures(seed, 320), seed)

    def loop(watch):
        net = nn.Sequential(
            *(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
            *(nn.Linear(200, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Linear(24, 16), nn.BatchNorm1d(16), nn.ReLU()),
            nn.Linear(16, 4),
        )
        optimizer = optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
        return trained(watch, net, optimizer, nn.CrossEntropyLoss(), data, epochs=10, batch=24 if mended else 2)

    return Loop(loop, data)


@fault(kind="zero_weights", also=("symmetric_weights",), where="weights_init", repair="Xavier", **CODE, level=0.912)
def weights_filled_with_zeros(
    seed: int, mended: bool
) -> Loop:  # SO: model.apply(weights_init) with m.weight.data.fill_(0)
    data = cut(digits(seed, 1000), seed)

    def weights_init(m):
        if isinstance(m, nn.Linear):
            if mended:
                nn.init.xavier_uniform_(m.weight)
            else:
                m.weight.data.fill_(0.0)
            m.bias.data.fill_(0.01)

    def loop(watch):
        net = Net()
        net.apply(weights_init)
        optimizer = optim.Adam(net.parameters(), lr=1e-3)
        return trained(watch, net, optimizer, nn.CrossEntropyLoss(), data, epochs=8, validation=False)

    return Loop(loop, data)


@fault(kind="symmetric_weights", where="init", repair="draw the weights", **CODE, level=0.936)
def weights_filled_with_tenths(seed: int, mended: bool) -> Loop:  # SO: nn.init.constant_ on every layer
    data = cut(digits(seed, 1000), seed)

    def loop(watch):
        net = nn.Sequential(nn.Linear(64, 32), nn.Sigmoid(), nn.Linear(32, 10))
        if not mended:
            for part in (net[0], net[2]):
                nn.init.constant_(part.weight, 0.1)
                nn.init.constant_(part.bias, 0.0)
        optimizer = optim.Adam(net.parameters(), lr=0.01)
        return trained(watch, net, optimizer, nn.CrossEntropyLoss(), data, epochs=15)

    return Loop(loop, data)


@fault(kind="channels_last", where="view", repair="permute(0, 3, 1, 2)", by="data", metric="accuracy", level=0.992)
def viewed_instead_of_permuted(
    seed: int, mended: bool
) -> Loop:  # forum, often: x.view(-1, 3, 12, 12) of pictures in rows
    x, y = pictures(seed, 500)
    x = torch.from_numpy(x).permute(0, 2, 3, 1).contiguous()
    x = x.permute(0, 3, 1, 2).contiguous() if mended else x.view(-1, 3, 12, 12)
    data = cut((x.numpy(), y), seed)

    def loop(watch):
        net = nn.Sequential(
            *(nn.Conv2d(3, 10, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(10, 20, 3), nn.ReLU()),
            *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(20, 4)),
        )
        optimizer = optim.Adam(net.parameters(), lr=3e-3)
        return trained(watch, net, optimizer, nn.CrossEntropyLoss(), data, epochs=12, batch=16)

    return Loop(loop, data)


@fault(kind="rate_too_high", also=("dead_units", "exploding"), where="lr", repair="lr=1e-3", **CODE, level=0.936)
def adam_at_a_tenth(seed: int, mended: bool) -> Loop:  # forum 43814 and many more: Adam with lr=0.1
    data = cut(digits(seed, 1000), seed)

    def loop(watch):
        net = Net(hidden=100)
        optimizer = optim.Adam(net.parameters(), lr=1e-3 if mended else 0.1)
        return trained(watch, net, optimizer, nn.CrossEntropyLoss(), data, epochs=10, batch=16)

    return Loop(loop, data)


@fault(kind="decay_too_strong", where="weight_decay", repair="weight_decay=1e-4", **CODE, level=0.888)
def decay_as_large_as_the_rate(seed: int, mended: bool) -> Loop:  # SO: weight_decay=0.1 with Adam, accuracy at chance
    data = cut(digits(seed, 1000), seed)

    def loop(watch):
        net = Net()
        optimizer = optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-4 if mended else 0.3)
        return trained(watch, net, optimizer, nn.CrossEntropyLoss(), data, epochs=12)

    return Loop(loop, data)


@fault(
    kind="wrong_parameters",
    also=("underfitting", "cut_gradient"),
    where="forward",
    repair="make it in __init__",
    **CODE,
    level=0.809,
)
def a_layer_made_in_forward(
    seed: int, mended: bool
) -> Loop:  # forum: nn.Linear(...) inside forward starts anew on each call
    data = cut(blobs(seed, 900, 20, classes=3, informative=6), seed)

    class Fresh(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1, self.fc3 = nn.Linear(20, 40), nn.Linear(40, 3)
            if mended:
                self.fc2 = nn.Linear(40, 40)

        def forward(self, x):
            fc2 = self.fc2 if mended else nn.Linear(40, 40)
            return self.fc3(F.relu(fc2(F.relu(self.fc1(x)))))

    def loop(watch):
        net = Fresh()
        optimizer = optim.Adam(net.parameters(), lr=2e-3)
        return trained(watch, net, optimizer, nn.CrossEntropyLoss(), data, epochs=20)

    return Loop(loop, data)


@fault(kind="rate_too_high", also=("exploding",), where="lr", repair="lr=2e-3", **CODE, level=0.671)
def a_review_at_full_speed(
    seed: int, mended: bool
) -> Loop:  # forum: LSTM for sentiment stays at 50 %, lr=0.1 with Adam
    data = cut(reviews(seed, 900), seed)

    class Sentiment(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(200, 16)
            self.lstm = nn.LSTM(16, 24, batch_first=True)
            self.fc = nn.Linear(24, 2)

        def forward(self, x):
            _, (h, _) = self.lstm(self.embedding(x))
            return self.fc(h[-1])

    def loop(watch):
        net = Sentiment()
        optimizer = optim.Adam(net.parameters(), lr=3e-3 if mended else 0.3)
        return trained(watch, net, optimizer, nn.CrossEntropyLoss(), data, epochs=12, batch=30)

    return Loop(loop, data)


@fault(kind="overfitting", where="epochs", repair="dropout and an end in time", by="code", metric="loss", level=0.775)
def few_reviews_many_epochs(
    seed: int, mended: bool
) -> Loop:  # SO 53242770 and Keras' own tutorial: validation loss rises at once
    x, y = reviews(seed, 400)
    counts = torch.zeros(400, 200).scatter_add_(1, torch.from_numpy(x), torch.ones(x.shape)).numpy()
    data = cut((counts, y), seed)

    def loop(watch):
        drop = 0.5 if mended else 0.0
        net = nn.Sequential(
            nn.Linear(200, 64), nn.ReLU(), nn.Dropout(drop), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2)
        )
        optimizer = optim.Adam(net.parameters(), lr=2e-3)
        return trained(watch, net, optimizer, nn.CrossEntropyLoss(), data, epochs=8 if mended else 60)

    return Loop(loop, data)
