"""Through time: what the recurrent layers of a network remember of an example, and how far back a gradient reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deepglass.inside.through_time import ThroughTime, through_time
from deepglass.inside.words import words_in
from deepglass.looks.looked import Asked, Looked

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class OverTime(Looked):
    """One example in every recurrent layer: `.layers` by name, each with `.states`, `.gates` and `.reach`; `.words` where it is a
    text."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked.title)
        self.layers: dict[str, ThroughTime] = through_time(asked.network, dict(asked.inputs))
        texts = [name for name, one in asked.data.inputs.items() if one.kind == "text"]
        self.words = words_in(asked.data.inputs[texts[0]], asked.inputs[texts[0]][0])[1] if len(texts) == 1 else []

    def draw(self) -> Figure:
        """States, reach and gates over the steps, one layer below the other."""
        from deepglass.report.pictures.through_time import through_time_picture

        return through_time_picture(list(self.layers.values()), self.words, self.title)

    def lines(self) -> list[str]:
        found = []
        for one in self.layers.values():
            found.append(f"  {one.layer} ({one.kind}): {one.steps} steps, {one.states.shape[1]} units")
            found.append(
                f"    of a small change before the first step {float(one.reach[0]):.2g} is left at the end, of one in the middle "
                f"{float(one.reach[one.steps // 2]):.2g}"
            )
            if one.gates:
                means = ", ".join(f"{gate} {float(values.mean()):.2f}" for gate, values in one.gates.items())
                found.append(f"    gates on average open: {means} (0 shut, 1 open)")
        return found

    def to_dict(self) -> dict[str, Any]:
        layers = [
            {
                "name": one.layer,
                "kind": one.kind,
                "steps": one.steps,
                "reach": one.reach.tolist(),
                "gates": {gate: values.mean(dim=1).tolist() for gate, values in one.gates.items()},
            }
            for one in self.layers.values()
        ]
        return {"words": self.words, "layers": layers}


def over_time(asked: Asked) -> OverTime:
    """What each recurrent layer remembers of the example, its gates, and the norm of dh(T)/ds(t).

    Raises: SettingError, when no layer is recurrent, or the example is empty.
    """
    return OverTime(asked)
