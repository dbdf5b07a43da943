"""MNIST with the simple convnet of Keras: arithmetic that dwarfs what stands around it."""

from functools import partial

from clock import Size
from contest import Contestant
from figures import ORDINARY

from workloads.epochs import OURS, epoch_tables, whole_bars
from workloads.workload import Workload

TORCH, JAX = {"KERAS_BACKEND": "torch"}, {"KERAS_BACKEND": "jax"}
ONCE = 1  # turns of the slow

CONTESTANTS = (
    Contestant(OURS, "ours:convnet"),
    Contestant("Deepglass, rewrites off", "ours:convnet_as_written"),
    Contestant(ORDINARY, "pytorch:convnet"),
    Contestant("Lightning", "lightning:convnet", peer=True, turns=ONCE),
    Contestant("Keras on torch", "keras:convnet", peer=True, turns=ONCE, environment=TORCH),
    Contestant("Keras on JAX", "keras:convnet", peer=True, turns=ONCE, environment=JAX),
    Contestant("Deepglass, `Training` alone", "ours:convnet_alone", tuned=True),
    Contestant("expert's PyTorch loop", "expert:convnet", tuned=True),
    Contestant("Lightning, tuned", "lightning:tuned_convnet", peer=True, tuned=True, turns=ONCE),
    Contestant("Keras on torch, tuned", "keras:tuned_convnet", peer=True, tuned=True, turns=ONCE, environment=TORCH),
)

WORKLOAD = Workload(
    title="A convnet on MNIST",
    what="The simple convnet of the Keras examples, 32C3-P2-64C3-P2-flatten-dropout 0.5-10, Adam, batches of 128, 60,000 images; "
    "accuracy on the 10,000 test images after every epoch. Two epochs, of which the second counts. The expert has resident "
    "tensors, fused Adam, channels last and bf16.",
    contestants=CONTESTANTS,
    full=Size(epochs=2),
    quick=Size(rows=1000, tests=200, epochs=2),
    show=partial(epoch_tables, CONTESTANTS, 0.985),
    bars=whole_bars,
    turns=2,
    on_mnist=True,
)
