"""Real faults of parameters that do not learn, from the PyTorch forum and Stack Overflow, written as people write them."""

import torch
from case import Loop, fault
from torch import nn, optim
from torch.nn import functional as F

from cases.real.material import accuracy, blobs, cut, digits, houses, r2, told
from cases.real.torch_loops import CODE, NUMBER, Net, loader


@fault(kind="wrong_parameters", also=("frozen",), where="layers", repair="nn.ModuleList", **CODE, level=0.809)
def layers_in_a_list(seed: int, mended: bool) -> Loop:  # SO and forum, very often: self.layers = []
    x, y, xv, yv = data = cut(blobs(seed, 900, 16, classes=4, informative=6, apart=1.2), seed)

    class Deep(nn.Module):
        def __init__(self):
            super().__init__()
            layers = [nn.Linear(16, 32), nn.Linear(32, 32), nn.Linear(32, 32)]
            self.layers = nn.ModuleList(layers) if mended else layers
            self.out = nn.Linear(32, 4)

        def forward(self, x):
            for layer in self.layers:
                x = torch.tanh(layer(x))
            return self.out(x)

    def loop(watch):
        model = Deep()
        optimizer = optim.Adam(model.parameters(), lr=3e-3)
        with watch(model, optimizer=optimizer) as evidence:
            for _ in range(25):
                for inputs, labels in loader(x, y):
                    optimizer.zero_grad()
                    loss = F.cross_entropy(model(inputs), labels)
                    loss.backward()
                    optimizer.step()
                with torch.no_grad():
                    output = model(xv)
                evidence.log(
                    validation_loss=F.cross_entropy(output, yv).item(), validation_accuracy=accuracy(output, yv)
                )
        return evidence

    return Loop(loop, data)


@fault(
    kind="wrong_parameters",
    also=("frozen",),
    where="fc",
    repair="the optimizer after the new head",
    **CODE,
    level=0.792,
)
def a_head_after_the_optimizer(
    seed: int, mended: bool
) -> Loop:  # forum, fine-tuning: model.fc = nn.Linear(...) comes too late
    first = cut(digits(seed), seed)
    x, y, xv, yv = data = cut(digits(seed + 1, 500), seed)
    y, yv = y % 5, yv % 5
    data = x, y, xv, yv

    def loop(watch):
        model = Net(hidden=64)
        optimizer = optim.Adam(model.parameters(), lr=2e-3)
        for _ in range(3):
            for inputs, labels in loader(first[0], first[1]):
                optimizer.zero_grad()
                F.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
        for parameter in model.parameters():
            parameter.requires_grad = False
        optimizer = optim.Adam(model.parameters(), lr=3e-3)
        model.fc3 = nn.Linear(64, 5)
        if mended:
            optimizer = optim.Adam(model.fc3.parameters(), lr=3e-3)
        criterion = nn.CrossEntropyLoss()
        with watch(model, optimizer=optimizer) as evidence:
            for _ in range(15):
                for inputs, labels in loader(x, y):
                    optimizer.zero_grad()
                    loss = criterion(model(inputs), labels)
                    loss.backward()
                    optimizer.step()
                with torch.no_grad():
                    output = model(xv)
                evidence.log(validation_loss=criterion(output, yv).item(), validation_accuracy=accuracy(output, yv))
        return evidence

    return Loop(loop, data)


@fault(kind="cut_gradient", also=("frozen",), where="data", repair="leave .data out", **NUMBER, level=0.775)
def a_variable_made_anew(seed: int, mended: bool) -> Loop:  # forum: x = Variable(x.data) in the middle of forward
    x, y = houses(seed)
    data = x, y, xv, yv = cut((x, (y - 22) / 9), seed, scale=True)

    class Prices(nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden1 = nn.Linear(13, 24)
            self.hidden2 = nn.Linear(24, 4)
            self.predict = nn.Linear(4, 1)

        def forward(self, x):
            x = torch.tanh(self.hidden2(torch.tanh(self.hidden1(x))))
            if not mended:
                x = torch.autograd.Variable(x.data)
            return self.predict(x)

    def loop(watch):
        net = Prices()
        optimizer = optim.Adam(net.parameters(), lr=0.01)
        with watch(net, optimizer=optimizer) as evidence:
            for _ in range(40):
                for inputs, prices in loader(x, y):
                    loss = F.mse_loss(net(inputs), prices.unsqueeze(1))
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()
                evidence.log(loss=loss.item(), validation_loss=F.mse_loss(net(xv), yv[:, None]).item())
        return told(evidence, r2=r2(net(xv), yv))

    return Loop(loop, data)


@fault(kind="frozen", where="fc3", repair="freeze before the head is made", **CODE, level=0.947)
def everything_is_frozen_but_a_bias(
    seed: int, mended: bool
) -> Loop:  # SO: requires_grad = False for all but the last parameter
    x, y, xv, yv = data = cut(digits(seed, 900), seed)

    def loop(watch):
        net = Net()
        if not mended:
            for parameter in list(net.parameters())[:-1]:
                parameter.requires_grad = False
        optimizer = optim.SGD(filter(lambda p: p.requires_grad, net.parameters()), lr=0.05, momentum=0.9)
        with watch(net, optimizer=optimizer) as evidence:
            for _ in range(12):
                for inputs, labels in loader(x, y):
                    optimizer.zero_grad()
                    loss = F.cross_entropy(net(inputs), labels)
                    loss.backward()
                    optimizer.step()
                with torch.no_grad():
                    evidence.log(loss=loss.item(), validation_loss=F.cross_entropy(net(xv), yv).item())
        return told(evidence, accuracy=accuracy(net(xv), yv))

    return Loop(loop, data)
