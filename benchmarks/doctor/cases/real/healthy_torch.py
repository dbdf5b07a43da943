"""Real programs that nothing is wrong with: tutorials of PyTorch, homework and solved forum questions."""

import torch
from case import Loop, healthy
from sklearn import datasets
from torch import nn, optim
from torch.nn import functional as F

from cases.real.material import accuracy, cut, digits, houses, pictures, r2, told
from cases.real.torch_loops import Net, loader
from cases.real.torch_losses import trained


@healthy(metric="accuracy")
def the_tutorial_of_sixty_minutes(
    seed: int,
) -> Loop:  # pytorch.org: a small LeNet, SGD at 0.001 (here 0.01) with momentum
    data = cut(pictures(seed, 700), seed)

    class LeNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.pool, self.conv2 = nn.Conv2d(3, 6, 3, padding=1), nn.MaxPool2d(2, 2), nn.Conv2d(6, 16, 3)
            self.fc1, self.fc2, self.fc3 = nn.Linear(64, 60), nn.Linear(60, 42), nn.Linear(42, 4)

        def forward(self, x):
            x = self.pool(F.relu(self.conv1(x)))
            x = self.pool(F.relu(self.conv2(x)))
            x = torch.flatten(x, 1)
            return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))

    def loop(watch):
        net = LeNet()
        optimizer = optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
        return trained(watch, net, optimizer, nn.CrossEntropyLoss(), data, epochs=20, batch=8, validation=False)

    return Loop(loop, data)


@healthy(metric="accuracy", ceiling="planes part most digits")
def the_example_of_mnist(seed: int) -> Loop:  # pytorch/examples mnist: log_softmax, nll_loss, Adadelta at 1.0, StepLR
    x, y, xv, yv = data = cut(digits(seed), seed)

    class Example(Net):
        def forward(self, x):
            x = F.dropout(F.relu(self.fc1(x)), 0.25, training=self.training)
            return F.log_softmax(self.fc3(F.relu(self.fc2(x))), dim=1)

    def loop(watch):
        model = Example(hidden=64)
        optimizer = optim.Adadelta(model.parameters(), lr=1.0)
        scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.9)
        with watch(model, optimizer=optimizer) as evidence:
            for _ in range(25):
                model.train()
                for inputs, target in loader(x, y, 64):
                    optimizer.zero_grad()
                    loss = F.nll_loss(model(inputs), target)
                    loss.backward()
                    optimizer.step()
                model.eval()
                with torch.no_grad():
                    output = model(xv)
                scheduler.step()
                evidence.log(
                    validation_loss=F.nll_loss(output, yv, reduction="sum").item() / len(yv),
                    validation_accuracy=accuracy(output, yv),
                )
        return evidence

    return Loop(loop, data)


