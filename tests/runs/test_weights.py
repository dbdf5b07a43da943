import struct

import pytest
import torch
from safetensors.torch import save
from torch.testing import assert_close

from deepglass.errors import RunError
from deepglass.runs import load_weights, save_weights

BASE = torch.arange(12.0).reshape(3, 4)
UNUSUAL = {
    "whole": BASE,
    "shared": BASE,
    "row of it": BASE[1],
    "transposed": BASE.T,
    "expanded": torch.ones(1).expand(5),
    "empty": torch.zeros(0, 3),
    "another empty": torch.zeros(2, 0),
    "no axes": torch.tensor(7),
    "flags": torch.tensor([True, False]),
    "bf16": torch.tensor([1.5, -2.0], dtype=torch.bfloat16),
    "complex": torch.tensor([1 + 2j]).conj(),
    "nan": torch.tensor([float("nan"), float("inf")]),
    "with gradient": torch.ones(2, requires_grad=True),
    "schräg / 重み": torch.ones(1),
}


def test_tensors_of_every_shape_and_layout_come_back_as_they_were(tmp_path):
    save_weights(tmp_path / "w.safetensors", UNUSUAL)
    loaded = load_weights(tmp_path / "w.safetensors")
    assert loaded.keys() == UNUSUAL.keys()
    for name, tensor in UNUSUAL.items():
        assert loaded[name].dtype == tensor.dtype
        assert_close(loaded[name], tensor.detach().resolve_conj(), rtol=0, atol=0, equal_nan=True)


def test_the_same_tensors_give_the_same_file(tmp_path):
    save_weights(tmp_path / "a", UNUSUAL)
    save_weights(tmp_path / "b", dict(reversed(UNUSUAL.items())))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_no_tensors_at_all_are_fine(tmp_path):
    save_weights(tmp_path / "w", {})
    assert load_weights(tmp_path / "w") == {}


def test_what_is_no_dense_tensor_is_named(tmp_path):
    with pytest.raises(RunError, match="'mask' is not a dense tensor"):
        save_weights(tmp_path / "w", {"mask": torch.eye(2).to_sparse()})


def test_every_flipped_bit_is_noticed(tmp_path):
    path = tmp_path / "w.safetensors"
    save_weights(path, {"weight": torch.arange(6.0), "bias": torch.tensor([1.0])})
    content = path.read_bytes()
    for place in range(len(content)):
        flipped = bytearray(content)
        flipped[place] ^= 1 << (place % 8)
        path.write_bytes(flipped)
        try:
            loaded = load_weights(path)
        except RunError as error:
            assert str(path) in str(error)
        else:  # a flip in the word "checksum" itself, or of a space at the end, leaves all values right
            assert_close(loaded["weight"], torch.arange(6.0), rtol=0, atol=0)
            assert_close(loaded["bias"], torch.tensor([1.0]), rtol=0, atol=0)


def test_every_truncation_is_noticed(tmp_path):
    path = tmp_path / "w.safetensors"
    save_weights(path, {"weight": torch.arange(6.0)})
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(RunError, match=r"w\.safetensors is damaged"):
            load_weights(path)


def test_a_file_by_another_program_is_read(tmp_path):
    (tmp_path / "w").write_bytes(save({"a": torch.ones(2)}))
    assert_close(load_weights(tmp_path / "w")["a"], torch.ones(2))


ENTRY = '{"dtype":"F32","shape":[1],"data_offsets":[%d,%d]}'


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ('{"a":' + ENTRY % (0, 4) + ',"a":' + ENTRY % (4, 8) + "}", "'a' appears twice"),
        ('{"a":' + ENTRY % (0, 4) + ',"b":' + ENTRY % (0, 4) + "}", "damaged"),
        ('{"a":' + ENTRY % (4, 8) + "}", "damaged"),
        ('{"a":' + ENTRY.replace("F32", "Q9") % (0, 8) + "}", "Q9"),
        ("[" * 100_000, "its header is not JSON"),
        ("[]", "its header is not an object"),
    ],
)
def test_a_hostile_header_is_refused(tmp_path, header, why):
    path = tmp_path / "w.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header.encode() + bytes(8))
    with pytest.raises(RunError, match=why):
        load_weights(path)


def test_a_header_that_claims_to_be_huge_is_refused_before_it_is_read(tmp_path):
    (tmp_path / "w").write_bytes(struct.pack("<Q", 1 << 60) + b"{}")
    with pytest.raises(RunError, match="10 bytes cannot be a whole safetensors file"):
        load_weights(tmp_path / "w")
