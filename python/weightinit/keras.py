"""Keras 3: initializers for layers, on every backend, which are saved and loaded with models.

>>> import keras, weightinit.keras
>>> layer = keras.layers.Dense(64, kernel_initializer=weightinit.keras.HeNormal(seed=7, name="fc.kernel"))
>>> layer.build((None, 48))
>>> import numpy, weightinit
>>> same = weightinit.array((48, 64), "he_normal", seed=7, name="fc.kernel", layout="keras")
>>> bool((numpy.asarray(layer.kernel) == same).all())
True
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras  # type: ignore[import-untyped]
import numpy as np

from . import _native
from ._api import numpy_dtype

__all__ = [
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "LecunNormal",
    "LecunUniform",
    "Named",
    "Orthogonal",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
]


@keras.saving.register_keras_serializable(package="weightinit")
class Named(keras.initializers.Initializer):  # type: ignore[misc]
    """Any initializer of `weightinit.initializers()`.

    An initializer gives the same numbers whenever it is called with one shape: each tensor gets one of its own, with
    the tensor's name.

    >>> Named("sinusoidal", seed=0, name="positions")((4, 6)).shape == (4, 6)
    True
    """

    def __init__(
        self, init: str, *, seed: int, name: str, layout: str = "keras", **parameters: float | str | bool
    ) -> None:
        """An initializer for one tensor.

        Args:
            init: The initializer's name.
            seed: From 0 to 2^64 - 1.
            name: The tensor's name, which is its stream.
            layout: Which axes are inputs and outputs: also ``"keras_transposed"``, ``"keras_depthwise"``.
            **parameters: The initializer's parameters.

        Raises:
            Error: What the library refuses, with its text.
        """
        self._init, self._seed, self._name = init, seed, name
        self._layout, self._parameters = layout, parameters
        self._native = _native.Initializer(init, layout=layout, **parameters)  # type: ignore[arg-type]

    def __call__(self, shape: Sequence[int], dtype: Any = None, **options: Any) -> Any:
        """A tensor of `shape`, of Keras' default type if `dtype` is None."""
        out = np.empty(tuple(shape), numpy_dtype(keras.backend.standardize_dtype(dtype)))
        _native.fill(out, self._native, seed=self._seed, name=self._name)
        return keras.ops.convert_to_tensor(out)

    def get_config(self) -> dict[str, Any]:
        """What `from_config` makes an equal one of."""
        return {"init": self._init, "seed": self._seed, "name": self._name, "layout": self._layout, **self._parameters}


class _Keras(Named):
    """One of Keras' own classes, with its parameters' names."""

    _called = ""

    def __init__(self, *, seed: int, name: str, layout: str = "keras", **parameters: float | str | bool) -> None:
        """An initializer for one tensor; parameters are Keras'."""
        super().__init__(self._called, seed=seed, name=name, layout=layout, **parameters)

    def get_config(self) -> dict[str, Any]:
        """What `from_config` makes an equal one of."""
        return {"seed": self._seed, "name": self._name, "layout": self._layout, **self._parameters}


@keras.saving.register_keras_serializable(package="weightinit")
class GlorotUniform(_Keras):
    """Glorot and Bengio (2010): uniform on ±√(6/(fan_in + fan_out))."""

    _called = "glorot_uniform"


@keras.saving.register_keras_serializable(package="weightinit")
class GlorotNormal(_Keras):
    """Glorot and Bengio (2010): truncated normal of variance 2/(fan_in + fan_out)."""

    _called = "glorot_normal"


@keras.saving.register_keras_serializable(package="weightinit")
class HeUniform(_Keras):
    """He et al. (2015): uniform on ±√(6/fan_in)."""

    _called = "he_uniform"


@keras.saving.register_keras_serializable(package="weightinit")
class HeNormal(_Keras):
    """He et al. (2015): truncated normal of variance 2/fan_in."""

    _called = "he_normal"


@keras.saving.register_keras_serializable(package="weightinit")
class LecunUniform(_Keras):
    """LeCun et al. (1998): uniform on ±√(3/fan_in)."""

    _called = "lecun_uniform"


@keras.saving.register_keras_serializable(package="weightinit")
class LecunNormal(_Keras):
    """LeCun et al. (1998): truncated normal of variance 1/fan_in."""

    _called = "lecun_normal"


@keras.saving.register_keras_serializable(package="weightinit")
class VarianceScaling(_Keras):
    """Variance scale/fan: `scale`, `mode` and `distribution` as `keras.initializers.VarianceScaling` has them."""

    _called = "variance_scaling"


@keras.saving.register_keras_serializable(package="weightinit")
class RandomNormal(_Keras):
    """Normal: `mean` (0) and `stddev` (0.05)."""

    _called = "random_normal"


@keras.saving.register_keras_serializable(package="weightinit")
class RandomUniform(_Keras):
    """Uniform: `minval` (-0.05) and `maxval` (0.05)."""

    _called = "random_uniform"


@keras.saving.register_keras_serializable(package="weightinit")
class TruncatedNormal(_Keras):
    """Normal within 2 standard deviations: `mean` (0) and `stddev` (0.05)."""

    _called = "truncated_normal"

    def __init__(self, *, seed: int, name: str, mean: float = 0.0, stddev: float = 0.05, layout: str = "keras") -> None:
        """An initializer for one tensor."""
        super().__init__(seed=seed, name=name, layout=layout, mean=mean, std=stddev)

    def get_config(self) -> dict[str, Any]:
        """What `from_config` makes an equal one of."""
        config = super().get_config()
        config["stddev"] = config.pop("std")
        return config


@keras.saving.register_keras_serializable(package="weightinit")
class Orthogonal(_Keras):
    """Saxe et al. (2014): orthogonal as a matrix, vectors of length `gain` (1)."""

    _called = "orthogonal"
