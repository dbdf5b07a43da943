"""Output choice: which activation behind the last layer, and which loss, suit the targets that training will see, and why."""

from dataclasses import dataclass

import numpy as np

from deepglass.data import Dataset, Field

FENCE = (
    3.0  # times the middle half's width, beyond which a target lies far out: Tukey, "Exploratory Data Analysis", 1977
)
ROUNDING = 1e-5  # share of the range that encoding and decoding may add to it
RANGES = {  # what an activation can give, the narrowest first
    "sigmoid": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "softplus": (0.0, np.inf),
}


@dataclass(frozen=True)
class OutputChoice:
    """Args: usual: what a network gets here; why: in a sentence; instead: settings that keep answers within the targets' range."""

    usual: str
    why: str
    instead: str = ""

    def __str__(self) -> str:
        return f"output: {self.usual}. {self.why}" + (f" To keep answers there: {self.instead}" if self.instead else "")


def output_choice(data: Dataset) -> OutputChoice | None:
    """Choose by the kind and the range of the target on the training split; None where there is not one class or number.

    Source: softmax for K classes, sigmoid for two, identity for numbers: Bishop, "Pattern Recognition and Machine Learning", 2006,
        section 5.2; Huber where targets lie far out: Huber, "Robust Estimation of a Location Parameter", 1964.
    """
    if len(data.targets) != 1:
        return None
    (target,) = data.targets.values()
    if target.kind == "category":
        pair = len(target.classes) == 2
        return OutputChoice(
            "one number, without an activation" if pair else f"{len(target.classes)} numbers, without an activation",
            f"{'Two' if pair else 'Several'} classes: the loss, a cross-entropy, brings {'sigmoid' if pair else 'softmax'} along, "
            "and probabilities come out of it.",
        )
    return _of_numbers(data, target) if target.kind == "number" else None


def _of_numbers(data: Dataset, target: Field) -> OutputChoice:
    values = np.asarray(target.decode(data.read(data.members("train"))[target.name]), dtype=float).ravel()
    values = values[np.isfinite(values)]
    if not len(values):
        return OutputChoice("without an activation", "No target is known.")
    low, high = float(values.min()), float(values.max())
    first, third = np.quantile(values, (0.25, 0.75))
    far = int(((values < first - FENCE * (third - first)) | (values > third + FENCE * (third - first))).sum())
    rounding = ROUNDING * (high - low)
    fits = next((n for n, (least, most) in RANGES.items() if least - rounding <= low and high <= most + rounding), "")
    why = f"{target.name} runs from {low:.4g} to {high:.4g} in the training split, and may lie beyond it elsewhere."
    if far:
        why += f" {far:,} of {len(values):,} lie far out: task.loss=huber forgives them."
    instead = f"--set network.output_activation={fits} --set data.target_scaling=none" if fits else ""
    return OutputChoice("without an activation, on standardized targets", why, instead)
