"""Holds a table by hand beside PyTorch's autograd."""

import math
from collections import Counter

import numpy as np
import pytest
import torch
from torch.testing import assert_close

import deepglass as dg
from deepglass.networks.call import call

F64 = torch.float64


def drawn(network, shape, examples, seed):
    """A network and its input with random numbers of both signs, running statistics too."""
    random = torch.Generator().manual_seed(seed)
    network = network.double().eval()
    with torch.no_grad():
        for tensor in [*network.parameters(), *network.buffers()]:
            if tensor.is_floating_point():
                tensor.copy_(torch.randn(tensor.shape, generator=random, dtype=F64))
        for name, buffer in network.named_buffers():
            if "running_var" in name:
                buffer.abs_().add_(0.1)
    return network, torch.randn(examples, *shape, generator=random, dtype=F64), random


def by_autograd(network, x, y, loss, *, batch_first=True):
    """Output, loss, gradients of the parameters and of x, by torch."""
    x = x.clone().requires_grad_()
    output = network(x) if batch_first else network(x.transpose(0, 1))
    output = output[0] if isinstance(output, tuple) else output
    output = output if batch_first else output.transpose(0, 1)
    value = loss(output, y)
    gradients = torch.autograd.grad(value, [x, *network.parameters()])
    names = [name for name, _ in network.named_parameters()]
    return output.detach(), value.item(), dict(zip(["x", *names], gradients))


def same(table, expected, x):
    output, loss, gradients = expected
    assert_close(torch.from_numpy(table.output).reshape(output.shape), output, rtol=1e-9, atol=1e-9)
    assert table.loss == pytest.approx(loss, rel=1e-9, abs=1e-9)
    found = [row.value for row in table.rows if row.quantity.startswith("dL/dx[") and " via " not in row.quantity]
    assert_close(torch.tensor(found, dtype=F64).reshape(x.shape), gradients.pop("x"), rtol=1e-6, atol=1e-9)
    assert set(table.gradients) == set(gradients)
    for name, gradient in gradients.items():
        assert_close(table.gradients[name], gradient, rtol=1e-6, atol=1e-9, msg=name)


def assert_formulas(table):
    """Each formula gives its value when its numbers are put in, as Python reads it; each number has a name of its own."""
    words = {"exp": math.exp, "ln": math.log, "tanh": math.tanh, "erf": math.erf, "sqrt": math.sqrt}
    for row in table.rows:
        if row.named.made is not None:
            text = row.numbers(17).replace("·", "*").replace("^", "**")
            assert eval(text, words) == pytest.approx(row.value, rel=1e-9, abs=1e-12), (row.quantity, text)  # noqa: S307
    names = Counter(row.quantity for row in table.rows)
    assert [name for name, count in names.items() if count > 1] == []


def beside(network, inputs, y, loss, *, exact=1e-9, **options):
    """The table of a network on several examples, after holding output and gradients beside autograd's."""
    table = dg.byhand(network, inputs, y, batch=True, limit=10**5, **options)
    given = inputs if isinstance(inputs, dict) else {"x": inputs}
    given = {name: x.clone().requires_grad_(x.is_floating_point()) for name, x in given.items()}
    output = call(network, given)
    value = loss(output, y)
    floating = {name: x for name, x in given.items() if x.is_floating_point()}
    wanted = {**floating, **dict(network.named_parameters())}
    gradients = dict(zip(wanted, torch.autograd.grad(value, list(wanted.values()))))
    assert_close(torch.from_numpy(table.output), output.detach().double(), rtol=exact, atol=exact)
    assert table.loss == pytest.approx(value.item(), rel=exact)
    found = {row.quantity: row.value for row in table.rows}
    for name, x in floating.items():
        gradient = gradients.pop(name)
        for e, *at in np.ndindex(x.shape):
            place = ",".join(map(str, at))
            symbol = f"dL/d{name}[{place}]" if len(x) == 1 else f"dL/d{name}[{e};{place}]"
            assert found.get(symbol, 0.0) == pytest.approx(gradient[(e, *at)].item(), rel=1e-6, abs=exact), symbol
    assert set(table.gradients) == set(gradients)
    for name, gradient in gradients.items():
        assert_close(table.gradients[name], gradient, rtol=1e-6, atol=exact, msg=name)
    assert_formulas(table)
    return table


def squares(output, y):
    return ((output - y) ** 2).flatten(1).mean(1).mean()
