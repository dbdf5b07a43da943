"""Hooks: whether somebody looks at, or changes, what passes through a network."""

from torch import nn

OF_MODULES = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


class Hooks:
    """Tells whether a network has hooks now; quick enough to be asked at every step. Modules added later are not seen."""

    def __init__(self, network: nn.Module) -> None:
        self._of_modules = [getattr(module, kind) for module in network.modules() for kind in OF_MODULES]
        self._parameters = list(network.parameters())

    @property
    def are_there(self) -> bool:
        if any(self._of_modules):
            return True
        return any(p._backward_hooks or p._post_accumulate_grad_hooks for p in self._parameters)
