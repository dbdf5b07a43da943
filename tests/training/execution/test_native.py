"""Native passes over maps give what torch's operations give, and nothing depends on there being a compiler."""

import os
import shutil

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from deepglass.training.execution.native import compiled
from deepglass.training.execution.native.maps import SOURCE, Maps
from deepglass.training.execution.pooling import positive_max, to_positive_max

LAID_OUT = torch.channels_last
SHAPES = [(3, 5, 6, 8), (2, 32, 7, 7), (4, 16, 2, 3), (1, 1, 9, 4), (2, 700, 4, 5)]


@pytest.fixture
def maps(tmp_path, monkeypatch):
    if shutil.which("gcc") is None and shutil.which("cc") is None:
        pytest.skip("there is no compiler here")
    monkeypatch.delenv("DEEPGLASS_NATIVE", raising=False)
    library = compiled(SOURCE)
    assert library is not None
    return Maps(library)


def numbers(shape, seed):
    drawn = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
    return (drawn * 2).round(decimals=1).bfloat16().to(memory_format=LAID_OUT)  # rounded, so that some are equal


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("threads", [1, 3])
def test_pooling_gives_the_bits_of_torch_both_ways(maps, shape, threads):
    torch.set_num_threads(threads)
    x = numbers(shape, 0)
    y, places = maps.positive_max(x)
    expected = positive_max(x)
    assert torch.equal(y, expected) and torch.equal(y, nn.functional.max_pool2d(x, 2).relu())
    gradient = numbers(y.shape, 1)
    found = maps.to_positive_max(gradient, places, *shape[2:])
    assert torch.equal(found, to_positive_max(gradient, x, expected, torch.zeros_like(x)))


def by_torch(layer, x, other, positive):
    """The same in float64 by autograd: outputs and all gradients."""
    x, other = (None if t is None else t.double().requires_grad_() for t in (x, other))
    y = layer(x) if other is None else layer(x) + other
    return x, other, y.relu() if positive else y


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("added", [False, True])
@pytest.mark.parametrize("positive", [False, True])
@pytest.mark.parametrize("learning", [False, True])
def test_normalization_with_a_sum_and_relu_is_that_of_torch_both_ways(maps, shape, added, positive, learning):
    torch.manual_seed(0)
    x, other, gradient = numbers(shape, 0) + 30, numbers(shape, 1) if added else None, numbers(shape, 2)
    own, reference = nn.BatchNorm2d(shape[1]), nn.BatchNorm2d(shape[1], dtype=torch.float64)
    nn.init.normal_(own.weight), nn.init.normal_(own.bias), nn.init.normal_(own.running_mean)
    reference.load_state_dict(own.state_dict())
    own.train(learning), reference.train(learning)
    with torch.no_grad():
        y, statistics = maps.normalized(own, x, other, positive=positive)
    of_x, of_other, expected = by_torch(reference, x, other, positive)
    assert_close(y.double(), expected, rtol=0.01, atol=0.02)
    for name, value in own.named_buffers():
        if name != "num_batches_tracked":
            assert_close(value.double(), reference.get_buffer(name), rtol=1e-5, atol=1e-5)
    kept = gradient.clone() * ((y > 0) == (expected > 0))  # but for numbers that rounding brings to 0
    expected.backward(kept.double())
    passed = kept.clone(memory_format=torch.preserve_format)
    with torch.no_grad():
        to_x, *found = maps.to_normalized(own, passed, x, statistics, y=y if positive else None)
    assert_close(to_x.double(), of_x.grad, rtol=0.01, atol=0.02)
    for value, parameter in zip(found, (reference.weight, reference.bias)):
        assert_close(value.double(), parameter.grad, rtol=1e-4, atol=1e-3)
    if added:
        assert torch.equal(passed.double(), of_other.grad)


def test_without_a_compiler_or_when_it_fails_there_is_no_library(tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPGLASS_CACHE", str(tmp_path / "cache"))
    broken = tmp_path / "broken.c"
    broken.write_text("this is no C")
    assert compiled(broken) is None
    whole = tmp_path / "whole.c"
    whole.write_text("int three(void) { return 3; }")
    monkeypatch.setenv("DEEPGLASS_NATIVE", "0")
    assert compiled(whole) is None
    compiled.cache_clear()
    monkeypatch.delenv("DEEPGLASS_NATIVE")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert compiled(whole) is None
    compiled.cache_clear()


def test_a_spoiled_library_is_made_anew(tmp_path, monkeypatch):
    if shutil.which("gcc") is None and shutil.which("cc") is None:
        pytest.skip("there is no compiler here")
    monkeypatch.setenv("DEEPGLASS_CACHE", str(tmp_path / "cache"))
    source = tmp_path / "five.c"
    source.write_text("int five(void) { return 5; }")
    assert compiled(source).five() == 5
    (made,) = (tmp_path / "cache" / "native").glob("*.so")
    made.unlink()  # a new file: the old one is open in this process
    made.write_bytes(b"half a file")
    compiled.cache_clear()
    assert compiled(source).five() == 5


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="permissions are told otherwise there")
def test_a_library_that_others_could_have_written_is_not_opened(tmp_path, monkeypatch):
    if shutil.which("gcc") is None and shutil.which("cc") is None:
        pytest.skip("there is no compiler here")
    monkeypatch.setenv("DEEPGLASS_CACHE", str(tmp_path / "cache"))
    source = tmp_path / "six.c"
    source.write_text("int six(void) { return 6; }")
    assert compiled(source).six() == 6
    (made,) = (tmp_path / "cache" / "native").glob("*.so")
    other = made.with_suffix(".old")
    made.rename(other)
    shutil.copy(other, made)
    made.chmod(0o777)
    before = made.stat().st_ino
    compiled.cache_clear()
    assert compiled(source).six() == 6
    assert made.stat().st_ino != before and made.stat().st_mode & 0o077 == 0  # made anew
