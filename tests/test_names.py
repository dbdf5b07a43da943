import pytest

from deepglass.errors import DeepglassError, UnknownName
from deepglass.names import find, suggestion

CATALOGUE = {"mlp": 1, "lenet5": 2, "perceptron": 3}


def test_a_name_is_found():
    assert find("network", "mlp", CATALOGUE) == 1


def test_a_misspelt_name_gets_the_closest_and_the_whole_list():
    with pytest.raises(UnknownName) as caught:
        find("network", "mpl", CATALOGUE)
    assert str(caught.value) == "There is no network 'mpl'. Did you mean 'mlp'? Known: lenet5, mlp, perceptron."
    assert isinstance(caught.value, LookupError)
    assert isinstance(caught.value, DeepglassError)


def test_a_name_far_from_all_gets_the_list_alone():
    assert suggestion("transformer", ["mlp", "gru"]) == ""
    assert suggestion("MLP", CATALOGUE) == " Did you mean 'mlp'?"
