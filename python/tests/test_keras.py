"""Keras 3, on the backend that KERAS_BACKEND names."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import weightinit

keras = pytest.importorskip("keras")

import weightinit.keras as wk  # noqa: E402

CLASSES = [name for name in wk.__all__ if name != "Named"]


def numbers(tensor):
    return keras.ops.convert_to_numpy(tensor)


@pytest.mark.parametrize("name", CLASSES)
def test_scales_are_kerass(name):
    theirs = getattr(keras.initializers, name)(seed=1)
    ours = getattr(wk, name)(seed=1, name="fc.kernel")
    assert isinstance(ours, keras.initializers.Initializer)
    theirs, ours = numbers(theirs((300, 400))), numbers(ours((300, 400)))
    assert ours.dtype == theirs.dtype == np.float32
    assert abs(ours.mean() - theirs.mean()) < 0.02 * theirs.std()
    assert abs(ours.std() - theirs.std()) < 0.02 * theirs.std()


@pytest.mark.parametrize("name", CLASSES)
def test_they_are_serializable(name):
    options = {"RandomNormal": {"stddev": 2.0}, "RandomUniform": {"maxval": 2.0}, "TruncatedNormal": {"stddev": 0.5}}
    made = getattr(wk, name)(seed=2**60, name="a", **options.get(name, {}))
    again = keras.initializers.deserialize(keras.initializers.serialize(made))
    assert type(again) is type(made) and again.get_config() == made.get_config()
    assert (numbers(again((8, 8))) == numbers(made((8, 8)))).all()
    theirs = inspect.signature(getattr(keras.initializers, name)).parameters
    assert set(options.get(name, {})) <= set(theirs)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_bits(dtype):
    ours = wk.HeNormal(seed=7, name="fc.kernel")((48, 64), dtype)
    expected = weightinit.array((48, 64), "he_normal", seed=7, name="fc.kernel", layout="keras", dtype=dtype)
    assert keras.backend.standardize_dtype(ours.dtype) == dtype
    assert (numbers(keras.ops.cast(ours, "float32")) == expected.astype(np.float32)).all()


def test_a_model_is_saved_and_loaded(tmp_path):
    inputs = keras.Input((12, 12, 3))
    x = keras.layers.Conv2D(8, 3, kernel_initializer=wk.HeNormal(seed=1, name="conv.kernel"))(inputs)
    x = keras.layers.Flatten()(x)
    outputs = keras.layers.Dense(4, kernel_initializer=wk.Named("orthogonal", seed=1, name="fc.kernel", gain=2.0))(x)
    model = keras.Model(inputs, outputs)
    expected = weightinit.array((3, 3, 3, 8), "he_normal", seed=1, name="conv.kernel", layout="keras")
    assert (numbers(model.layers[1].kernel) == expected).all()
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert all((numbers(one) == numbers(other)).all() for one, other in zip(model.weights, loaded.weights, strict=True))
    assert loaded.layers[-1].kernel_initializer.get_config()["gain"] == 2.0
    fresh = keras.models.clone_model(loaded)
    assert (numbers(fresh.layers[1].kernel) == expected).all()


def test_what_is_refused():
    with pytest.raises(weightinit.Error, match="unknown initializer 'he'"):
        wk.Named("he", seed=0, name="a")
    with pytest.raises(weightinit.Error, match="has no parameter 'sd'"):
        wk.RandomNormal(seed=0, name="a", sd=1)
    with pytest.raises(TypeError, match="name"):
        wk.HeNormal(seed=0)
