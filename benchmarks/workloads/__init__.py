"""Workloads: what is compared, one file each."""

from workloads import convnet, iris, many, mnist_mlp, overhead, probes, scaling, sequences, small_images, together
from workloads.workload import Workload

WORKLOADS: dict[str, Workload] = {
    "mnist_mlp": mnist_mlp.WORKLOAD,
    "convnet": convnet.WORKLOAD,
    "small_images": small_images.WORKLOAD,
    "sequences": sequences.WORKLOAD,
    "iris": iris.WORKLOAD,
    "many": many.WORKLOAD,
    "together": together.WORKLOAD,
    "overhead": overhead.WORKLOAD,
    "probes": probes.WORKLOAD,
    "scaling": scaling.WORKLOAD,
}

__all__ = ["WORKLOADS", "Workload"]