@healthy(metric="r2")
def the_cube_root_of_a_regression(
    seed: int,
) -> Loop:  # MorvanZhou's tutorial: 10 hidden units, x squared with noise, SGD at 0.2, all at once
    generator = torch.Generator().manual_seed(seed)
    x = 2 * torch.rand(300, 1, generator=generator) - 1
    data = x, y, xv, yv = cut((x, x**2 + 0.1 * torch.rand(300, 1, generator=generator)), seed)

    class Regression(nn.Module):
        def __init__(self, n_feature, n_hidden, n_output):
            super().__init__()
            self.hidden = nn.Linear(n_feature, n_hidden)
            self.predict = nn.Linear(n_hidden, n_output)

        def forward(self, x):
            return self.predict(F.relu(self.hidden(x)))

    def loop(watch):
        net = Regression(1, 20, 1)
        optimizer = optim.SGD(net.parameters(), lr=0.2)
        loss_func = nn.MSELoss()
        with watch(net, optimizer=optimizer) as evidence:
            for t in range(400):
                prediction = net(x)
                loss = loss_func(prediction, y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                if t % 5 == 0:
                    evidence.log(loss=loss.item())
        return told(evidence, r2=r2(net(xv), yv))

    return Loop(loop, data)


@healthy(metric="accuracy")
def blocks_with_a_way_around(seed: int) -> Loop:  # course homework: two residual blocks, batch norm, cosine
    x, y, xv, yv = data = cut(pictures(seed, 600), seed)

    class Block(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.conv1, self.bn1 = nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
            self.conv2, self.bn2 = nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)

        def forward(self, x):
            return F.relu(x + self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))

    def loop(watch):
        net = nn.Sequential(
            *(nn.Conv2d(3, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(), Block(12), nn.MaxPool2d(2), Block(12)),
            *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 4)),
        )
        epochs = 12
        optimizer = optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
        schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
        criterion = nn.CrossEntropyLoss()
        with watch(net, optimizer=optimizer) as evidence:
            for _ in range(epochs):
                net.train()
                for images, labels in loader(x, y):
                    optimizer.zero_grad(set_to_none=True)
                    loss = criterion(net(images), labels)
                    loss.backward()
                    optimizer.step()
                schedule.step()
                net.eval()
                with torch.no_grad():
                    output = net(xv)
                evidence.log(validation_loss=criterion(output, yv).item(), validation_accuracy=accuracy(output, yv))
        return evidence

    return Loop(loop, data)


@healthy(metric="r2", ceiling="a sum of neighbours takes out most noise")
def digits_without_their_noise(seed: int) -> Loop:  # Keras' blog: a denoising autoencoder, sigmoid at the end
    clean, _, clean_v, _ = cut(digits(seed), seed)
    x, xv = (part + 0.3 * torch.randn(part.shape) for part in (clean, clean_v))
    data = x, clean, xv, clean_v

    def loop(watch):
        encoder = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32))
        decoder = nn.Sequential(nn.ReLU(), nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 64), nn.Sigmoid())
        model = nn.Sequential(encoder, decoder)
        optimizer = optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-6)
        return trained(watch, model, optimizer, nn.MSELoss(), data, epochs=40, score=r2, name="r2")

    return Loop(loop, data)


@healthy(metric="accuracy")
def moons_of_the_course(
    seed: int,
) -> Loop:  # CS courses: two moons, one hidden layer of tanh, all examples at each step, SGD at 1
    x, y, xv, yv = data = cut(datasets.make_moons(500, noise=0.15, random_state=seed), seed)

    def loop(watch):
        net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
        optimizer = optim.SGD(net.parameters(), lr=1.0)
        with watch(net, optimizer=optimizer) as evidence:
            for i in range(600):
                loss = F.cross_entropy(net(x), y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                if i % 20 == 0:
                    evidence.log(loss=loss.item())
        return told(evidence, accuracy=accuracy(net(xv), yv))

    return Loop(loop, data)


@healthy(metric="r2")
def prices_by_early_stopping(seed: int) -> Loop:  # forum: patience counted by hand, the best weights put back
    x, y = houses(seed, 700)
    x, y, xv, yv = data = cut((x, (y - 22) / 9), seed, scale=True)

    def loop(watch):
        model = nn.Sequential(nn.Linear(13, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
        optimizer = optim.Adam(model.parameters(), lr=2e-3)
        best, waited, kept = float("inf"), 0, None
        with watch(model, optimizer=optimizer) as evidence:
            for _ in range(100):
                model.train()
                for inputs, labels in loader(x, y):
                    optimizer.zero_grad()
                    F.mse_loss(model(inputs), labels.unsqueeze(1)).backward()
                    optimizer.step()
                model.eval()
                with torch.no_grad():
                    lost = F.mse_loss(model(xv), yv.unsqueeze(1)).item()
                evidence.log(validation_loss=lost)
                if lost < best:
                    best, waited, kept = lost, 0, {k: v.clone() for k, v in model.state_dict().items()}
                else:
                    waited += 1
                    if waited == 8:
                        break
            model.load_state_dict(kept)
        return told(evidence, r2=r2(model(xv), yv))

    return Loop(loop, data)
