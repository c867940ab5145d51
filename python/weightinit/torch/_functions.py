"""Drop-ins for `torch.nn.init`: its functions' signatures, with `seed=` and `name=`."""

from __future__ import annotations

from typing import TypeVar

import torch

from .. import _native
from ._tensor import fill_

Tensor = TypeVar("Tensor", bound=torch.Tensor)


def _checked(generator: object) -> None:
    if generator is not None:
        raise _native.Error("a generator has no part in it: elements follow from seed and name; leave it out")


def uniform_(
    tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: torch.Generator | None = None, *, seed: int, name: str
) -> Tensor:
    """Uniform on [a, b), as `torch.nn.init.uniform_`."""
    _checked(generator)
    return fill_(tensor, "uniform", seed=seed, name=name, low=a, high=b)


def normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    generator: torch.Generator | None = None,
    *,
    seed: int,
    name: str,
) -> Tensor:
    """Normal, as `torch.nn.init.normal_`."""
    _checked(generator)
    return fill_(tensor, "normal", seed=seed, name=name, mean=mean, std=std)


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: torch.Generator | None = None,
    *,
    seed: int,
    name: str,
) -> Tensor:
    """Normal conditioned on [a, b], as `torch.nn.init.trunc_normal_`."""
    _checked(generator)
    return fill_(tensor, "truncated_normal", seed=seed, name=name, mean=mean, std=std, lower=a, upper=b)


def constant_(tensor: Tensor, val: float, *, seed: int = 0, name: str = "") -> Tensor:
    """`val` everywhere, as `torch.nn.init.constant_`; seed and name make no difference."""
    return fill_(tensor, "constant", seed=seed, name=name, value=val)


def ones_(tensor: Tensor, *, seed: int = 0, name: str = "") -> Tensor:
    """1 everywhere, as `torch.nn.init.ones_`; seed and name make no difference."""
    return fill_(tensor, "ones", seed=seed, name=name)


def zeros_(tensor: Tensor, *, seed: int = 0, name: str = "") -> Tensor:
    """0 everywhere, as `torch.nn.init.zeros_`; seed and name make no difference."""
    return fill_(tensor, "zeros", seed=seed, name=name)


def eye_(tensor: Tensor, *, seed: int = 0, name: str = "") -> Tensor:
    """The identity, as `torch.nn.init.eye_`; seed and name make no difference."""
    return fill_(tensor, "eye", seed=seed, name=name)


def dirac_(tensor: Tensor, groups: int = 1, *, seed: int = 0, name: str = "") -> Tensor:
    """The identity of channels, as `torch.nn.init.dirac_`; seed and name make no difference."""
    return fill_(tensor, "dirac", seed=seed, name=name, groups=groups)


def xavier_uniform_(
    tensor: Tensor, gain: float = 1.0, generator: torch.Generator | None = None, *, seed: int, name: str
) -> Tensor:
    """Uniform at the scale of Glorot and Bengio (2010), as `torch.nn.init.xavier_uniform_`."""
    _checked(generator)
    return fill_(tensor, "xavier_uniform", seed=seed, name=name, gain=gain)


def xavier_normal_(
    tensor: Tensor, gain: float = 1.0, generator: torch.Generator | None = None, *, seed: int, name: str
) -> Tensor:
    """Normal at the scale of Glorot and Bengio (2010), as `torch.nn.init.xavier_normal_`."""
    _checked(generator)
    return fill_(tensor, "xavier_normal", seed=seed, name=name, gain=gain)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: torch.Generator | None = None,
    *,
    seed: int,
    name: str,
) -> Tensor:
    """Uniform at the scale of He et al. (2015), as `torch.nn.init.kaiming_uniform_`."""
    _checked(generator)
    return fill_(tensor, "kaiming_uniform", seed=seed, name=name, a=a, mode=mode, nonlinearity=nonlinearity)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: torch.Generator | None = None,
    *,
    seed: int,
    name: str,
) -> Tensor:
    """Normal at the scale of He et al. (2015), as `torch.nn.init.kaiming_normal_`."""
    _checked(generator)
    return fill_(tensor, "kaiming_normal", seed=seed, name=name, a=a, mode=mode, nonlinearity=nonlinearity)


def orthogonal_(
    tensor: Tensor, gain: float = 1, generator: torch.Generator | None = None, *, seed: int, name: str
) -> Tensor:
    """Orthogonal as a matrix (Saxe et al., 2014), as `torch.nn.init.orthogonal_`."""
    _checked(generator)
    return fill_(tensor, "orthogonal", seed=seed, name=name, gain=gain)


def sparse_(
    tensor: Tensor,
    sparsity: float,
    std: float = 0.01,
    generator: torch.Generator | None = None,
    *,
    seed: int,
    name: str,
) -> Tensor:
    """Normal with zeros in each column (Martens, 2010), as `torch.nn.init.sparse_`."""
    _checked(generator)
    return fill_(tensor, "sparse", seed=seed, name=name, sparsity=sparsity, std=std)
