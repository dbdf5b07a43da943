"""Elements: experiments on the parts that learning is made of: starts, steps, gradients, units, features."""

from deepglass.experiments.approximation import universal_approximation
from deepglass.experiments.experiment import Experiment, Form
from deepglass.experiments.features import learned_features
from deepglass.experiments.gallery_of_starts import initializations
from deepglass.experiments.paths import descent_paths
from deepglass.experiments.rising import rising_gradients
from deepglass.experiments.signs import sign_classifiers

ELEMENTS: dict[str, Experiment] = {
    "rising-gradients": Experiment(
        "EX-09, EX-10",
        "The norm of the gradient may grow while training succeeds.",
        rising_gradients,
        full=Form("mnist", 10_000, 5000, 6, (0, 1)),
        small=Form("digits", 600, 300, 8, (0,)),
        note="From small weights by plain descent it does; from He's with momentum it falls.",
        verdict="part",
    ),
    "initializations": Experiment(
        "E02, E03",
        "Weights start as small random numbers, such as 0.01 * np.random.randn(2, 2).",
        initializations,
        full=Form("numbers", 0, 0, 0, (0,)),
        small=Form("numbers", 0, 0, 0, (0,)),
        note="Not in this form for five layers: how small has to depend on how many numbers come in. The slides' own call, "
        "np.random.randn((2, 2)), is an error.",
        verdict="part",
    ),
    "learned-features": Experiment(
        "B21",
        "Layers that learn their features beat features made by hand.",
        learned_features,
        full=Form("mnist", 5000, 5000, 6, (0, 1)),
        small=Form("digits", 600, 500, 12, (0,)),
        note="On the small form the gaps are no wider than the choice of 500 examples explains.",
        verdict="open",
    ),
    "universal-approximation": Experiment(
        "EX-20",
        "A hidden layer that is wide enough approximates any continuous function.",
        universal_approximation,
        full=Form("points", 256, 0, 400, tuple(range(8))),
        small=Form("points", 96, 0, 120, (0, 1, 2)),
        note="That good weights exist does not say that training finds them: compare the starts.",
    ),
    "sign-classifiers": Experiment(
        "EX-22",
        "A slash and a backslash of four pixels are told apart by four signs: try all 16, flip one at a time, or follow the "
        "gradient.",
        sign_classifiers,
        full=Form("slash", 4, 0, 300, tuple(range(20))),
        small=Form("slash", 4, 0, 300, (0, 1, 2)),
    ),
    "descent-paths": Experiment(
        "D01",
        "Gradient descent walks down the loss, step by step, against the gradient.",
        descent_paths,
        full=Form("points", 40, 0, 30, (0,)),
        small=Form("points", 40, 0, 30, (0,)),
    ),
}
