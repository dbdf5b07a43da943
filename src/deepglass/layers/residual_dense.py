"""Residual dense: two dense layers whose result is added to what they were given."""

from torch import Tensor, nn


class ResidualDense(nn.Module):
    """Two dense layers of one width with ReLU: y = relu(x + second(relu(first(x)))).

    Shapes: input and output (batch, ..., features).
    Args:
        skip: whether x is added; without it the block is plain, y = relu(second(relu(first(x)))).
        zero_start: start the second layer at 0, so that the block begins as relu(x). There is no batch norm that would keep the
            sum of many blocks from growing: without it, deep rows diverge.
    Source: He et al., "Deep Residual Learning for Image Recognition", arXiv:1512.03385, section 3.2, equation 1; zero start:
        Zhang, Dauphin and Ma, "Fixup Initialization", arXiv:1901.09321, section 3, rule 1.
    """

    def __init__(self, features: int, *, skip: bool = True, zero_start: bool = True) -> None:
        super().__init__()
        self.first = nn.Linear(features, features)
        self.relu1 = nn.ReLU()
        self.second = nn.Linear(features, features)
        self.relu2 = nn.ReLU()
        self.skip, self.zero_start = skip, zero_start
        self.start()

    def start(self) -> None:
        """Set the second layer to 0, where that was asked for; once more after other weights were given."""
        if self.zero_start and self.skip:
            nn.init.zeros_(self.second.weight)
            nn.init.zeros_(self.second.bias)

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(self.relu1(self.first(x)))
        return self.relu2(x + y if self.skip else y)

    def extra_repr(self) -> str:
        return "" if self.skip else "skip=False"
