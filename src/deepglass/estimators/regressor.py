"""Regressor: a network that learns numbers, for scikit-learn's tools."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin

from deepglass.data.source import numbers
from deepglass.errors import InputError, SettingError
from deepglass.estimators.estimator import ONE_PASS, NetworkEstimator
from deepglass.estimators.given import is_frame, quantities, weights
from deepglass.estimators.source import Examples, name_of


class Regressor(RegressorMixin, NetworkEstimator):
    """A network that learns numbers: y is (examples,) or (examples, numbers), and so are predictions.

    Everything else is as in `Classifier`; while training, the numbers have mean 0 and deviation 1.
    Args: network, hidden, activation, dropout, epochs, batch_size, optimizer, learning_rate, weight_decay, early_stopping,
        patience, validation_fraction, random_state, warm_start, device, verbose, out, settings: see `Classifier`.

    >>> Regressor("linear", epochs=1).fit([[0.0], [1.0]], [[1.0, 2.0], [3.0, 4.0]]).predict([[0.5]]).shape
    (1, 2)
    """

    _shape: tuple[int, ...]  # of one example's target

    def __init__(
        self,
        network: Any = None,
        *,
        hidden: int | Sequence[int] | None = None,
        activation: Any = None,
        dropout: float | None = None,
        epochs: int = 20,
        batch_size: int | str | None = None,
        optimizer: str | None = None,
        learning_rate: float | None = None,
        weight_decay: float | None = None,
        early_stopping: bool = False,
        patience: int | None = None,
        validation_fraction: float = 0.1,
        random_state: Any = None,
        warm_start: bool = False,
        device: str = "auto",
        verbose: bool | int = False,
        out: Any = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.network = network
        self.hidden = hidden
        self.activation = activation
        self.dropout = dropout
        self.epochs = epochs
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.early_stopping = early_stopping
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.random_state = random_state
        self.warm_start = warm_start
        self.device = device
        self.verbose = verbose
        self.out = out
        self.settings = settings

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn the numbers `y` of the examples `X`. Raises: InputError, which is a ValueError; SettingError."""
        going_on = self._goes_on()
        return self._learn(self._examples(X, y, sample_weight, going_on=going_on), going_on=going_on)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Make one pass over a chunk of examples, at a constant learning rate. The first chunk decides about the encodings."""
        if self.early_stopping:
            raise SettingError(
                "partial_fit sees one chunk after another and cannot stop early. Use early_stopping=False."
            )
        going_on = hasattr(self, "network_")
        given = self._examples(X, y, sample_weight, going_on=going_on)
        return self._learn(given, going_on=going_on, changes=ONE_PASS)

    def predict(self, X: Any) -> np.ndarray:
        """Return the numbers of each example, in their own unit."""
        outputs = self._outputs(X)
        found = self.task_.decode(self.task_.interpret(outputs))
        return np.stack(list(found.values()), axis=1).reshape(-1, *self._shape)

    def _examples(self, X: Any, y: Any, sample_weight: Any, *, going_on: bool) -> Examples:
        columns = [str(c) for c in y.columns] if is_frame(y) else []
        name, y = name_of(y, X), quantities(y)
        X = self._check(X, y, going_on=going_on)
        if going_on and y.shape[1:] != self._shape:
            raise InputError(
                f"y has shape {y.shape}, and {(len(y), *self._shape)} was learned before. Give as many numbers an example, or fit "
                f"anew with warm_start=False."
            )
        self._shape = y.shape[1:]
        return Examples(X, name, numbers(y, columns), weights(sample_weight, len(y)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
