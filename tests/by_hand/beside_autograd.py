"""Holds a table by hand beside PyTorch's autograd."""

import math

import pytest
import torch
from torch.testing import assert_close

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
    found = [row.value for row in table.rows if row.quantity.startswith("dL/dx[")]
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
    names = [row.quantity for row in table.rows]
    assert len(set(names)) == len(names)
