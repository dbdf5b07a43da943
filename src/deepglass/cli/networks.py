"""deepglass networks: the list, or one network layer by layer."""

import inspect
import re
import textwrap
from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.cli.common import Json, Sets, in_section, print_json
from deepglass.errors import SettingError

NEXT = "Next: `deepglass train SOURCE --network NAME` trains one."
# What a network is shown on unless somebody says otherwise: the size that it was published with. Others see 784 numbers.
IMAGENET, CLASSES = "3x224x224", 1000
SHOWN_ON = {
    "1x28x28": ("convnet", "lenet5"),
    "3x32x32": ("allconv", "highway", "nin", "resnet20", "resnet32", "resnet44", "resnet56", "resnet110"),
    IMAGENET: (
        *("alexnet", "googlenet", "vgg11", "vgg13", "vgg16", "vgg19"),
        *("resnet18", "resnet34", "resnet50", "resnet101", "resnet152"),
    ),
    "1x8000": ("conv1d",),
    "1x32x32x32": ("conv3d",),
    "1x256x256": ("unet",),
    "100x8": (
        "pointer",
        "seq2seq",
        "tcn",
        "text_cnn",
        "transformer",
        "transformer_translator",
    ),  # steps in time, numbers each
}


def command(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A name, a .yaml file or file.py:function.")
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(metavar="SOURCE", help="The data that it is sized for; without NAME: which would be taken."),
    ] = None,
    target: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column to learn, with --data.")] = None,
    input: Annotated[
        str | None, typer.Option(metavar="3x224x224", help="The shape of one example instead, channels first.")
    ] = None,
    outputs: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="How many numbers it gives (default: 10; those of ImageNet as published, 1000)."
        ),
    ] = None,
    sizes: Annotated[
        bool, typer.Option("--sizes", help="Also say how the size of each map follows from kernel, stride and padding.")
    ] = False,
    draw: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Draw its graph: .png, .svg, .pdf or .html."),
    ] = None,
    loss: Annotated[
        str | None,
        typer.Option(
            metavar="LOSS", help="With -o: also the steps of a loss: mse, mae, cross_entropy or binary_cross_entropy."
        ),
    ] = None,
    sets: Sets = None,
    json: Json = False,
) -> None:
    """List the networks, or show one layer by layer: output shapes, parameters, multiply-adds.

    Nothing is allocated for --input, so any size can be asked for.

    \b
      deepglass networks
      deepglass networks --data digits
      deepglass networks lenet5
      deepglass networks mlp --data iris --set 'network.hidden=[10]'
      deepglass networks resnet20 -o resnet20.png
      deepglass networks mlp --input 4 --outputs 3 --loss cross_entropy -o mlp.svg
      deepglass networks convnet --input 3x64x64 --outputs 1 --sizes
    """
    if name is None:
        _list_networks(json) if data is None else _suggest(data, target, json)
        return
    from deepglass.networks import graph, summary

    if loss is not None and draw is None:
        raise SettingError("--loss is drawn: say into which file, such as -o graph.png.")
    network, sized = _built(name, data, target, input, outputs, in_section(sets, "network")["network"])
    found, followed = summary(network, **sized), graph(network, **sized)
    if draw is not None:
        _draw(graph(network, **sized, loss=loss) if loss else followed, name, draw)
    if json:
        kind = {key: value for key, value in followed.to_dict().items() if key != "nodes"}
        print_json({**found.to_dict(), **kind, **({} if draw is None else {"picture": str(draw)})})
        return
    print(found)
    print(followed)
    if "data" in sized:
        _say_output(sized["data"])
    if sizes:
        print(f"\nSizes: floor((size + 2*padding - kernel) / stride) + 1\n{found.sizes()}")
    if draw is not None:
        print(f"picture: {draw}")


def _built(
    name: str, data: str | None, target: str | None, size: str | None, outputs: int | None, options: dict[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """The network, and what it was sized by."""
    import torch

    from deepglass.networks import NETWORKS, build

    if data is not None and size is not None:
        raise SettingError("Give --data or --input, not both.")
    if data is not None:
        from deepglass.data import load

        loaded = load(data, **({"target": target} if target else {}))
        return build(name, loaded, **options), {"data": loaded}
    usual = next((shown for shown, names in SHOWN_ON.items() if name in names), "784")
    shape = _shape(size or usual)
    outputs = outputs or (CLASSES if size is None and usual == IMAGENET else 10)
    with torch.device("meta" if name in NETWORKS else "cpu"):
        return build(name, inputs=shape, outputs=outputs, **options), {"inputs": shape}


def _draw(followed: Any, name: str, path: Path) -> None:
    from deepglass.report.pictures.figure import save
    from deepglass.report.pictures.graph import graph_picture

    save(graph_picture(followed, name), path, f"The graph of {name}")


def _shape(text: str) -> tuple[int, ...]:
    if not re.fullmatch(r"\d+(x\d+)*", text) or "0" in text.split("x"):
        raise SettingError(
            f"--input {text!r} is no shape. Write the sizes of one example with x between, such as 3x224x224."
        )
    return tuple(int(n) for n in text.split("x"))


def _suggest(source: str, target: str | None, json: bool) -> None:
    """The network that training would take for some data, why, and what there is beside it."""
    from deepglass.data import load
    from deepglass.networks.families import FAMILIES, family_of
    from deepglass.training.usual import default_network

    data = load(source, **({"target": target} if target else {}))
    usual = default_network(data)
    family = family_of(usual)
    if json:
        print_json({"usual": usual, "family": family, "families": {k: list(v.names) for k, v in FAMILIES.items()}})
        return
    given = ", ".join(f"{n} ({f.kind} {'x'.join(map(str, f.shape))})" for n, f in data.inputs.items())
    told = ", ".join(f"{n} ({f.kind})" for n, f in data.targets.items()) or "nothing but the inputs themselves"
    print(f"{data.name}: {given}; to be told: {told}")
    print(f"taken unless you name another: {usual}, {'an' if family[0] in 'aeiou' else 'a'} {family} network")
    _say_output(data)
    for kind, known in FAMILIES.items():
        print(f"  {'*' if kind == family else ' '} {kind:<13} {known.about}")
        print(
            "\n".join(textwrap.wrap(", ".join(known.names), 100, initial_indent=" " * 18, subsequent_indent=" " * 18))
        )
    print("Every report also has simple models on the same examples: a network has to beat them.")


def _say_output(data: Any) -> None:
    """Which output suits the targets."""
    from deepglass.training.output_choice import output_choice

    choice = output_choice(data)
    if choice is not None:
        print(choice)


def _list_networks(json: bool) -> None:
    from deepglass.networks import NETWORKS

    about = {name: (inspect.getdoc(make) or "").partition("\n")[0] for name, make in NETWORKS.items()}
    if json:
        print_json({"networks": about})
        return
    for name, text in sorted(about.items()):
        print(f"  {name:<12} {text}")
    print("Or your own: a list of layers in a .yaml file, or file.py:function. In Python, any nn.Module.")
