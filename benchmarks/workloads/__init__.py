"""Workloads: what is compared, one file each."""

from workloads import convnet, iris, many, mnist_mlp, overhead, scaling, together
from workloads.workload import Workload

WORKLOADS: dict[str, Workload] = {
    "mnist_mlp": mnist_mlp.WORKLOAD,
    "convnet": convnet.WORKLOAD,
    "iris": iris.WORKLOAD,
    "many": many.WORKLOAD,
    "together": together.WORKLOAD,
    "overhead": overhead.WORKLOAD,
    "scaling": scaling.WORKLOAD,
}

__all__ = ["WORKLOADS", "Workload"]
