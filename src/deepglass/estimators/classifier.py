"""Classifier: a network that learns labels, for scikit-learn's tools."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import torch
from sklearn.base import ClassifierMixin
from sklearn.utils.metaestimators import available_if

from deepglass.data import Raw
from deepglass.errors import InputError, SettingError
from deepglass.estimators.estimator import ONE_PASS, NetworkEstimator
from deepglass.estimators.given import labels, weights, weights_of_classes
from deepglass.estimators.source import Examples, name_of
from deepglass.tasks import Classification


def _gives_probabilities(estimator: "Classifier") -> bool:
    """Rosenblatt's perceptron says which side an example is on, and no more."""
    return not hasattr(estimator, "task_") or bool(estimator.task_.has_probabilities)


class Classifier(ClassifierMixin, NetworkEstimator):
    """A network that learns labels.

    X is an array of numbers, examples first (images: examples, channels, height, width), or a DataFrame with columns of any kind:
    texts become categories, missing values are filled. Sparse X is made dense, up to 512 MiB. `fit` learns from all examples,
    unless `early_stopping` keeps some apart. Nothing is written to disk unless `out` is given.

    Args:
        network: a name, layers, an nn.Module (of which a copy is trained) or whatever `deepglass.build` takes; None: what suits.
        hidden, activation, dropout: options of the network, such as [64, 64]; None: its own.
        epochs: passes over the examples.
        batch_size, optimizer, learning_rate, weight_decay: None: what suits the network and the optimizer.
        early_stopping: stop when a part kept apart no longer improves, and go back to the best epoch.
        patience: epochs without improvement before stopping; None: what suits the schedule.
        validation_fraction: share of the examples that is kept apart for it, of every class.
        random_state: a whole number, which is the seed of `deepglass.train`, a RandomState or None.
        class_weight: "balanced", or a weight by label; it multiplies `sample_weight`.
        warm_start: `fit` trains the fitted network `epochs` further.
        device: "cpu", "cuda", ...; "auto": the fastest there is.
        verbose: show progress on standard error.
        out: a new folder, in which the run is kept.
        settings: any other setting of a Spec, such as {"recipe.clip_norm": 1, "data.scaling": "none"}. What is said here wins.
    Attributes: network_ (the nn.Module), classes_, history_ (a record of every epoch), loss_curve_, n_iter_, spec_, fields_ (the
        encodings), run_, n_features_in_, feature_names_in_.

    >>> Classifier(hidden=[8], epochs=1).fit([[0.0], [1.0]], ["no", "yes"]).classes_.tolist()
    ['no', 'yes']
    """

    task_: Classification
    classes_: np.ndarray

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
        class_weight: Mapping[Any, float] | str | None = None,
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
        self.class_weight = class_weight
        self.warm_start = warm_start
        self.device = device
        self.verbose = verbose
        self.out = out
        self.settings = settings

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn the labels `y` of the examples `X`. Raises: InputError, which is a ValueError; SettingError."""
        going_on = self._goes_on()
        given, classes = self._examples(X, y, sample_weight, self.classes_ if going_on else None, going_on=going_on)
        self._learn(given, going_on=going_on)
        self.classes_ = classes
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Make one pass over a chunk of examples, at a constant learning rate.

        The first chunk decides about the encodings.
        Args: classes: all labels that may ever come; needed at the first call.
        """
        if self.early_stopping:
            raise SettingError(
                "partial_fit sees one chunk after another and cannot stop early. Use early_stopping=False."
            )
        if isinstance(self.class_weight, str):
            raise InputError(
                f"class_weight={self.class_weight!r} needs all examples, and partial_fit sees one chunk. Give a weight by label."
            )
        going_on = hasattr(self, "network_")
        if not going_on and classes is None:
            raise InputError("partial_fit needs classes= at its first call: all labels that may ever come.")
        known = self.classes_ if going_on else np.unique(labels(classes))
        if going_on and classes is not None and not np.array_equal(np.unique(labels(classes)), known):
            raise InputError(
                f"classes={classes!r} is not what the first call of partial_fit was given: {known.tolist()}."
            )
        given, self.classes_ = self._examples(X, y, sample_weight, known, going_on=going_on)
        return self._learn(given, going_on=going_on, changes=ONE_PASS)

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable label of each example."""
        outputs = self._outputs(X)
        found: np.ndarray = self.classes_[self.task_.interpret(outputs)["class"].numpy()]
        return found

    @available_if(_gives_probabilities)
    def predict_proba(self, X: Any) -> np.ndarray:
        """Return probabilities, (examples, classes), in the order of `classes_`."""
        return self._probabilities(self._outputs(X))

    @available_if(_gives_probabilities)
    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Return the logarithms of the probabilities."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the logits: of two classes the second's, (examples,), of more one a class, (examples, classes)."""
        outputs = self._outputs(X)
        if self.task_.output_kind == "logits":
            scores = outputs.double().numpy()
        else:
            scores = np.log(self._probabilities(outputs).clip(np.finfo(np.float64).tiny))
        if scores.shape[1] == 1:
            return scores[:, 0]
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    def _probabilities(self, outputs: torch.Tensor) -> np.ndarray:
        shares = self.task_.interpret(outputs)["probabilities"].double().numpy()
        return shares / shares.sum(axis=1, keepdims=True)

    def _examples(
        self, X: Any, y: Any, sample_weight: Any, classes: np.ndarray | None, *, going_on: bool
    ) -> tuple[Examples, np.ndarray]:
        """Check examples, and return them with the classes: those that were known before, or those of `y`."""
        name, y = name_of(y, X), labels(y)
        X = self._check(X, y, going_on=going_on)
        each = weights(sample_weight, len(y))
        counting = y if each is None else y[each > 0]
        if classes is None:
            classes = np.unique(counting)
        unknown = np.setdiff1d(counting, classes)
        if len(unknown):
            raise InputError(
                f"y holds the class {unknown.tolist()[0]!r}, which is none of those known ({', '.join(map(str, classes[:20]))}). "
                f"Name all of them in classes= of the first partial_fit, or fit anew with warm_start=False."
            )
        if len(classes) < 2:
            raise InputError(
                f"y holds one class, {classes.tolist()[0]!r}. A classifier learns from examples of two classes at least."
            )
        codes = np.searchsorted(classes, y).clip(max=len(classes) - 1)  # of other labels any code: their weight is 0
        each = weights_of_classes(self.class_weight, classes, codes, each)
        return Examples(X, name, Raw("category", codes, classes=tuple(classes.tolist())), each), classes
