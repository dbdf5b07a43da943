"""Handwriting: a recurrent network that says of every point where the pen goes next, as a mixture of Gaussians."""

from collections.abc import Mapping
from math import prod

import torch
from torch import Tensor, nn

from deepglass.errors import SettingError, ShapeError
from deepglass.layers.recurrent_start import FORGET_BIAS_AT_EACH_STEP
from deepglass.networks import parts
from deepglass.networks.parts import Shape

POINT = 5  # numbers: dx, dy, and one of three for the pen: down, lifted, over
START = (0.0, 0.0, 1.0, 0.0, 0.0)  # what is read before the first point, as in sketch-rnn
CELLS = ("lstm", "gru")


class HandwritingNetwork(nn.Module):
    """Reads a drawing point by point and gives, before each point and after the last, what it expects next.

    Args:
        conditions: numbers beside the points, such as the class of what is drawn, one-hot; they are read at every step.
        mixtures: Gaussians of which each step gives 6 numbers, beside 3 for the pen.
    """

    def __init__(
        self, conditions: int, hidden: tuple[int, ...], *, cell: str = "lstm", mixtures: int = 20, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.conditions, self.hidden, self.mixtures = conditions, hidden, mixtures
        kind = nn.LSTM if cell == "lstm" else nn.GRU
        sizes = (0, *hidden)
        self.layers = nn.ModuleList(
            kind(POINT + conditions + before, units, batch_first=True) for before, units in zip(sizes, hidden)
        )
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(sum(hidden), 6 * mixtures + 3)  # sees every layer, as the input does
        for layer in self.layers:
            _open_forget_gates(layer)

    def forward(self, strokes: Tensor, *conditions: Tensor) -> Tensor:
        """Shapes: strokes (batch, points, 5), conditions (batch, ...); returns (batch, points + 1, 6 mixtures + 3)."""
        start = strokes.new_tensor(START).expand(len(strokes), 1, POINT)
        told = self._told(conditions, len(strokes), strokes)
        state = self.begin({str(i): c for i, c in enumerate(conditions)}, len(strokes))
        return self._read(torch.cat([start, strokes], dim=1), told, state)[0]

    def begin(self, inputs: Mapping[str, Tensor], batch: int) -> dict[str, Tensor]:
        """The state before the first point. Shapes: inputs (batch, ...), what is told beside the points; states batch first."""
        like = self.output.weight
        state = {f"state{k}": like.new_zeros(batch, units) for k, units in enumerate(self.hidden)}
        if isinstance(self.layers[0], nn.LSTM):
            state |= {f"cell{k}": like.new_zeros(batch, units) for k, units in enumerate(self.hidden)}
        return {**state, "told": self._told(tuple(inputs.values()), batch, like)}

    def step(self, point: Tensor | None, state: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Read one point (batch, 5), None before the first. Returns: what is expected next, (batch, 6 mixtures + 3); the state."""
        told = state["told"]
        if point is None:
            point = told.new_tensor(START).expand(len(told), POINT)
        output, after = self._read(point[:, None], told, state)
        return output[:, 0], after

    def _told(self, conditions: tuple[Tensor, ...], batch: int, like: Tensor) -> Tensor:
        told = (
            torch.cat([c.reshape(batch, -1).to(like) for c in conditions], dim=1)
            if conditions
            else like.new_zeros(batch, 0)
        )
        if told.shape[1] != self.conditions:
            raise ShapeError(f"This network is told {self.conditions} numbers beside the points; got {told.shape[1]}.")
        return told

    def _read(self, points: Tensor, told: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Read points (batch, steps, 5). Each layer sees the points, what is told, and the layer below."""
        x = torch.cat([points, told[:, None].expand(-1, points.shape[1], -1)], dim=2)
        below, outputs, after = None, [], {"told": told}
        for k, layer in enumerate(self.layers):
            given = x if below is None else torch.cat([x, self.dropout(below)], dim=2)
            hidden = state[f"state{k}"][None].contiguous()
            if isinstance(layer, nn.LSTM):
                below, (hidden, cell) = layer(given, (hidden, state[f"cell{k}"][None].contiguous()))
                after[f"cell{k}"] = cell[0]
            else:
                below, hidden = layer(given, hidden)
            after[f"state{k}"] = hidden[0]
            outputs.append(below)
        return self.output(self.dropout(torch.cat(outputs, dim=2))), after


def handwriting(
    inputs: Mapping[str, Shape],
    *,
    hidden: int | tuple[int, ...] = (256,),
    cell: str = "lstm",
    mixtures: int = 20,
    dropout: float = 0.0,
) -> nn.Module:
    """Draw as a hand does: an LSTM that expects, after every point, a mixture of Gaussians for the next and a state of the pen.

    Strokes come first among the inputs; whatever stands beside them, such as the class of what is drawn, is told at every step.
    With several layers, each sees the input and the output sees each.
    Shapes: strokes (batch, points, 5), others (batch, ...); output (batch, points + 1, 6 mixtures + 3).
    Args:
        hidden: units of each recurrent layer.
        cell: lstm (forget gates begin open, at bias 1) or gru.
        mixtures: Gaussians of each step.
        dropout: share of the units dropped between the layers and before the output, 0 to below 1.
    Raises: ShapeError, for inputs without strokes; SettingError.
    Source: Graves, "Generating Sequences With Recurrent Neural Networks", arXiv:1308.0850, section 4; the pen's three states are
        those of Ha and Eck, arXiv:1704.03477, section 3.2.
    """
    parts.one_of("cell", cell, CELLS)
    parts.check_dropout(dropout)
    units = parts.widths("hidden", hidden)
    if not isinstance(mixtures, int) or isinstance(mixtures, bool) or mixtures < 1:
        raise SettingError(f"{mixtures=} is no number of Gaussians. Give a whole number above 0, such as 20.")
    name, shape = next(iter(inputs.items()), ("nothing", ()))
    if len(shape) != 2 or shape[1] != POINT:
        raise ShapeError(
            f"handwriting reads strokes (points, {POINT}), and the first input, {name!r}, has shape {tuple(shape)}. "
            "Load drawings, such as 'strokes', or use another network."
        )
    conditions = sum(prod(other) for other in list(inputs.values())[1:])
    return HandwritingNetwork(conditions, units, cell=cell, mixtures=mixtures, dropout=dropout)


def _open_forget_gates(layer: nn.Module) -> None:
    """Begin with forget gates that keep: Jozefowicz et al., "An Empirical Exploration of Recurrent Network Architectures", 2015."""
    if isinstance(layer, nn.LSTM):
        size = layer.hidden_size
        with torch.no_grad():
            for name, value in (("bias_ih_l0", FORGET_BIAS_AT_EACH_STEP), ("bias_hh_l0", 0.0)):
                layer.get_parameter(name)[size : 2 * size] = value
