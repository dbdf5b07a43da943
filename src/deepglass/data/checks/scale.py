"""Scale: columns of very different spread that are given to the network as they are."""

from collections.abc import Iterator

import numpy as np

from deepglass.data.checks.problem import Problem
from deepglass.data.checks.view import View

# LeCun et al., "Efficient BackProp", 1998, section 5.3: the curvature along an input grows with its square, so a ratio of
# 10 makes 100 between the steepest and the flattest direction, and of 100 makes 10,000.
WARN, REMARK = 100, 10


def scale(view: View) -> Iterator[Problem]:
    """Compare the spreads of the number columns, when scaling=none."""
    if view.dataset.settings.scaling != "none":
        return
    spreads = {c.name: float(np.std(c.present)) for c in view.columns if c.kind == "number" and len(c.present) > 1}
    spreads = {name: s for name, s in spreads.items() if s > 0 and np.isfinite(s)}
    if len(spreads) < 2:
        return
    least, most = min(spreads, key=lambda n: spreads[n]), max(spreads, key=lambda n: spreads[n])
    ratio = spreads[most] / spreads[least]
    if ratio >= REMARK:
        wide = [n for n, s in spreads.items() if s >= REMARK * spreads[least]]
        yield Problem(
            "scale",
            "warning" if ratio >= WARN else "remark",
            f"With scaling=none, column {most!r} spreads {ratio:,.0f} times as far as {least!r} "
            f"(deviations {spreads[most]:.3g} and {spreads[least]:.3g}): gradient descent crawls along the narrow one. "
            f"Set data.scaling=standard.",
            count=len(wide),
            of=len(spreads),
            places=(most, least),
        )
