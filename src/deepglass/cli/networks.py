"""deepglass networks: the list, or one network layer by layer."""

import inspect
import re
from typing import Annotated, Any

import typer

from deepglass.cli.common import Json, Sets, in_section, print_json
from deepglass.errors import SettingError

NEXT = "Next: `deepglass train SOURCE --network NAME` trains one."


def command(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A name, a .yaml file or file.py:function.")
    ] = None,
    data: Annotated[str | None, typer.Option(metavar="SOURCE", help="The data that it is sized for.")] = None,
    target: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column to learn, with --data.")] = None,
    input: Annotated[
        str | None, typer.Option(metavar="3x224x224", help="The shape of one example instead, channels first.")
    ] = None,
    outputs: Annotated[int, typer.Option(metavar="N", min=1, help="How many numbers it gives, with --input.")] = 10,
    sets: Sets = None,
    json: Json = False,
) -> None:
    """List the networks, or show one layer by layer: output shapes, parameters, multiply-adds.

    Nothing is allocated for --input, so any size can be asked for.

    \b
      deepglass networks
      deepglass networks lenet5
      deepglass networks mlp --data iris --set 'network.hidden=[10]'
      deepglass networks convnet --input 3x64x64 --outputs 1
    """
    if name is None:
        _list_networks(json)
        return
    options = in_section(sets, "network")["network"]
    summary = _summary(name, data, target, input, outputs, options)
    if json:
        print_json(summary.to_dict())
    else:
        print(summary)


def _summary(
    name: str, data: str | None, target: str | None, size: str | None, outputs: int, options: dict[str, Any]
) -> Any:
    from deepglass.networks import NETWORKS, build, calculator, summary

    if data is not None and size is not None:
        raise SettingError("Give --data or --input, not both.")
    if data is not None:
        from deepglass.data import load

        loaded = load(data, **({"target": target} if target else {}))
        return summary(build(name, loaded, **options), loaded)
    shape = _shape(size or ("1x28x28" if name in ("lenet5", "convnet") else "784"))
    if name in NETWORKS:
        return calculator(name, shape, outputs, **options)
    return summary(build(name, inputs=shape, outputs=outputs, **options), inputs=shape)


def _shape(text: str) -> tuple[int, ...]:
    if not re.fullmatch(r"\d+(x\d+)*", text) or "0" in text.split("x"):
        raise SettingError(
            f"--input {text!r} is no shape. Write the sizes of one example with x between, such as 3x224x224."
        )
    return tuple(int(n) for n in text.split("x"))


def _list_networks(json: bool) -> None:
    from deepglass.networks import NETWORKS

    about = {name: (inspect.getdoc(make) or "").partition("\n")[0] for name, make in NETWORKS.items()}
    if json:
        print_json({"networks": about})
        return
    for name, text in sorted(about.items()):
        print(f"  {name:<12} {text}")
    print("Or your own: a list of layers in a .yaml file, or file.py:function. In Python, any nn.Module.")
