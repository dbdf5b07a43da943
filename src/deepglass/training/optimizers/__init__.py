"""Optimizers: how a gradient becomes a step.

Each is a pure update whose hyperparameters may spread over an axis of replicas (`updates.py`). A lone network on plain
numbers runs torch's own kernels, which take the same steps (`make.py`).
"""

from deepglass.training.optimizers import direct, updates
from deepglass.training.optimizers.entry import Optimizer
from deepglass.training.optimizers.lbfgs import LBFGS
from deepglass.training.optimizers.make import Updates, begins, make_optimizer, parameter_groups, spared_names
from deepglass.training.optimizers.quick import quick_step

ADAM = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}  # Kingma and Ba, algorithm 1

# Rates: where a paper names none, what trains an MLP on digits well; SGD's is COURSE's best of a grid from 0.001 to 10.
OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer(updates.sgd, direct.SGD, 0.1),
    "momentum": Optimizer(updates.momentum, direct.SGD, 0.05, {"momentum": 0.9}),
    "nesterov": Optimizer(updates.nesterov, direct.SGD, 0.05, {"momentum": 0.9}, options={"nesterov": True}),
    "adagrad": Optimizer(  # rate as in torch
        updates.adagrad, direct.Adagrad, 0.01, {"epsilon": 1e-10}, fused=("cpu", "cuda")
    ),
    "rmsprop": Optimizer(  # Hinton's slide: 0.9 and 0.001
        updates.rmsprop,
        direct.RMSprop,
        1e-3,
        {"rho": 0.9, "epsilon": 1e-8},
        fused=(),
        words={"rho": "alpha"},
    ),
    "adadelta": Optimizer(  # Zeiler, section 4.1
        updates.adadelta, direct.Adadelta, 1.0, {"rho": 0.95, "epsilon": 1e-6}, fused=()
    ),
    "adam": Optimizer(updates.adam, direct.Adam, 1e-3, ADAM),
    "adamw": Optimizer(updates.adamw, direct.AdamW, 1e-3, ADAM, weight_decay=0.01, decoupled=True),
    "lbfgs": Optimizer(None, LBFGS, 1.0, fused=()),
    "rosenblatt": Optimizer(updates.sgd, direct.SGD, 1.0),  # plain descent on the loss of the same name
}

__all__ = [
    "LBFGS",
    "OPTIMIZERS",
    "Optimizer",
    "Updates",
    "begins",
    "make_optimizer",
    "parameter_groups",
    "quick_step",
    "spared_names",
]
