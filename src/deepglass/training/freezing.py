"""Freezing: parts of a network that a training leaves as they are, given back when it ends."""

from collections.abc import Iterable

from torch import nn

from deepglass.errors import SettingError
from deepglass.names import suggestion
from deepglass.training.optimizers import begins

SHOWN = 12  # names that a message lists


class Frozen:
    """Parameters and batch norms that stay as they are until `release`.

    Args: prefixes: parameters' names, whole or up to one of their dots.
    Raises: SettingError, when one of them fits nothing.
    """

    def __init__(self, network: nn.Module, prefixes: Iterable[str]) -> None:
        self.parameters: list[nn.Parameter] = []
        self.norms: list[nn.Module] = []
        for prefix in prefixes:
            fitting = [p for n, p in network.named_parameters() if begins(n, prefix)]
            if not fitting:
                raise SettingError(no_such_part("freeze", prefix, network))
            self.parameters += [p for p in fitting if p.requires_grad]
            for parameter in fitting:
                parameter.requires_grad_(False)
            for name, module in network.named_modules():  # what a frozen batch norm has measured stays as well
                if begins(name, prefix) and isinstance(module, nn.modules.batchnorm._BatchNorm) and module.training:
                    self.norms.append(module.eval())

    def release(self) -> None:
        """Let everything learn again that could before."""
        for parameter in self.parameters:
            parameter.requires_grad_(True)
        for norm in self.norms:
            norm.train()
        self.parameters, self.norms = [], []


def no_such_part(setting: str, prefix: str, network: nn.Module) -> str:
    """Say that the beginning of a name fits no parameter, and which ones there are."""
    names = [n for n, _ in network.named_parameters()]
    places = [name.split(".") for name in names]
    parts = dict.fromkeys(".".join(place[:k]) for place in places for k in range(1, len(place) + 1))
    shown = ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
    return (
        f"recipe.{setting}={prefix!r} fits no parameter. Parameters: {shown}. Give such a name, whole or up to one of its dots."
        + suggestion(prefix, parts)
    )
