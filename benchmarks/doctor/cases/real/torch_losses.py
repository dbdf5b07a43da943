"""Real faults of outputs and losses from the PyTorch forum and Stack Overflow, written as people write them."""

import torch
from case import Loop, fault
from torch import nn, optim
from torch.nn import functional as F

from cases.real.material import accuracy, blobs, cut, digits, houses, pictures, r2, told
from cases.real.torch_loops import CODE, NUMBER, Net, loader


def trained(
    watch, net, optimizer, criterion, data, *, epochs, batch=32, score=accuracy, name="accuracy", validation=True
):
    """The loop of the tutorials; `validation`: whether its author looks at the loss of validation too."""
    x, y, xv, yv = data
    with watch(net, optimizer=optimizer) as evidence:
        for _ in range(epochs):
            net.train()
            running_loss = 0.0
            for inputs, labels in loader(x, y, batch):
                optimizer.zero_grad()
                loss = criterion(net(inputs), labels)
                loss.backward()
                optimizer.step()
                running_loss += loss.item() * len(labels) / len(y)
            net.eval()
            with torch.no_grad():
                output = net(xv)
                seen = criterion(output, yv).item()
            if validation:
                evidence.log(loss=running_loss, validation_loss=seen)
            else:
                evidence.log(loss=running_loss)
    return told(evidence, loss=seen, **{name: score(output, yv)})


@fault(
    kind="activation_twice", also=("output_range",), where="forward", repair="return the logits", **CODE, level=0.877
)
def digits_by_softmax_and_cross_entropy(
    seed: int, mended: bool
) -> Loop:  # forum 43814: "cross entropy loss is not decreasing"
    data = cut(digits(seed, 1200), seed)

    class Softened(Net):
        def forward(self, x):
            x = super().forward(x)
            return x if mended else F.softmax(x, dim=1)

    def loop(watch):
        net = Softened()
        optimizer = optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
        return trained(watch, net, optimizer, nn.CrossEntropyLoss(), data, epochs=6)

    return Loop(loop, data)


@fault(
    kind="activation_twice",
    also=("output_range", "wrong_loss"),
    where="criterion",
    repair="BCELoss, or no sigmoid",
    by="code",
    metric="accuracy",
    level=0.871,
)
def cancer_by_two_sigmoids(seed: int, mended: bool) -> Loop:  # SO and forum: BCEWithLogitsLoss behind a sigmoid
    data = cut(blobs(seed, 900, 15, informative=5, apart=0.9), seed)

    def loop(watch):
        net = nn.Sequential(nn.Linear(15, 30), nn.ReLU(), nn.Linear(30, 1), nn.Sigmoid())
        optimizer = optim.SGD(net.parameters(), lr=0.05)
        base = nn.BCELoss() if mended else nn.BCEWithLogitsLoss()

        def criterion(p, t):
            return base(p.squeeze(1), t.float())

        return trained(watch, net, optimizer, criterion, data, epochs=30, validation=False)

    return Loop(loop, data)


@fault(
    kind="wrong_loss", also=("output_range",), where="criterion", repair="log_softmax before it", **CODE, level=0.872
)
def nll_of_bare_scores(seed: int, mended: bool) -> Loop:  # forum: "my loss is negative": NLLLoss without log_softmax
    data = cut(digits(seed, 1000), seed)

    class Scores(Net):
        def forward(self, x):
            x = super().forward(x)
            return F.log_softmax(x, dim=1) if mended else x

    def loop(watch):
        net = Scores()
        optimizer = optim.Adam(net.parameters(), lr=1e-3)
        return trained(watch, net, optimizer, nn.NLLLoss(), data, epochs=10)

    return Loop(loop, data)


@fault(
    kind="wrong_loss", also=("output_range", "vanishing"), where="forward", repair="log_softmax", **CODE, level=0.936
)
def nll_of_softmax(seed: int, mended: bool) -> Loop:  # forum: softmax instead of log_softmax before NLLLoss
    data = cut(pictures(seed, 500), seed)

    def loop(watch):
        last = nn.LogSoftmax(dim=1) if mended else nn.Softmax(dim=1)
        layers = (nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(200, 4))
        net = nn.Sequential(*layers, last)
        optimizer = optim.SGD(net.parameters(), lr=0.01, momentum=0.5)
        return trained(watch, net, optimizer, nn.NLLLoss(), data, epochs=10, batch=16)

    return Loop(loop, data)


