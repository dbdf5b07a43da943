from types import SimpleNamespace

import pytest
import torch
from torch import nn

from deepglass.errors import DataError, SettingError, ShapeError, UnknownName
from deepglass.networks import NETWORKS, build

DATA = SimpleNamespace(input_shapes={"x": (4,)}, outputs=3)


class Two(nn.Module):
    def __init__(self, inputs, outputs, *, width=5):
        super().__init__()
        self.inside = nn.Linear(sum(shape[0] for shape in inputs.values()), width)
        self.out = nn.Linear(width, outputs)

    def forward(self, a, b):
        return self.out(self.inside(torch.cat([a, b], dim=1)).relu())


def test_a_module_comes_back_as_it_is():
    network = nn.Linear(4, 3)
    assert build(network, DATA) is network
    with pytest.raises(SettingError, match="This Linear is built already: hidden cannot be set"):
        build(network, DATA, hidden=[3])


def test_a_dict_holds_a_name_and_options_or_layers():
    assert build({"name": "mlp", "hidden": [7]}, DATA).hidden1.out_features == 7
    network = build(
        {"layers": [{"Linear": "outputs"}], "initialization": "zeros", "output_activation": "softmax"}, DATA
    )
    assert torch.allclose(network(torch.randn(2, 4)), torch.full((2, 3), 1 / 3))


def test_a_function_or_class_gets_the_sizes_that_it_names():
    several = SimpleNamespace(input_shapes={"a": (4,), "b": (2,)}, outputs=3)
    network = build(Two, several, width=9)
    assert network.inside.in_features == 6 and network.out.out_features == 3 and network.inside.out_features == 9
    assert build(lambda shape: nn.Linear(shape[0], 1), DATA).in_features == 4


def test_a_network_of_ones_own_joins_the_catalogue_by_one_line(monkeypatch):
    monkeypatch.setitem(NETWORKS, "mine", lambda shape, outputs: nn.Linear(*shape, outputs))
    assert build("mine", DATA).out_features == 3


def test_several_inputs_need_a_module_of_ones_own():
    several = SimpleNamespace(input_shapes={"image": (1, 8, 8), "age": (1,)}, outputs=3)
    with pytest.raises(ShapeError, match=r"mlp takes one input, and the data have 2: image, age. Pass an nn.Module"):
        build("mlp", several)
    with pytest.raises(ShapeError, match="A list of layers takes one input, and the data have 2"):
        build(["Flatten"], several)


def test_an_unknown_name_or_option_is_told_the_known_ones():
    with pytest.raises(
        UnknownName, match=r"no network 'mpl'. Did you mean 'mlp'\? Known: .*convnet, .*lenet5, linear, lstm, mlp"
    ):
        build("mpl", DATA)
    with pytest.raises(SettingError, match=r"mlp has no option 'hiden'. Did you mean 'hidden'\? Options: activation"):
        build("mlp", DATA, hiden=[3])
    with pytest.raises(SettingError, match="A list of layers has no option 'hidden'"):
        build([{"Linear": 3}], DATA, hidden=[3])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden": [0]}, r"hidden=\[0\] holds something other than whole numbers above 0"),
        ({"hidden": "64"}, "hidden='64' is no size"),
        ({"dropout": 1}, "dropout=1 is no share"),
        ({"norm": "group"}, "norm='group' does not exist. Choose one of None, 'batch', 'layer'"),
        ({"hidden": [3, 3], "activation": ["relu"]}, "activation has 1 entries for 2 hidden layers"),
    ],
)
def test_an_impossible_setting_is_told_what_is_possible(options, message):
    with pytest.raises(SettingError, match=message):
        build("mlp", DATA, **options)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("highway", {"width": [8, 4]}, r"width=\[8, 4\]: one size is needed\. Give a whole number, such as width=64"),
        ("highway", {"depth": []}, r"depth=\[\]: one size is needed"),
        ("highway", {"gate_bias": "low"}, "gate_bias='low' is no number"),
        ("unet", {"width": [8, 4]}, r"width=\[8, 4\]: one size is needed"),
        ("convnet", {"kernel": [3, 5]}, r"kernel=\[3, 5\]: one size is needed"),
        ("convnet", {"initialization": None}, "initialization=None is no name. Choose one of auto, default"),
        ("resnet20", {"initialization": ["he"]}, r"initialization=\['he'\] is no name"),
    ],
)
def test_an_option_of_one_value_is_not_taken_from_several(name, options, message):
    with pytest.raises(SettingError, match=message):
        build(name, inputs=(3, 16, 16), outputs=2, **options)


def test_the_heads_of_attention_are_one_number():
    with pytest.raises(SettingError, match=r"heads=\[2, 4\]: one size is needed"):
        build("transformer", inputs=(6, 4), outputs=2, heads=[2, 4])


def test_sizes_that_are_missing_are_asked_for():
    with pytest.raises(SettingError, match=r"mlp is sized from data. Pass a dataset, or inputs="):
        build("mlp")
    with pytest.raises(SettingError, match=r"mlp needs the number of outputs. Pass a dataset, or outputs=10"):
        build("mlp", inputs=(4,))
    with pytest.raises(SettingError, match=r"sized from a dataset, got list. Try deepglass.load"):
        build("mlp", [1, 2])
    with pytest.raises(SettingError, match=r"Two is sized from data. Pass a dataset, or inputs="):
        build(Two)
    with pytest.raises(SettingError, match=r"3.5 is no network"):
        build(3.5, DATA)


def test_a_yaml_file_holds_a_network(tmp_path):
    listed, named = tmp_path / "list.yaml", tmp_path / "named.yaml"
    listed.write_text("[{Linear: 8}, ReLU, {Linear: outputs}]")
    named.write_text("network: {name: mlp, hidden: [5], activation: tanh}\nrecipe: {epochs: 3}\n")
    assert build(str(listed), DATA)[2].out_features == 3
    assert build(named, DATA, hidden=[6]).hidden1.out_features == 6


def test_a_yaml_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(DataError, match=r"none.yaml cannot be read: No such file"):
        build(str(tmp_path / "none.yaml"), DATA)
    (tmp_path / "bad.yaml").write_text("[{")
    with pytest.raises(DataError, match=r"bad.yaml is no YAML: .*line 1"):
        build(str(tmp_path / "bad.yaml"), DATA)
    (tmp_path / "empty.yaml").write_text("")
    with pytest.raises(DataError, match=r"empty.yaml holds no network"):
        build(str(tmp_path / "empty.yaml"), DATA)


def test_a_function_of_a_file_of_ones_own_makes_the_network(tmp_path):
    file = tmp_path / "my_net.py"
    file.write_text(
        "from torch import nn\ndef make(shape, outputs, *, bias=True):\n    return nn.Linear(*shape, outputs, bias)"
    )
    assert build(f"{file}:make", DATA, bias=False).bias is None
    with pytest.raises(UnknownName, match=r"my_net.py has no 'mak'. Did you mean 'make'\? It has: make"):
        build(f"{file}:mak", DATA)
    with pytest.raises(SettingError, match=r"Say which function of .*my_net.py:build"):
        build(str(file), DATA)
    with pytest.raises(DataError, match=r"no.py is not there"):
        build(f"{tmp_path}/no.py:make", DATA)


def test_a_function_that_gives_no_module_is_told_so():
    with pytest.raises(SettingError, match=r"gave a int. A network is an nn.Module"):
        build(lambda outputs: outputs, DATA)
