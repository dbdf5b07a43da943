"""Direct: torch's optimizers take their own steps, to the bit, without torch's compiler."""

import sys

import pytest
import torch
from torch import nn

from deepglass.training.optimizers import OPTIMIZERS, direct, quick_step

CLASSES = {
    "SGD": {"lr": 0.1, "momentum": 0.9, "nesterov": True},
    "Adagrad": {"lr": 0.1},
    "RMSprop": {"lr": 0.01},
    "Adadelta": {"lr": 1.0},
    "Adam": {"lr": 0.01, "weight_decay": 0.1},
    "AdamW": {"lr": 0.01, "weight_decay": 0.1},
}


def descended(kind, options, quickly=False):
    network = nn.Linear(5, 3)
    for parameter in network.parameters():
        parameter.data = torch.linspace(-1, 1, parameter.numel()).reshape(parameter.shape)
    optimizer = kind(network.parameters(), **options)
    for _ in range(4):
        optimizer.zero_grad()
        network(torch.ones(2, 5)).square().sum().backward()
        if not (quickly and quick_step(optimizer)):
            optimizer.step()
    return [p.detach() for p in network.parameters()]


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("name", CLASSES)
def test_each_takes_the_steps_of_torch_to_the_bit_and_without_importing_its_compiler(name, fused, monkeypatch):
    can_fuse = name in ("SGD", "Adagrad", "Adam", "AdamW")
    options = CLASSES[name] | ({"fused": True} if fused and can_fuse else {})
    theirs = descended(getattr(torch.optim, name), options)
    monkeypatch.setitem(sys.modules, "torch._dynamo", None)  # to import it is an error now
    for quickly in (False, True):
        own = descended(getattr(direct, name), options, quickly)
        assert all(torch.equal(a, b) for a, b in zip(own, theirs, strict=True))


def test_the_compiler_is_what_torchs_own_would_import(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch._dynamo", None)
    with pytest.raises(ImportError):
        descended(torch.optim.Adam, {"lr": 0.01})


def test_hooks_on_a_step_are_called():
    called = []
    parameter = nn.Parameter(torch.ones(2))
    optimizer = direct.Adam([parameter], fused=True)
    optimizer.register_step_post_hook(lambda *_: called.append("after"))
    parameter.grad = torch.ones(2)
    optimizer.step()
    assert called == ["after"]


def test_every_optimizer_of_the_catalogue_is_made_without_the_compiler(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch._dynamo", None)
    for entry in OPTIMIZERS.values():
        parameter = nn.Parameter(torch.ones(2))
        parameter.grad = torch.ones(2)
        optimizer = entry.torch_class([parameter], lr=0.1)
        optimizer.zero_grad()
        assert parameter.grad is None
