"""deepglass activations: what each makes of a number, and its slope."""

from pathlib import Path
from typing import Annotated

import typer

from deepglass.cli.common import Json, print_json
from deepglass.errors import SettingError

NEXT = "Next: `deepglass train SOURCE --set network.activation=NAME` trains with one."
PLACES = "-4,-1,0,1,4"


def command(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="Which ones (default: all).")] = None,
    at: Annotated[str, typer.Option(metavar="X,...", help="Where values and slopes are given.")] = PLACES,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="curves.png", help="Draw them: .png, .svg, .pdf or .html.")
    ] = None,
    json: Json = False,
) -> None:
    """Show activations: their values and slopes at some numbers, and where they are flat.

    \b
      deepglass activations
      deepglass activations sigmoid tanh --at=-2,0,2
      deepglass activations relu leaky_relu softplus -o curves.png
    """
    from deepglass.inside.activation_curve import activation_curve, known_activations

    try:
        places = [float(text) for text in at.split(",")]
    except ValueError:
        raise SettingError(f"--at {at!r} is no list of numbers, such as --at=-2,0,2.") from None
    wanted = names or list(known_activations())
    curves = {name: activation_curve(name, places) for name in wanted}
    if output is not None:
        from deepglass.report.pictures.activation_curves import activation_curves
        from deepglass.report.pictures.figure import save

        save(activation_curves([activation_curve(name) for name in wanted]), output, "activations and their slopes")
    if json:
        rows = [
            {
                "name": name,
                "x": places,
                "values": c.values.tolist(),
                "slopes": c.slopes.tolist(),
                "flat": c.flat.tolist(),
            }
            for name, c in curves.items()
        ]
        print_json({"activations": rows})
        return
    heads = "".join(f"{'x = ' + format(place, 'g'):>20}" for place in places)
    print(f"  {'value, slope':<14}{heads}")
    for name, curve in curves.items():
        cells = [
            f"{value:.3g}, {slope:.2g}{'*' if flat else ' '}"
            for value, slope, flat in zip(curve.values.tolist(), curve.slopes.tolist(), curve.flat.tolist())
        ]
        print(f"  {name:<14}" + "".join(f"{cell:>20}" for cell in cells))
    print("  * flat: the slope is under 5 % of its largest, so hardly any gradient passes")
    if output is not None:
        print(f"picture: {output}")
