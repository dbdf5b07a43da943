"""MNIST with an MLP: small arithmetic, so that what stands around it is seen."""

from functools import partial

from clock import Size
from contest import Contestant
from figures import ORDINARY

from workloads.epochs import OURS, epoch_tables, whole_bars
from workloads.workload import Workload

TORCH, JAX = {"KERAS_BACKEND": "torch"}, {"KERAS_BACKEND": "jax"}

CONTESTANTS = (
    Contestant(OURS, "ours:mlp"),
    Contestant(ORDINARY, "pytorch:mlp"),
    Contestant("Lightning", "lightning:mlp", peer=True),
    Contestant("Keras on torch", "keras:mlp", peer=True, environment=TORCH),
    Contestant("Keras on JAX", "keras:mlp", peer=True, environment=JAX),
    Contestant("skorch", "skorch:mlp", peer=True),
    Contestant("scikit-learn", "scikit:mlp", peer=True),
    Contestant("Deepglass, `Training` alone", "ours:mlp_alone", tuned=True),
    Contestant("expert's PyTorch loop", "expert:mlp", tuned=True),
    Contestant("Lightning, tuned", "lightning:tuned_mlp", peer=True, tuned=True),
    Contestant("Keras on JAX, tuned", "keras:tuned_mlp", peer=True, tuned=True, environment=JAX),
)

WORKLOAD = Workload(
    title="An MLP on MNIST",
    what="784-128-10, ReLU, Adam, batches of 128, 60,000 images; accuracy on the 10,000 test images after every epoch. Deepglass "
    "measures 2,000 training images as well, and keeps a run folder with saves. scikit-learn's epoch is its `fit` shared evenly.",
    contestants=CONTESTANTS,
    full=Size(epochs=5),
    quick=Size(rows=2000, tests=500, epochs=2),
    show=partial(epoch_tables, CONTESTANTS, 0.97),
    bars=whole_bars,
    on_mnist=True,
)
