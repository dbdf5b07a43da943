"""Recurrent output: a network whose only memory is the answer it gave before."""

from collections.abc import Mapping

from torch import Tensor, nn

from deepglass.layers.masks import last_of
from deepglass.layers.recurrent_output import OutputRecurrent
from deepglass.networks.parts import Shape
from deepglass.networks.recurrent_parts import Plan, Reader


class OutputNetwork(Reader):
    """Read a text or a series with output-to-hidden recurrence.

    Shapes: as RecurrentNetwork's. Its one answer for a whole series is the one after the last step.
    """

    def __init__(
        self,
        name: str,
        shape: Shape,
        outputs: int,
        plan: Plan,
        *,
        nonlinearity: str,
        feedback: str,
        vocabulary: int | None,
        every_step: bool,
    ) -> None:
        super().__init__(name, shape, vocabulary, plan)
        self.every_step, self.outputs = every_step, outputs
        self.recurrent = OutputRecurrent(self.width, plan.units, outputs, nonlinearity=nonlinearity, feedback=feedback)
        self.output_activation = plan.last()

    def forward(self, x: Tensor) -> Tensor:
        x, mask = self.read(x)
        answers = self.recurrent(x)[0]
        return self._said(answers if self.every_step else last_of(answers, mask))

    def forced(self, x: Tensor, truth: Tensor) -> Tensor:
        """Teacher forcing: with the true answers fed back, all steps at once, whether or not every step is answered otherwise.

        Shapes: truth (batch, time) of classes, or (batch, time, outputs) of numbers; returned (batch, time, outputs).
        """
        x, _ = self.read(x)
        if not truth.is_floating_point():
            truth = nn.functional.one_hot(truth, self.outputs).to(x.dtype)
        return self._said(self.recurrent.forced(x, truth))

    def begin(self, inputs: Mapping[str, Tensor] | None = None, batch: int = 1) -> dict[str, Tensor]:
        """The state before the first step: what is heard of the answer before, zeros (batch, outputs)."""
        return {"answer": self.recurrent.start(batch)}

    def step(self, token: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Read one step more. Shapes: token (batch,), or (batch, features) of a series; answer (batch, outputs)."""
        answers, after = self.continued(token[:, None], state)
        return answers[:, 0], after

    def continued(self, x: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """As forward with an answer at each step, from a state on (empty: from the start). Returns: the state at the end, too."""
        x, mask = self.read(x)
        answers, heard = self.recurrent(x, state.get("answer"), mask)
        return self._said(answers), {"answer": heard}

    def _said(self, answers: Tensor) -> Tensor:
        return answers if self.output_activation is None else self.output_activation(answers)
