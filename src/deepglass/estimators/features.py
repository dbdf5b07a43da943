"""Features: what a layer of a trained network gives, as columns for scikit-learn's tools."""

import copy
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from deepglass.data import Field
from deepglass.data.inputs import encode_inputs
from deepglass.errors import InputError, SettingError, ShapeError
from deepglass.estimators.estimator import FEWEST
from deepglass.estimators.given import as_value_errors, examples, is_frame
from deepglass.inside import activations
from deepglass.networks import call
from deepglass.networks.depth import layer_groups
from deepglass.run import Run
from deepglass.threads import in_worker, use_threads

AT_ONCE = 256  # examples that go through the network together


class Features(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """A trained network as a transformer: examples in, what one of its layers gives for them out. Nothing is learned.

    Args:
        source: a Run or its folder, whose encodings are used, or an nn.Module, which takes X as it is, as float32.
        layer: the name of the layer, as `deepglass.summary` lists it; None: what the head is given.
    Shapes: X (examples, ...) as `Run.predict` takes arrays and tables; out (examples, features) float32, maps flattened.

    >>> make_pipeline(Features("runs/cifar10-resnet20-20260102-1"), LogisticRegression()).fit(X, y)
    """

    network_: nn.Module
    fields_: dict[str, Field] | None
    _n_features_out: int

    def __init__(self, source: Any = None, *, layer: str | None = None) -> None:
        self.source = source
        self.layer = layer

    def fit(self, X: Any, y: Any = None) -> Self:
        """Look at the examples' form, and at what comes out; the network stays as it is.

        Raises: SettingError, without a network; UnknownName, for a layer that is not there; InputError, when X does not fit.
        """
        if not isinstance(self.layer, str | None):
            raise SettingError(f"layer={self.layer!r} is no name of a layer. Give one as deepglass.summary lists them.")
        self.network_, self.fields_ = self._opened()
        self._columns = [str(c) for c in X.columns] if is_frame(X) else None
        X = examples(self, X, reset=True, as_table=is_frame(X))
        if self.layer is None and not layer_groups(self.network_):
            raise SettingError("This network has no layer with weights, and so no head. Name a layer: layer=...")
        self._n_features_out = self._features(X[:1] if not is_frame(X) else X.iloc[:1]).shape[1]
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return what the layer gives for each example, (examples, features) float32."""
        check_is_fitted(self)
        X = examples(self, X, reset=False, as_table=self._columns is not None)
        return self._features(X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float32"]  # what networks compute in
        return tags

    def _opened(self) -> tuple[nn.Module, dict[str, Field] | None]:
        source = self.source
        if isinstance(source, str | Path):
            source = Run(source)
        if isinstance(source, Run):
            return source.network, dict(source.fields)
        if isinstance(source, nn.Module):
            return copy.deepcopy(source).eval(), None
        raise SettingError(
            f"Features takes its network from a Run, its folder or an nn.Module; source={source!r} is none."
        )

    def _features(self, X: Any) -> np.ndarray:
        if in_worker():
            use_threads(1)
        if self.fields_ is None:
            encoded: dict[str, Tensor] = {"x": torch.from_numpy(np.array(X, dtype=np.float32))}
        else:
            with as_value_errors():
                encoded = encode_inputs(X, self.fields_)
        parts = []
        for ids in torch.arange(len(next(iter(encoded.values())))).split(AT_ONCE):
            rows = torch.cat([ids, ids[-1:].repeat(max(0, FEWEST - len(ids)))])
            parts.append(self._heard({n: v[rows] for n, v in encoded.items()})[: len(ids)])
        return torch.cat(parts).numpy()

    def _heard(self, inputs: dict[str, Tensor]) -> Tensor:
        try:
            if self.layer is None:
                values = _given_to_head(self.network_, inputs)
            else:
                asked = inputs if self.fields_ is not None else inputs["x"]
                values = activations(self.network_, asked, [self.layer])[self.layer].values
        except (ShapeError, RuntimeError) as error:
            shape = " x ".join(map(str, next(iter(inputs.values())).shape[1:]))
            raise InputError(
                f"An example of {shape} does not fit the network: {' '.join(str(error).split())}"
            ) from None
        return values.float().flatten(1)


@torch.no_grad()
def _given_to_head(network: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """What the last group of layers is given."""
    heard: list[Tensor] = []
    name = layer_groups(network)[-1].modules[0]
    handle = network.get_submodule(name).register_forward_pre_hook(lambda module, given: heard.append(given[0]))
    try:
        call(network, inputs)
    finally:
        handle.remove()
    return heard[-1]
