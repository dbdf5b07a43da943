"""scikit-learn: an MLPClassifier, alone and in a GridSearchCV."""

import warnings

import numpy as np
from arrays import Arrays, digits, iris, mnist
from clock import Clock, Size
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, PredefinedSplit
from sklearn.neural_network import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)  # the epochs are the same for all


def mlp(size: Size, clock: Clock) -> None:
    data = mnist(size.rows, size.tests)
    fit(128, data._replace(x=data.x.reshape(-1, 784), test_x=data.test_x.reshape(-1, 784)), size, clock)


def small(size: Size, clock: Clock) -> None:
    fit(10, iris(), size, clock)


def many(size: Size, clock: Clock) -> None:
    """Two processes; every candidate is fitted once, and judged on the same examples as the others'."""
    from peers.candidates import candidates

    data = digits()
    x, y = np.concatenate([data.x, data.test_x]), np.concatenate([data.y, data.test_y])
    once = PredefinedSplit([-1] * len(data.x) + [0] * len(data.test_x))
    grid = [{"learning_rate_init": [r], "alpha": [p]} for r, p in candidates(size.candidates)]
    model = MLPClassifier((100,), batch_size=size.batch, max_iter=size.epochs, random_state=size.seed)
    clock.start()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search = GridSearchCV(model, grid, cv=once, n_jobs=2, refit=False).fit(x, y)
    clock.end(best=float(np.max(search.cv_results_["mean_test_score"])))


def fit(hidden: int, data: Arrays, size: Size, clock: Clock) -> None:
    model = MLPClassifier(
        (hidden,),
        batch_size=size.batch,
        max_iter=size.epochs,
        alpha=0.0,
        random_state=size.seed,
        n_iter_no_change=size.epochs,
    )
    clock.start()
    model.fit(data.x, data.y)
    clock.end(epochs_in_all=size.epochs)
    clock.facts["accuracy"] = float(model.score(data.test_x, data.test_y))
