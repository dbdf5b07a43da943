"""L-BFGS: a step from the curvature that the last steps have shown, for full batches."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.errors import TrainingError
from deepglass.training.optimizers.direct import Direct

MEMORY = 10  # steps that are remembered; Nocedal and Wright find 3 to 20 enough
EVALUATIONS = 26  # of the loss in one step, at most: one at its start and 25 along the line
LISTS = ("old_dirs", "old_stps", "ro")  # what torch keeps, in its words
NUMBERS, COUNTS = ("d", "t", "H_diag", "prev_flat_grad", "prev_loss"), ("n_iter", "func_evals")


class LBFGS(Direct, torch.optim.LBFGS):
    """torch's L-BFGS, one iteration a step, along which a line search finds a point that meets the strong Wolfe conditions.

    The learning rate is the first try on the line; 1 is the step that the curvature proposes.
    Source: Nocedal and Wright, "Numerical Optimization", 2006, algorithms 7.5, 3.5 and 3.6.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], *, lr: float = 1.0) -> None:
        super().__init__(
            parameters,
            lr=lr,
            max_iter=1,
            max_eval=EVALUATIONS,
            history_size=MEMORY,
            line_search_fn="strong_wolfe",
        )

    def search(self, loss: Tensor, evaluate: Callable[[], Tensor]) -> None:
        """Take one step, from where gradients and `loss` are known.

        Args: evaluate: sets the gradients anew, where the weights are now, and returns the loss.
        Raises: TrainingError, when no point on the line is finite; weights and memory are then as they were.
        """
        known = [loss]
        before = [p.detach().clone() for p in self._params]
        memory: dict[str, Any] = {k: list(v) if isinstance(v, list) else v for k, v in self._memory().items()}
        if "prev_flat_grad" in memory:  # the only one that torch writes over in place
            memory["prev_flat_grad"] = memory["prev_flat_grad"].clone()
        self.step(lambda: self._or_far(known.pop() if known else evaluate()))
        if not all(bool(p.isfinite().all()) for p in self._params):
            with torch.no_grad():
                torch._foreach_copy_(self._params, before)
            self.state[self._params[0]] = memory
            raise TrainingError(
                f"L-BFGS found no finite step from a loss of {float(loss.detach()):.4g}. The weights are as they were. "
                f"Scale the inputs, or use optimizer=adam."
            )

    def tensors(self) -> dict[str, Tensor]:
        """Its memory, as tensors by name."""
        memory = self._memory()
        found: dict[str, Tensor] = {k: torch.stack(memory[k]) for k in LISTS if memory.get(k)}
        for name in NUMBERS:
            if name in memory:
                value = memory[name]
                found[name] = value if isinstance(value, Tensor) else torch.tensor(value, dtype=torch.float64)
        found |= {k: torch.tensor(memory[k]) for k in COUNTS if k in memory}
        return {f"memory.{k}": v for k, v in found.items()}

    def load_tensors(self, tensors: Mapping[str, Tensor]) -> None:
        """Put a saved memory back; one of other weights, as after freezing some, is forgotten."""
        saved = {k.removeprefix("memory."): v.clone() for k, v in tensors.items()}
        if "d" in saved and len(saved["d"]) != sum(p.numel() for p in self._params):
            saved = {}
        memory: dict[str, Any] = {k: int(saved[k]) for k in COUNTS if k in saved}
        for name in NUMBERS:
            if name in saved:
                value = saved[name].to(self._params[0].device)
                memory[name] = value.item() if value.ndim == 0 and value.dtype == torch.float64 else value
        if "d" in saved:
            for (
                name
            ) in LISTS:  # each in memory of its own: where a tensor begins decides how a dot product is summed up
                rows = saved[name].to(self._params[0].device).unbind() if name in saved else ()
                memory[name] = [row.clone() for row in rows]
        self.state.clear()
        if memory:
            self.state[self._params[0]] = memory

    def _memory(self) -> dict[str, Any]:
        return {k: v for k, v in self.state.get(self._params[0], {}).items() if k != "al"}  # al is scratch paper

    def _or_far(self, loss: Tensor) -> Tensor:
        """Return the loss; where it or a gradient is not finite, infinity with gradients that are no number.

        Then the search takes the middle of its bracket, instead of following a curve through what is no number.
        """
        gradients = [p.grad for p in self._params if p.grad is not None]
        if bool(loss.isfinite()) and all(bool(g.isfinite().all()) for g in gradients):
            return loss
        torch._foreach_mul_(gradients, float("nan"))
        return torch.full_like(loss, float("inf"))
