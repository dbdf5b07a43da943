"""Updates: how a gradient becomes a step, each a pure function.

`(parameter, gradient, state, hyperparameters) -> new parameter, new state`. Hyperparameters are numbers, or tensors that
spread over an axis of replicas. A state that is still empty stands for zeros. Names in it are those of torch.optim.
"""

import torch
from torch import Tensor

State = dict[str, Tensor]
Number = float | Tensor


def sgd(
    parameter: Tensor, gradient: Tensor, state: State, *, learning_rate: Number, weight_decay: Number = 0.0
) -> tuple[Tensor, State]:
    """Gradient descent: theta - rate * (gradient + decay * theta). Source: Robbins and Monro, 1951."""
    return parameter - learning_rate * (gradient + weight_decay * parameter), {}


def momentum(
    parameter: Tensor,
    gradient: Tensor,
    state: State,
    *,
    learning_rate: Number,
    weight_decay: Number = 0.0,
    momentum: Number = 0.9,
) -> tuple[Tensor, State]:
    """Heavy ball: v = momentum * v + gradient, theta - rate * v. Source: Polyak, 1964, in the form of torch.optim.SGD."""
    gradient = gradient + weight_decay * parameter
    velocity = momentum * _held(state, "momentum_buffer", parameter) + gradient
    return parameter - learning_rate * velocity, {"momentum_buffer": velocity}


def nesterov(
    parameter: Tensor,
    gradient: Tensor,
    state: State,
    *,
    learning_rate: Number,
    weight_decay: Number = 0.0,
    momentum: Number = 0.9,
) -> tuple[Tensor, State]:
    """Momentum that looks ahead: v as in `momentum`, theta - rate * (gradient + momentum * v).

    Source: Nesterov, 1983, in the form of Sutskever et al., "On the importance of initialization and momentum", 2013.
    """
    gradient = gradient + weight_decay * parameter
    velocity = momentum * _held(state, "momentum_buffer", parameter) + gradient
    return parameter - learning_rate * (gradient + momentum * velocity), {"momentum_buffer": velocity}


def adagrad(
    parameter: Tensor,
    gradient: Tensor,
    state: State,
    *,
    learning_rate: Number,
    weight_decay: Number = 0.0,
    epsilon: Number = 1e-10,
) -> tuple[Tensor, State]:
    """A rate for each weight that falls with the sum of its squared gradients.

    Source: Duchi, Hazan and Singer, "Adaptive Subgradient Methods", JMLR 2011, figure 1.
    """
    gradient = gradient + weight_decay * parameter
    total = _held(state, "sum", parameter) + gradient**2
    new = parameter - learning_rate * gradient / (total.sqrt() + epsilon)
    return new, {"step": _next_step(state, parameter), "sum": total}


def rmsprop(
    parameter: Tensor,
    gradient: Tensor,
    state: State,
    *,
    learning_rate: Number,
    weight_decay: Number = 0.0,
    rho: Number = 0.9,
    epsilon: Number = 1e-8,
) -> tuple[Tensor, State]:
    """The gradient over the root of a running mean of its square. Source: Hinton, Coursera lecture 6e, 2012, slide 29."""
    gradient = gradient + weight_decay * parameter
    square = rho * _held(state, "square_avg", parameter) + (1 - rho) * gradient**2
    new = parameter - learning_rate * gradient / (square.sqrt() + epsilon)
    return new, {"step": _next_step(state, parameter), "square_avg": square}


def adadelta(
    parameter: Tensor,
    gradient: Tensor,
    state: State,
    *,
    learning_rate: Number,
    weight_decay: Number = 0.0,
    rho: Number = 0.95,
    epsilon: Number = 1e-6,
) -> tuple[Tensor, State]:
    """As `rmsprop`, times the root of a running mean of the squared steps, so that units agree and no rate is needed.

    Source: Zeiler, "ADADELTA", arXiv:1212.5701, algorithm 1.
    """
    gradient = gradient + weight_decay * parameter
    square = rho * _held(state, "square_avg", parameter) + (1 - rho) * gradient**2
    steps = _held(state, "acc_delta", parameter)
    delta = (steps + epsilon).sqrt() / (square + epsilon).sqrt() * gradient
    steps = rho * steps + (1 - rho) * delta**2
    new = parameter - learning_rate * delta
    return new, {"step": _next_step(state, parameter), "square_avg": square, "acc_delta": steps}


def adam(
    parameter: Tensor,
    gradient: Tensor,
    state: State,
    *,
    learning_rate: Number,
    weight_decay: Number = 0.0,
    beta1: Number = 0.9,
    beta2: Number = 0.999,
    epsilon: Number = 1e-8,
) -> tuple[Tensor, State]:
    """Momentum and `rmsprop` together, both corrected for having begun at zero; an L2 penalty is in the gradient.

    Source: Kingma and Ba, arXiv:1412.6980, algorithm 1.
    """
    return _adam_step(parameter, gradient + weight_decay * parameter, state, learning_rate, beta1, beta2, epsilon)


def adamw(
    parameter: Tensor,
    gradient: Tensor,
    state: State,
    *,
    learning_rate: Number,
    weight_decay: Number = 0.01,
    beta1: Number = 0.9,
    beta2: Number = 0.999,
    epsilon: Number = 1e-8,
) -> tuple[Tensor, State]:
    """Adam with decay apart from the gradient. Source: Loshchilov and Hutter, arXiv:1711.05101, algorithm 2."""
    shrunk = parameter * (1 - learning_rate * weight_decay)
    return _adam_step(shrunk, gradient, state, learning_rate, beta1, beta2, epsilon)


def _adam_step(
    parameter: Tensor,
    gradient: Tensor,
    state: State,
    learning_rate: Number,
    beta1: Number,
    beta2: Number,
    epsilon: Number,
) -> tuple[Tensor, State]:
    step = _next_step(state, parameter)
    mean = beta1 * _held(state, "exp_avg", parameter) + (1 - beta1) * gradient
    square = beta2 * _held(state, "exp_avg_sq", parameter) + (1 - beta2) * gradient**2
    scale = (square / _begun(beta2, step)).sqrt() + epsilon
    new = parameter - learning_rate * (mean / _begun(beta1, step)) / scale
    return new, {"step": step, "exp_avg": mean, "exp_avg_sq": square}


def _held(state: State, name: str, parameter: Tensor) -> Tensor:
    return state[name] if name in state else torch.zeros_like(parameter)


def _next_step(state: State, parameter: Tensor) -> Tensor:
    return state.get("step", torch.zeros((), dtype=torch.float32, device=parameter.device)) + 1


def _begun(beta: Number, step: Tensor) -> Tensor:
    """How much of a running mean has come together: 1 - beta^step."""
    exact = beta.double() if isinstance(beta, Tensor) else beta  # in float32, 1 - 0.999^step would lose four digits
    part = 1 - exact ** step.double()
    return part.to(beta.dtype) if isinstance(beta, Tensor) else part
