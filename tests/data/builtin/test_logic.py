import operator

import pytest

from deepglass.data.builtin import BUILTIN
from deepglass.errors import UnknownName


@pytest.mark.parametrize(("gate", "rule"), [("and", operator.and_), ("or", operator.or_), ("xor", operator.xor)])
def test_a_gate_gives_its_truth_table(gate, rule):
    fields = BUILTIN["logic"](gate=gate).fields
    rows = fields["x"].values.astype(int).tolist()
    assert rows == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert fields["output"].values.tolist() == [rule(a, b) for a, b in rows]


def test_an_unknown_gate_is_told_the_known_ones():
    with pytest.raises(UnknownName, match=r"There is no gate 'nor'\. .*Known: and, or, xor"):
        BUILTIN["logic"](gate="nor")
