"""Calls: how the calls of a network in somebody's own loop are heard, closely while it is looked into and lightly in between."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle

from deepglass.probes.layers import modules_of
from deepglass.probes.loop import Loop


class Calls:
    """Tells a loop of the outermost calls: of the network, or of its parts where a loop calls those.

    Closely, every module has two hooks, which is how the outermost ones are found; that costs a small network a tenth of its
    step. So between the looks only these have one, which counts. It stays at close where that would not suffice: where one
    outermost module is a part of another, and where modules are compiled, for a hook more or less compiles them anew.
    """

    def __init__(self, network: nn.Module, loop: Loop, hooks: ExitStack) -> None:
        self.loop = loop
        self.outermost: dict[nn.Module, None] = {}  # seen so far
        self._inside: list[nn.Module] = []
        self._is_looking = False
        self._stays_close = False
        self._handles: list[RemovableHandle] = []
        self._modules: list[nn.Module] = []
        compiled: set[nn.Module] = set()  # what runs inside compiled code, where hooks are not to be
        for module in modules_of(network):
            if module in compiled:
                continue
            inner = getattr(module, "_orig_mod", None)
            if isinstance(inner, nn.Module):
                compiled.update(inner.modules())
            elif module._compiled_call_impl is not None:  # compiled in place
                compiled.update(module.modules())
                _wrap_compiled(module, self._enter, self._leave, hooks)
                continue
            self._modules.append(module)
        self._stays_close = bool(compiled)
        loop.heed = self.heed
        hooks.callback(self._forget)
        self._come_close()

    def heed(self, closely: bool) -> None:
        """Say whether the step that comes is looked at."""
        if closely == self.loop.hears_all or self._inside:
            return
        if closely:
            self._come_close()
        elif not self._stays_close and self.outermost and not self._are_nested():
            self._stand_back()

    def _come_close(self) -> None:
        self._forget()
        self.loop.hears_all = True
        for module in self._modules:
            self._handles.append(module.register_forward_pre_hook(self._enter, with_kwargs=True))
            self._handles.append(module.register_forward_hook(self._leave, always_call=True))

    def _stand_back(self) -> None:
        self._forget()
        self.loop.hears_all = False
        for module in self.outermost:
            self._handles.append(module.register_forward_pre_hook(self._pass, with_kwargs=True))

    def _forget(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles = []

    def _are_nested(self) -> bool:
        return any(a is not b and b in set(a.modules()) for a in self.outermost for b in self.outermost)

    def _enter(self, module: nn.Module, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        if self._is_looking:
            return
        self._inside.append(module)
        if len(self._inside) > 1:
            self._stays_close = self._stays_close or module is self._inside[0]  # it calls itself
            return
        self.outermost[module] = None
        self._tell(module, arguments, keywords)

    def _leave(self, module: nn.Module, arguments: Any, output: Any) -> None:
        if self._is_looking:
            return
        while self._inside and self._inside.pop() is not module:
            pass
        if not self._inside and output is not None and torch.is_grad_enabled():
            self.loop.returned(module, output)

    def _pass(self, module: nn.Module, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        """Of a call between the looks; one that the loop wants to keep is heard to its end."""
        if self._is_looking:
            return
        if not torch.is_grad_enabled():
            self._tell(module, arguments, keywords)
        elif not self.loop.wants():
            self.loop.passed(module)
        else:
            self._tell(module, arguments, keywords)

            def leave(module: nn.Module, arguments: Any, output: Any) -> None:
                handle.remove()
                if output is not None and torch.is_grad_enabled():
                    self.loop.returned(module, output)

            handle = module.register_forward_hook(leave, always_call=True)

    def _tell(self, module: nn.Module, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        self._is_looking = True  # a look calls the network itself
        try:
            (self.loop.forward if torch.is_grad_enabled() else self.loop.asked)(module, arguments, keywords)
        finally:
            self._is_looking = False


def _wrap_compiled(module: Any, enter: Callable[..., None], leave: Callable[..., None], hooks: ExitStack) -> None:
    call = module._compiled_call_impl

    def wrapped(*arguments: Any, **keywords: Any) -> Any:
        enter(module, arguments, keywords)
        output = None
        try:
            output = call(*arguments, **keywords)
            return output
        finally:
            leave(module, arguments, output)

    def unwrap() -> None:
        module._compiled_call_impl = call

    module._compiled_call_impl = wrapped
    hooks.callback(unwrap)