@fault(
    kind="output_range",
    also=("wrong_loss",),
    where="log_softmax",
    repair="dim=1",
    by="code",
    metric="loss",
    level=0.566,
)
def softmax_over_the_batch(seed: int, mended: bool) -> Loop:  # forum and SO 49036993: the wrong dim
    data = cut(digits(seed, 900), seed)

    class Digits(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer1, self.layer2 = nn.Linear(64, 20), nn.Linear(20, 10)

        def forward(self, x):
            return F.log_softmax(self.layer2(torch.sigmoid(self.layer1(x))), dim=1 if mended else 0)

    def loop(watch):
        net = Digits()
        optimizer = optim.SGD(net.parameters(), lr=0.2)
        return trained(watch, net, optimizer, F.nll_loss, data, epochs=15, batch=16, validation=False)

    return Loop(loop, data)


@fault(kind="broadcast", also=("predicts_mean",), where="criterion", repair="labels.view(-1, 1)", **NUMBER, level=0.864)
def prices_of_every_house(seed: int, mended: bool) -> Loop:  # forum, very often: (n, 1) and (n,) under MSELoss
    x, y = houses(seed)
    data = cut((x, (y - 22) / 9), seed, scale=True)

    def loop(watch):
        net = nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 1))
        optimizer = optim.Adam(net.parameters(), lr=5e-3)
        mse = nn.MSELoss()

        def criterion(output, labels):
            return mse(output, labels.view(-1, 1) if mended else labels)

        return trained(watch, net, optimizer, criterion, data, epochs=40, batch=16, score=r2, name="r2")

    return Loop(loop, data)


@fault(
    kind="output_range",
    also=("dead_units", "class_never_predicted"),
    where="forward",
    repair="no ReLU on the logits",
    by="code",
    metric="loss",
    level=0.239,
)
def relu_on_the_logits(seed: int, mended: bool) -> Loop:  # forum: return F.relu(self.fc3(x)) before CrossEntropyLoss
    data = cut(digits(seed, 1200), seed)

    class Last(Net):
        def forward(self, x):
            x = super().forward(x)
            return x if mended else F.relu(x)

    def loop(watch):
        net = Last()
        optimizer = optim.Adam(net.parameters(), lr=2e-3)
        return trained(watch, net, optimizer, nn.CrossEntropyLoss(), data, epochs=10)

    return Loop(loop, data)


@fault(
    kind="wrong_loss", where="criterion", repair="cross-entropy on classes", by="code", metric="accuracy", level=0.884
)
def digits_as_a_quantity(seed: int, mended: bool) -> Loop:  # forum: one output and MSELoss on class numbers
    data = cut(digits(seed, 1000), seed)

    def loop(watch):
        net = Net(outputs=10 if mended else 1)
        optimizer = optim.Adam(net.parameters(), lr=1e-3)
        if mended:
            return trained(watch, net, optimizer, nn.CrossEntropyLoss(), data, epochs=12)

        def rounded(output, labels):
            return float((output.round().reshape(-1).long() == labels).float().mean())

        def criterion(output, labels):
            return F.mse_loss(output.squeeze(1), labels.float())

        return trained(watch, net, optimizer, criterion, data, epochs=12, score=rounded)

    return Loop(loop, data)


@fault(kind="ascends", also=("wrong_loss",), where="loss", repair="the sign", **CODE, level=0.775)
def a_minus_too_many(
    seed: int, mended: bool
) -> Loop:  # forum: "loss goes to minus infinity": -F.nll_loss of log-probabilities
    x, y, xv, yv = data = cut(digits(seed, 800), seed)

    def loop(watch):
        net = nn.Sequential(nn.Linear(64, 40), nn.Tanh(), nn.Linear(40, 10), nn.LogSoftmax(dim=1))
        optimizer = optim.SGD(net.parameters(), lr=0.05)
        with watch(net, optimizer=optimizer) as evidence:
            for _ in range(10):
                for inputs, labels in loader(x, y):
                    logp = net(inputs)
                    chosen = logp[torch.arange(len(labels)), labels]
                    loss = (-chosen if mended else chosen).mean()
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()
                evidence.log(loss=loss.item())
        return told(evidence, accuracy=accuracy(net(xv), yv))

    return Loop(loop, data)


@fault(
    kind="log_of_zero",
    also=("exploding",),
    where="loss",
    repair="log_softmax in one step",
    by="code",
    metric="accuracy",
    level=0.708,
)
def log_of_a_softmax(
    seed: int, mended: bool
) -> Loop:  # SO 33712178 (TensorFlow), forum: torch.log(softmax(x)) becomes NaN
    x, y, xv, yv = data = cut(digits(seed, 1000, most=16.0), seed)

    def loop(watch):
        net = nn.Sequential(nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 10))
        for part in net:
            if isinstance(part, nn.Linear):
                nn.init.normal_(part.weight, std=0.3)
        optimizer = optim.SGD(net.parameters(), lr=0.001)
        with watch(net, optimizer=optimizer) as evidence:
            for _ in range(12):
                for inputs, labels in loader(x, y):
                    target = F.one_hot(labels, 10).float()
                    out = net(inputs)
                    logs = F.log_softmax(out, dim=1) if mended else torch.log(F.softmax(out, dim=1))
                    loss = -(target * logs).sum(1).mean()
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()
                evidence.log(loss=loss.item())
        output = net(xv)
        return told(evidence, accuracy=accuracy(output, yv) if output.isfinite().all() else 0.0)

    return Loop(loop, data)
