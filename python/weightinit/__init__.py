"""Weight initializers, the same bits everywhere: on every GPU, on the CPU, in every framework, under any sharding.

Each element is a function of *(seed, tensor name, index)* alone.

>>> import numpy, weightinit
>>> weight = numpy.empty((64, 48), dtype="float32")
>>> weightinit.fill(weight, "he_normal", seed=7, name="fc.weight")
>>> part = numpy.empty((16, 48), dtype="float32")
>>> weightinit.fill(part, "he_normal", seed=7, name="fc.weight", shape=(64, 48), offsets=(32, 0))
>>> bool((part == weight[32:48]).all())
True
"""

from __future__ import annotations

from ._api import array, choose, plan
from ._files import init_file, plan_file, verify_file
from ._native import Choice, Error, Initializer, Law, OutputError, fill, initializers, recipes, stream_of

__all__ = [
    "Choice",
    "Error",
    "Initializer",
    "Law",
    "OutputError",
    "array",
    "choose",
    "fill",
    "init_file",
    "initializers",
    "plan",
    "plan_file",
    "recipes",
    "stream_of",
    "verify_file",
]
