#!/usr/bin/env python3
"""Writes tests/data/stft.safetensors: kernels of Keras' STFT initializer, a tensor for each call, named as the call.

Needs keras with a backend (jax), scipy and safetensors. Keras computes in f32.
"""

import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from safetensors.numpy import save_file

WINDOWS = "hann hamming blackman blackmanharris nuttall flattop cosine bartlett boxcar".split()
CALLS = [("real", window, "density", False) for window in WINDOWS]
CALLS += [("imag", window, "spectrum", True) for window in WINDOWS]
CALLS += [("imag", "hann", None, False)]
SHAPE = (20, 1, 17)


def main():
    tensors = {}
    for side, window, scaling, periodic in CALLS:
        name = f"{side},{window},{str(scaling).lower()},{str(periodic).lower()}"
        initializer = keras.initializers.STFT(side, window, scaling, periodic)
        tensors[name] = np.asarray(initializer(SHAPE, "float32"))
    path = pathlib.Path(__file__).parent.parent.parent / "tests" / "data" / "stft.safetensors"
    save_file(tensors, path)
    print(f"{path.name}: {len(tensors)} kernels by keras {keras.__version__}")


if __name__ == "__main__":
    main()
