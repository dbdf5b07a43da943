"""Real faults of training loops, from the PyTorch forum and Stack Overflow, written as people write them."""

import torch
from case import Loop, fault
from torch import nn, optim
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from cases.real.material import accuracy, cut, digits, pictures, r2, regression, told

CODE = {"by": "code", "metric": "accuracy"}
NUMBER = {"by": "code", "metric": "r2"}


def loader(x, y, size=32, shuffle=True):
    return DataLoader(TensorDataset(x, y), batch_size=size, shuffle=shuffle)


class Net(nn.Module):
    """The network of the first tutorial, on small digits."""

    def __init__(self, inputs=64, hidden=48, outputs=10):
        super().__init__()
        self.fc1 = nn.Linear(inputs, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.fc3 = nn.Linear(hidden, outputs)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


@fault(
    kind="gradients_not_cleared",
    also=("rate_too_high",),
    where="zero_grad",
    repair="optimizer.zero_grad()",
    **NUMBER,
    level=0.999,
)
def a_line_without_zero_grad(seed: int, mended: bool) -> Loop:  # forum, often: "linear regression loss increases"
    x, y = regression(seed, 300, 3)
    data = x, y, xv, yv = cut((x, (y / y.std())[:, None]), seed)

    def loop(watch):
        model = nn.Linear(3, 1)
        optimizer = optim.SGD(model.parameters(), lr=0.05)
        criterion = nn.MSELoss()
        with watch(model, optimizer=optimizer) as evidence:
            for epoch in range(150):
                outputs = model(x)
                loss = criterion(outputs, y)
                loss.backward()
                optimizer.step()
                if mended:
                    optimizer.zero_grad()
                if epoch % 5 == 0:
                    evidence.log(loss=loss.item())
        return told(evidence, r2=r2(model(xv), yv))

    return Loop(loop, data)


@fault(
    kind="gradients_not_cleared", also=("rate_too_high",), where="zero_grad", repair="the brackets", **CODE, level=0.957
)
def zero_grad_without_brackets(seed: int, mended: bool) -> Loop:  # SO and forum: `optimizer.zero_grad` is no call
    x, y, xv, yv = data = cut(digits(seed, 1200), seed)

    def loop(watch):
        net = Net()
        optimizer = optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
        criterion = nn.CrossEntropyLoss()
        with watch(net, optimizer=optimizer) as evidence:
            for _ in range(12):
                running_loss = 0.0
                for inputs, labels in loader(x, y, 16):
                    optimizer.zero_grad() if mended else optimizer.zero_grad
                    loss = criterion(net(inputs), labels)
                    loss.backward()
                    optimizer.step()
                    running_loss += loss.item() / 57
                evidence.log(loss=running_loss)
        return told(evidence, accuracy=accuracy(net(xv), yv))

    return Loop(loop, data)


@fault(kind="no_steps", where="zero_grad", repair="zero_grad before backward", **CODE, level=0.872)
def cleared_just_before_the_step(seed: int, mended: bool) -> Loop:  # forum: zero_grad between backward and step
    x, y, xv, yv = data = cut(digits(seed, 1000), seed)

    def loop(watch):
        net = Net()
        optimizer = optim.Adam(net.parameters(), lr=1e-3)
        with watch(net, optimizer=optimizer) as evidence:
            for _ in range(10):
                for inputs, labels in loader(x, y):
                    if mended:
                        optimizer.zero_grad()
                    loss = F.cross_entropy(net(inputs), labels)
                    loss.backward()
                    if not mended:
                        optimizer.zero_grad()
                    optimizer.step()
                with torch.no_grad():
                    output = net(xv)
                evidence.log(loss=loss.item(), validation_accuracy=accuracy(output, yv))
        return evidence

    return Loop(loop, data)


@fault(
    kind="no_steps",
    also=("batch_too_large", "unfinished", "rate_too_low"),
    where="step",
    repair="step in the inner loop",
    **CODE,
    level=0.992,
)
def a_step_each_epoch(seed: int, mended: bool) -> Loop:  # SO: optimizer.step() one indentation too far left
    x, y, xv, yv = data = cut(pictures(seed, 500), seed)

    def loop(watch):
        net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(200, 4))
        optimizer = optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
        criterion = nn.CrossEntropyLoss()
        with watch(net, optimizer=optimizer) as evidence:
            for _ in range(12):
                total = 0.0
                for images, labels in loader(x, y, 20):
                    optimizer.zero_grad()
                    loss = criterion(net(images), labels)
                    loss.backward()
                    total += loss.item() / 19
                    if mended:
                        optimizer.step()
                if not mended:
                    optimizer.step()
                evidence.log(loss=total)
        return told(evidence, accuracy=accuracy(net(xv), yv))

    return Loop(loop, data)


@fault(
    kind="rate_too_low",
    also=("unfinished",),
    where="scheduler.step()",
    repair="scheduler.step() once an epoch",
    **CODE,
    level=0.92,
)
def a_schedule_of_batches(
    seed: int, mended: bool
) -> Loop:  # forum: StepLR is stepped after each batch, and the rate is 0 soon
    x, y, xv, yv = data = cut(digits(seed, 1200), seed)

    def loop(watch):
        net = Net()
        optimizer = optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
        scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=7, gamma=0.1)
        with watch(net, optimizer=optimizer) as evidence:
            for _ in range(15):
                for inputs, labels in loader(x, y):
                    optimizer.zero_grad()
                    loss = F.cross_entropy(net(inputs), labels)
                    loss.backward()
                    optimizer.step()
                    if not mended:
                        scheduler.step()
                if mended:
                    scheduler.step()
                evidence.log(loss=loss.item(), validation_loss=F.cross_entropy(net(xv), yv).item())
        return told(evidence, accuracy=accuracy(net(xv), yv))

    return Loop(loop, data)
