"""Speed: Deepglass beside other libraries, in one run on one machine, by turns.

    python benchmarks/speed.py [--quick] [--only NAME ...] [--repeats N] [--write]

The other libraries are in .venv-peers, which `make peers` makes; without it, those who need it are left out. Do nothing
else on the machine meanwhile. MNIST is looked for in $DEEPGLASS_DATA/mnist; pictures like it are generated otherwise.
"""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

from arrays import mnist_folder
from clock import Size
from contest import HERE, Contestant, Place, contest, play
from picture import draw
from sections import put_in, section
from workloads import WORKLOADS

RESULTS, README, PICTURE = HERE / "results" / "speed.json", HERE / "README.md", HERE / "speed.png"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--quick", action="store_true", help="tiny sizes, to see that everything runs; the figures mean nothing"
    )
    parser.add_argument(
        "--only", action="append", choices=WORKLOADS, metavar="NAME", help=f"one of {', '.join(WORKLOADS)}"
    )
    parser.add_argument(
        "--repeats", type=_positive, metavar="N", help="turns of each, with seeds 0, 1, ... (default: 1 to 3)"
    )
    parser.add_argument("--epochs", type=_positive, metavar="N", help="of every contestant, the slow ones as well")
    parser.add_argument(
        "--threads", type=_positive, metavar="N", help="for everybody (default: as each decides for itself)"
    )
    parser.add_argument("--peers", type=Path, default=HERE.parent / ".venv-peers", help="folder of the other libraries")
    parser.add_argument("--write", action="store_true", help="keep the figures in results/, README.md and speed.png")
    asked = parser.parse_args()
    if asked.write and asked.quick:
        parser.error("--write keeps figures, and those of --quick mean nothing. Leave out one of the two.")
    begun = monotonic()
    place = Place(asked.peers.absolute(), asked.threads)
    hardware = play(Contestant("hardware", "hardware:peak"), Size(), place)[0]
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for name in asked.only or WORKLOADS:
        print(f"{name}:", file=sys.stderr, flush=True)
        kept[name] = measured(name, asked, place, hardware)
        print(section(WORKLOADS[name], kept[name]) + "\n", flush=True)
        if asked.write:
            RESULTS.parent.mkdir(exist_ok=True)
            RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
            README.write_text(put_in(README.read_text(encoding="utf-8"), kept), encoding="utf-8")
            draw(kept, PICTURE)
    print(f"{monotonic() - begun:.0f} s in all", file=sys.stderr)


def measured(name: str, asked: argparse.Namespace, place: Place, hardware: dict[str, Any]) -> dict[str, Any]:
    """Run one workload, and return all that its section and its bars are made of."""
    workload = WORKLOADS[name]
    size = workload.quick if asked.quick else workload.full
    contestants = list(workload.contestants)
    if asked.epochs:
        size = replace(size, epochs=asked.epochs)
        contestants = [replace(c, size={k: v for k, v in c.size.items() if k != "epochs"}) for c in contestants]
    turns = asked.repeats or (1 if asked.quick else workload.turns)
    if asked.repeats:
        contestants = [replace(c, turns=None) for c in contestants]
    options = {"--quick": asked.quick, "--repeats": asked.repeats, "--epochs": asked.epochs, "--threads": asked.threads}
    words = [f"{option} {'' if value is True else value}".strip() for option, value in options.items() if value]
    return {
        "command": " ".join(["python benchmarks/speed.py", "--only", name, *words]),
        "hardware": hardware,
        "generated": workload.on_mnist and mnist_folder() is None,
        "turns": turns,
        "played": contest(contestants, size, turns, place),
    }


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


if __name__ == "__main__":
    main()
