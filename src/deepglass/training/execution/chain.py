"""Chain: the gradients of a network of layers in a row, by derivatives that are written out."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from deepglass.data import Batch
from deepglass.tasks import Supervised
from deepglass.training.execution.links import DenseLink, FlattenLink, Link
from deepglass.training.execution.precision import Precision
from deepglass.training.execution.row import kinds_of_link, layers_in_a_row, links_of

Losses = dict[str, Tensor]
ALIGNED = 16  # float32 numbers in the 64 bytes at whose multiples torch lays a tensor


class Chain:
    """A network whose layers follow each other, for tasks that learn one target from one input.

    Args: examples: the size of a batch, which decides on the precision of each layer.
    """

    def __init__(self, layers: list[nn.Module], task: Supervised, examples: int, precision: Precision) -> None:
        self.task, self.input = task, task.inputs[0]
        self.links = links_of(layers, examples, precision)
        self.low = any(getattr(link, "low", False) for link in self.links)
        self.gradients = gradients_in_a_row(self.links)
        first = next((link for link in self.links if not isinstance(link, FlattenLink)), None)
        self.rounds_input = isinstance(first, DenseLink) and first.low
        self.follow()
        self.closed = (
            None if task.weighting or callable(task.loss) else CLOSED_FORMS.get((task.loss_name, task.field.kind))
        )

    def follow(self) -> None:
        """Take over which layers learn: no gradient is wanted before the first of them."""
        learning = [i for i, link in enumerate(self.links) if getattr(link, "learns", False)]
        self.first = min(learning, default=len(self.links))

    @torch.no_grad()
    def differentiate(self, batch: Batch) -> Losses:
        """Set the gradients of the loss on a batch, and return the loss."""
        x = batch[self.input]
        for link in self.links:
            x = link.forward(x)
        losses, gradient = self._loss(x.float(), batch)
        for place in range(len(self.links) - 1, self.first - 1, -1):
            gradient = self.links[place].backward(gradient, place > self.first)
        return losses

    def _loss(self, output: Tensor, batch: Batch) -> tuple[Losses, Tensor]:
        """The losses, and the gradient of the first of them with respect to the output."""
        if self.closed and batch.weights is None and batch.mixed is None and output.ndim == 2:
            target = self.task.target_of(batch)
            if (
                self.closed is _cross_entropy or target.numel() == output.numel()
            ):  # else the loss itself says what does not fit
                each, gradient = self.closed(output, target, len(output))
                return {"loss": each.mean()}, gradient
        with torch.enable_grad():
            output = output.detach().requires_grad_()
            losses = self.task.losses_of(output, batch)
            losses["loss"].backward()
        assert output.grad is not None
        return {name: value.detach() for name, value in losses.items()}, output.grad


def gradients_in_a_row(links: Sequence[Link]) -> Tensor | None:
    """Put the gradients of dense layers side by side in memory, and return all of them, where nothing else has parameters.

    One look at them then costs one operation. Each begins where memory of its own would: products differ in the last bit by that.
    """
    dense = [link for link in links if isinstance(link, DenseLink)]
    if len(dense) < sum(hasattr(link, "learns") for link in links):
        return None
    own = [g for link in dense for g in (link.weight_gradient, link.bias_gradient) if g is not None]
    sizes = [-(-g.numel() // ALIGNED) * ALIGNED for g in own]
    row = torch.zeros(sum(sizes))
    for gradient, part in zip(own, row.split(sizes)):
        gradient.set_(part[: gradient.numel()].view_as(gradient))
    return row


def is_chain(network: nn.Module) -> bool:
    """Whether all of a network is layers in a row that are known here, none of them twice, all on the processor in float32."""
    layers = list(layers_in_a_row(network))
    parameters = list(network.parameters())
    return (
        all(kinds_of_link(layers))
        and all(isinstance(layer, nn.ReLU) or not getattr(layer, "inplace", False) for layer in layers)
        and any(isinstance(layer, nn.Linear) for layer in layers)
        and all(layer.start_dim == 1 and layer.end_dim == -1 for layer in layers if isinstance(layer, nn.Flatten))
        and len({id(p) for p in parameters}) == sum(len(list(layer.parameters())) for layer in layers)
        and all(p.device.type == "cpu" and p.dtype == torch.float32 for p in parameters)
    )


def _cross_entropy(output: Tensor, target: Tensor, examples: int) -> tuple[Tensor, Tensor]:
    """L = mean of -log softmax(z)[y], so dL/dz = (softmax(z) - one at y) / examples."""
    target, log_p = target.long(), torch.log_softmax(output, 1)
    each = torch.nn.functional.nll_loss(log_p, target, reduction="none")
    seed = torch.zeros_like(log_p).scatter_(1, target.unsqueeze(1), -1 / examples)
    return each, torch.ops.aten._log_softmax_backward_data(seed, log_p, 1, output.dtype)


def _squared(output: Tensor, target: Tensor, examples: int) -> tuple[Tensor, Tensor]:
    """L = mean of (z - y)^2 over the numbers of an example, then over the examples, so dL/dz = 2 (z - y) / their number."""
    error = output - target.reshape(output.shape)
    return error.square().mean(1), error * (2 / (examples * output.shape[1]))


# By loss and kind of target: from outputs (examples, numbers), targets (examples, ...) and the examples that a mean is taken over
# to the loss of each example, (examples,), and the gradient of the mean loss, (examples, numbers). Of stacked networks the
# outputs are (replicas, numbers, examples), so the numbers stand on axis 1 there too.
CLOSED_FORMS: dict[tuple[str, str], Callable[[Tensor, Tensor, int], tuple[Tensor, Tensor]]] = {
    ("cross_entropy", "category"): _cross_entropy,
    ("mse", "number"): _squared,
}
