"""Recurrent output: a recurrent layer that hears of the past only through its own answers."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from deepglass.names import find

FEEDBACK: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda y: y,
    "softmax": lambda y: y.softmax(dim=-1),
}


class OutputRecurrent(nn.Module):
    """h(t) = phi(Wx x(t) + Wy f(y(t-1)) + b), y(t) = Wo h(t) + c: the answer before is the whole memory.

    When the true answers are given instead (teacher forcing), no step waits for another, and all are computed at once.
    Shapes: input (batch, time, input_size), output (batch, time, outputs).
    Args:
        nonlinearity: phi, "tanh" or "relu".
        feedback: f, "identity", or "softmax" where the answers are classes, whose true ones are then one-hot.
    Raises: UnknownName.
    Source: Jordan, "Serial Order: A Parallel Distributed Processing Approach", 1986; Goodfellow, Bengio and Courville, "Deep
        Learning", 2016, section 10.2.1 and figure 10.4.
    """

    def __init__(
        self, input_size: int, hidden_size: int, outputs: int, *, nonlinearity: str = "tanh", feedback: str = "identity"
    ) -> None:
        super().__init__()
        self.activation = find("nonlinearity", nonlinearity, {"relu": nn.ReLU, "tanh": nn.Tanh})()
        self.feed = find("feedback", feedback, FEEDBACK)
        self.hidden = nn.Linear(input_size, hidden_size)
        self.back = nn.Linear(outputs, hidden_size, bias=False)
        self.output = nn.Linear(hidden_size, outputs)

    def start(self, batch: int) -> Tensor:
        """What is heard before the first answer: zeros, (batch, outputs)."""
        return self.output.bias.new_zeros(batch, self.output.out_features)

    def step(self, arriving: Tensor, heard: Tensor) -> Tensor:
        """One answer. Shapes: arriving (batch, hidden_size), what comes from the input; heard (batch, outputs)."""
        answer: Tensor = self.output(self.activation(arriving + self.back(heard)))
        return answer

    def forward(self, x: Tensor, heard: Tensor | None = None, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Answer step by step. Args: heard: f of the answer before the first step. Returns: the answers, and f of the last."""
        heard = self.start(len(x)) if heard is None else heard
        answers = []
        for t, arriving in enumerate(self.hidden(x).unbind(dim=1)):
            answers.append(self.step(arriving, heard))
            new = self.feed(answers[-1])
            heard = new if mask is None else torch.where(mask[:, t, None], new, heard)
        return torch.stack(answers, dim=1), heard

    def forced(self, x: Tensor, truth: Tensor) -> Tensor:
        """Answer all steps at once, with the true answers (batch, time, outputs) fed back."""
        heard = torch.cat([self.start(len(x))[:, None], truth[:, :-1]], dim=1)
        answers: Tensor = self.output(self.activation(self.hidden(x) + self.back(heard)))
        return answers
