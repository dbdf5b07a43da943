"""Small images: three convolutional networks on photographs of 32x32 pixels."""

from clock import Size
from contest import Contestant, Played
from figures import ORDINARY, accuracy, epoch, fact, present, share
from machine import table

from workloads.epochs import OURS, epoch_bars
from workloads.workload import Workload

TORCH = {"KERAS_BACKEND": "torch"}
NETWORKS = ("convnet", "resnet20", "vgg11")
ALONE, EXPERT = "Deepglass, `Training` alone", "expert's PyTorch loop"
BESIDE = ", "  # between the name of a contestant and its network
ROWS = 5_000
STEPS_AND_BACK = (
    6  # floating-point operations of a step for each multiply-add of the way forward: 2, and twice that backward
)


def contestants(network: str) -> tuple[Contestant, ...]:
    def one(name: str, run: str, **settings: object) -> Contestant:
        module, _, function = run.partition(":")
        return Contestant(f"{name}{BESIDE}{network}", f"small_images.{module}:{function}", **settings)  # type: ignore[arg-type]

    return (
        one(OURS, f"ours:{network}"),
        one(ORDINARY, f"pytorch:{network}"),
        one("Lightning", f"lightning:{network}", peer=True),
        one("Keras on torch", f"keras:{network}", peer=True, environment=TORCH),
        one(ALONE, f"ours:{network}_alone", tuned=True),
        one(EXPERT, f"expert:{network}", tuned=True),
        one("Lightning, tuned", f"lightning:tuned_{network}", peer=True, tuned=True),
    )


def show(played: Played) -> str:
    """One table a network: images a second in training, beside the ordinary loop and beside the expert's."""
    return "\n\n".join(f"{network}:\n\n{_table(network, played)}" for network in NETWORKS if of(network, played))


def of(network: str, played: Played) -> Played:
    """Those who trained this network, by their own names."""
    end = f"{BESIDE}{network}"
    return {name.removesuffix(end): turns for name, turns in present(played).items() if name.endswith(end)}


def bars(played: Played) -> dict[str, float]:
    """Seconds of an epoch of resnet20, by name."""
    return epoch_bars("training", of("resnet20", played))


def _table(network: str, played: Played) -> str:
    there = of(network, played)
    products = next((value for turns in there.values() if (value := fact(turns, "multiply_adds"))), None)
    images = next((value for turns in there.values() if (value := fact(turns, "rows"))), ROWS)
    times = {name: epoch(turns, "training") for name, turns in there.items()}
    speeds = {name: images / seconds if seconds else None for name, seconds in times.items()}
    rows = []
    for name, turns in there.items():
        speed = speeds[name]
        computed = "-" if speed is None or products is None else f"{speed * products * STEPS_AND_BACK / 1e9:,.0f}"
        shares = [share(speed, speeds.get(other)) for other in (ORDINARY, EXPERT)]
        rows.append([name, "-" if speed is None else f"{speed:,.0f}", *shares, computed, accuracy(turns)])
    return table(["", "images a second", "times ordinary", "times the expert's", "GFLOP/s", "accuracy, %"], rows)


WORKLOAD = Workload(
    title="Small images",
    what=f"Photographs of 32x32 pixels: {ROWS:,} of CIFAR-10 for training and 1,000 of its test after every epoch (generated "
    "waves where there is no copy), Adam, batches of 128, no augmentation. The convnet of the Keras examples; resnet20 of He et "
    "al.; vgg11 with batch norm and one dense layer. Two epochs, of which the second counts: images a second in its training "
    "part. GFLOP/s are those of the network as written, 6 for each multiply-add, to be held against the products of matrices "
    "above.",
    contestants=tuple(c for network in NETWORKS for c in contestants(network)),
    full=Size(rows=ROWS, tests=1000, epochs=2),
    quick=Size(rows=256, tests=100, epochs=2),
    show=show,
    bars=bars,
    turns=2,
    on_mnist=False,
)
