"""Quantities: everything that can stand in evidence, with its meaning, its unit and its shape.

"Rows" are the examples of the probe batch: some of the training split, chosen once by the seed, or in `watch` the batch of the
step. "All numbers" of a layer are its output for all rows at all places. A unit is a feature of a dense or recurrent layer, or
a channel of a convolution. A share runs from 0 to 1. A value that came out not finite reads as nan, inf or -inf.
"""

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)  # of all numbers, in this order
SATURATED_BELOW = 0.05  # of the largest derivative that the activation has; DOCTOR's rule for saturation, per unit
SATURATED_ROWS = 0.9  # share of the rows for which a saturated unit is so

# quantity -> (section, what it is). One number a layer and probe, unless said otherwise.
OF_A_LAYER: dict[str, tuple[str, str]] = {
    "activation_mean": ("activations", "mean of all numbers"),
    "activation_std": ("activations", "standard deviation of all numbers"),
    "activation_unit_std": (
        "activations",
        "root of the mean over units of a unit's variance; 0 when every unit is constant",
    ),
    "activation_zero": ("activations", "share of exact zeros"),
    "activation_quantiles": ("activations", f"the quantiles {QUANTILES}, from a sample of all numbers; a list of 7"),
    "activation_nonfinite": (
        "activations",
        "number of units with a value that is nan or infinite (or too large to be squared)",
    ),
    "dead_units": ("activations", "share of the units that are 0 for all rows, at all places"),
    "constant_units": ("activations", "share of the units with one same value, not 0, for all rows, at all places"),
    "saturated": ("saturation", f"share of all numbers where the derivative is under {SATURATED_BELOW} of its maximum"),
    "saturated_units": (
        "saturation",
        f"share of the units that are saturated for at least {SATURATED_ROWS} of their numbers",
    ),
    "backward_rms": (
        "backward",
        "root mean square of the gradient of the rows' mean loss at the output, times the rows",
    ),
    "gradient_norm": ("gradients", "L2 norm over all parameters of the layer that learn"),
    "gradient_mean_abs": ("gradients", "mean of the absolute values"),
    "gradient_zero": ("gradients", "share of exact zeros; 1 where the loss does not depend on the layer"),
    "gradient_snr": (
        "gradient_noise",
        "norm of the rows' mean gradient over its standard error, from the rows' two halves",
    ),
    "gradient_nonfinite": ("gradients", "number of values that are nan or infinite"),
    "weight_norm": ("weights", "L2 norm of the weights (not of biases, unless the layer has no other parameters)"),
    "weight_std": ("weights", "standard deviation of the weights"),
    "weight_zero": ("weights", "share of weights that are exactly 0"),
    "weight_nonfinite": ("weights", "number of parameters that are nan or infinite"),
    "twin_units": ("weights", "share of the units whose weights equal those of another unit of the layer, bit for bit"),
    "fingerprint": (
        "weights",
        "whole number from the bits of all parameters; the same: nothing has changed in between",
    ),
    "update_norm": ("updates", "L2 norm of what the step added to the weights"),
    "update_ratio": ("updates", "update_norm over weight_norm before the step; nan where that is 0"),
    "norm_mean_gap": ("normalization", "mean over channels of |running mean - batch mean| / batch standard deviation"),
    "norm_variance_gap": ("normalization", "mean over channels of |log(running variance / batch variance)|"),
}

# quantity -> (section, what it is). One number a probe, unless said otherwise.
OF_THE_NETWORK: dict[str, tuple[str, str]] = {
    "loss": ("loss", "mean loss of the rows in training mode, before the step"),
    "output_loss": ("loss", "the part of that loss that is the output's alone, where heads in the middle add theirs"),
    "loss_evaluated": ("modes", "mean loss of the same rows in evaluation mode"),
    "mode_gap": ("modes", "root mean square difference of outputs between the modes, over their standard deviation"),
    "batch_loss": ("modes", "mean loss of the batch's rows in training mode, as `watch` reads it off the graph"),
    "batch_loss_evaluated": ("modes", "mean loss of the same rows in evaluation mode"),
    "loss_after": ("landing", "mean loss of the rows in training mode with the same dropout, after the step"),
    "slope_before": (
        "landing",
        "gradient of that loss before the step times the step: the fall that was promised, below 0",
    ),
    "slope_after": (
        "landing",
        "gradient after the step times the step: above 0 where it went past the minimum along it",
    ),
    "gradient_cosine": ("landing", "cosine of the gradients on the rows before and after the step; -1 to 1"),
    "gradient_norm": ("gradients", "L2 norm over all parameters that learn, on the rows"),
    "step_loss": ("steps", "loss of the step's own batch"),
    "learning_rate": ("steps", "rate of the step (the first player's, the first group's)"),
    "step_gradient_norm": ("clipping", "gradient norm of the step's batch before clipping by norm"),
    "clipped_gradient_norm": ("clipping", "the same after clipping"),
    "output_mean": ("outputs", "mean of the outputs in evaluation mode"),
    "output_min": ("outputs", "smallest output"),
    "output_max": ("outputs", "largest output"),
    "output_spread": (
        "outputs",
        "root of the mean over output units of the variance over rows; 0: it ignores its input",
    ),
    "output_row_sums_to_one": ("outputs", "share of rows whose outputs are 0 to 1 and sum to 1: probabilities"),
    "output_nonfinite": ("outputs", "number of outputs that are nan or infinite"),
    "predicted_shares": ("classes", "share of the rows given each class; a list, in the order of the outputs"),
    "target_shares": ("classes", "share of the rows that are of each class; a list as long"),
    "seconds": ("cost", "time that this probe took"),
}

# What `watch` counts in somebody's own loop.
OF_THE_LOOP: dict[str, str] = {
    "forwards": "calls of the network with gradients switched on",
    "backwards": "backward passes through it",
    "backwards_in_evaluation_mode": "those whose forward ran in evaluation mode",
    "optimizer_steps": "steps of the optimizer",
    "steps_without_backward": "steps before which no gradient was made anew",
    "checked_for_leftovers": "steps that were looked at for gradients of the step before",
    "leftovers": "those whose gradients still held them: they were not cleared in between",
    "judgements": "calls of the network, or of its parts, with gradients switched off",
    "judgements_in_training_mode": "those in training mode",
    "optimizer": "the optimizer's settings: its name, rate, momentum, weight_decay, ...; {} where none was seen",
    "unoptimized": "names of parameters that require gradients and that no optimizer seen holds; None: none was seen",
    "frozen": "names of parameters that do not require gradients",
    "optimized_twice": "names of parameters that are in more than one group or optimizer",
    "foreign": "number of parameters in the optimizer that are not the network's",
    "without_gradient": "names of parameters that learn and had no gradient at the last step looked at",
}
