"""PyTorch: modules, plain, on meta or sharded; drop-ins for `torch.nn.init`; models that initialize themselves.

>>> import torch, weightinit.torch
>>> layer = torch.nn.Linear(48, 64)
>>> layer = weightinit.torch.init_(layer, "torch", seed=7)
>>> import weightinit
>>> same = weightinit.array(64, "uniform", seed=7, name="bias", low=-(48**-0.5), high=48**-0.5)
>>> bool((layer.bias.detach().numpy() == same).all())
True
"""

from __future__ import annotations

from ._building import Building, building
from ._functions import (
    constant_,
    dirac_,
    eye_,
    kaiming_normal_,
    kaiming_uniform_,
    normal_,
    ones_,
    orthogonal_,
    sparse_,
    trunc_normal_,
    uniform_,
    xavier_normal_,
    xavier_uniform_,
    zeros_,
)
from ._module import init_
from ._tensor import fill_

__all__ = [
    "Building",
    "building",
    "constant_",
    "dirac_",
    "eye_",
    "fill_",
    "init_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]
