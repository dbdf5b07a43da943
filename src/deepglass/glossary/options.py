"""Options: the formula behind a setting, and what shows its effect."""

from typing import NamedTuple


class Option(NamedTuple):
    """Args: formula: in plain letters; w weights, g gradient, a rate, L loss. see: a command that shows what the setting does."""

    formula: str
    see: str = ""


OPTIONS = {
    "data.scaling": Option("x' = (x - mean) / deviation, both of the training split", "deepglass data diabetes"),
    "data.test": Option("test examples = share * all", "deepglass experiment new-speakers"),
    "data.validation": Option("validation examples = share * (all - test)", "deepglass experiment early-stopping"),
    "data.augment.shift": Option(
        "x'[r, c] = x[r - i, c - j], |i|, |j| up to the shift", "deepglass experiment augmentation"
    ),
    "task.loss": Option(
        "mse: mean (y - t)^2; mae: mean |y - t|; cross_entropy: mean -log p(right class)",
        "deepglass experiment outliers",
    ),
    "task.label_smoothing": Option("t' = (1 - s) t + s / K for K classes"),
    "task.class_weight": Option("L = sum c(t) L(y, t) / sum c(t); balanced: c = n / (K n of the class)"),
    "recipe.epochs": Option("steps = epochs * ceil(n / batch size)", "deepglass experiment overfitting"),
    "recipe.batch_size": Option("g = mean over the batch of dL/dw", "deepglass experiment gradient-descents"),
    "recipe.accumulate": Option("g = mean over k batches of g, one step for all", "deepglass experiment small-batches"),
    "recipe.optimizer": Option(
        "sgd: w - a g; momentum: v = m v + g, w - a v; adam: w - a m' / (sqrt(v') + e), m' and v' means of g and g^2",
        "deepglass experiment optimizers",
    ),
    "recipe.learning_rate": Option("w' = w - a g", "deepglass experiment learning-rates"),
    "recipe.momentum": Option("v' = m v + g; w' = w - a v'", "deepglass experiment descent-paths"),
    "recipe.rho": Option(
        "s' = rho s + (1 - rho) g^2; w' = w - a g / (sqrt(s') + e)", "deepglass experiment optimizers"
    ),
    "recipe.beta1": Option("m' = b1 m + (1 - b1) g, divided by 1 - b1^t", "deepglass experiment optimizers"),
    "recipe.beta2": Option("v' = b2 v + (1 - b2) g^2, divided by 1 - b2^t", "deepglass experiment optimizers"),
    "recipe.epsilon": Option("w' = w - a m' / (sqrt(v') + e)"),
    "recipe.schedule": Option(
        "cosine: a(t) = a (1 + cos(pi t / T)) / 2; inverse_time: a / (1 + t / T); step: a f^floor(t / T); exponential: a f^t",
        "deepglass experiment falling-rates",
    ),
    "recipe.warmup_steps": Option("a(t) = a (t + 1) / (warm-up + 1) at first"),
    "recipe.weight_decay": Option(
        "sgd, adam: L + d/2 sum w^2, so g + d w; adamw: w' = w - a (step + d w)", "deepglass experiment l2"
    ),
    "recipe.l1": Option("L + l sum |w|, so g + l sign(w)"),
    "recipe.clip_norm": Option(
        "g' = g min(1, c / |g|), over all weights together", "deepglass experiment exploding-gradients"
    ),
    "recipe.clip_value": Option(
        "g' = min(max(g, -c), c), each number alone", "deepglass experiment exploding-gradients"
    ),
    "recipe.average": Option("w' = s w' + (1 - s) w after each step"),
    "recipe.tolerance": Option("stop when |L - L before| <= tolerance * |L before|"),
    "recipe.early_stopping": Option(
        "stop patience epochs after the best one, and take its weights", "deepglass experiment early-stopping"
    ),
    "recipe.patience": Option("stop patience epochs after the best one", "deepglass experiment early-stopping"),
    "recipe.shuffle": Option(
        "a permutation of the training examples drawn from (seed, epoch)", "deepglass experiment shuffled-series"
    ),
    "recipe.freeze": Option("w' = w", "deepglass experiment fine-tuning"),
    "network.hidden": Option("a1 = f(W1 x + b1), a2 = f(W2 a1 + b2), ...", "deepglass experiment depth-ladder"),
    "network.activation": Option("a = f(W x + b)", "deepglass activations"),
    "network.output_activation": Option("y = f(W a + b)", "deepglass activations sigmoid softplus tanh"),
    "network.dropout": Option(
        "a' = a m / (1 - p), each m 1 with probability 1 - p, else 0; in use a' = a", "deepglass experiment dropout"
    ),
    "network.norm": Option(
        "batch: y = gamma (x - mean of the batch) / deviation + beta", "deepglass experiment batch-norm"
    ),
    "network.norm_position": Option("before: f(norm(W x)); after: norm(f(W x))", "deepglass experiment batch-norm"),
    "network.initialization": Option(
        "he: deviation sqrt(2 / inputs); glorot: sqrt(2 / (inputs + outputs)); lecun: sqrt(1 / inputs)",
        "deepglass experiment initializations",
    ),
    "network.padding": Option("size' = floor((size + 2 padding - kernel) / stride) + 1", "deepglass quiz padding"),
    "network.kernel": Option("weights = out * in * height * width + out", "deepglass quiz ten-filters"),
    "network.filters": Option(
        "map k = bias k + sum over channels of kernel k * x", "deepglass convolve digit --kernel sobel-x"
    ),
    "network.forget_bias": Option("c' = sigmoid(... + bias) c + i g", "deepglass experiment open-gates"),
}
