"""JAX and Flax: initializers with the signatures of `jax.nn.initializers`, and whole models onto a mesh.

>>> import jax, weightinit.jax
>>> weightinit.jax.he_normal(name="fc.kernel")(jax.random.key(7), (48, 64)).shape
(48, 64)
>>> import weightinit
>>> same = weightinit.array((48, 64), "he_normal", seed=7, name="fc.kernel", layout="in=-2,out=-1")
>>> bool((weightinit.jax.he_normal(name="fc.kernel")(jax.random.key(7), (48, 64)) == same).all())
True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Sharding, SingleDeviceSharding

from . import _native
from ._api import Rules, check_choices, choose_with, divided, dtype_name, numpy_dtype
from ._native import Initializer as Native

__all__ = [
    "Initializer",
    "constant",
    "delta_orthogonal",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "init_sharded",
    "kaiming_normal",
    "kaiming_uniform",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "of",
    "ones",
    "orthogonal",
    "truncated_normal",
    "uniform",
    "variance_scaling",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]

Axes = int | Sequence[int]


class Initializer(Protocol):
    """What layers take: `jax.nn.initializers.Initializer`."""

    def __call__(self, key: jax.Array, shape: Sequence[int], dtype: Any = None, out_sharding: Any = None) -> jax.Array:
        """An array of `shape`."""


def of(
    init: str | Native, *, dtype: Any = None, name: str | None = None, layout: str | None = None, **parameters: Any
) -> Initializer:
    """The initializer called `init`, with JAX' signature.

    The key's data is the seed: `jax.random.key(7)` is seed 7. The stream is `name`'s; without one it is 0, since keys
    differ from parameter to parameter. Under `jit` and `vmap` the host fills by a callback.

    Args:
        init: An initializer's name, as `weightinit.initializers()` has them, or a `weightinit.Initializer`.
        dtype: The element type, where the call names none [default: JAX' default].
        name: The tensor's name.
        layout: Which axes are inputs and outputs [default: ``"keras"``, which is JAX'].
        **parameters: The initializer's parameters.

    Raises:
        Error: What the library refuses, with its text.
    """
    known = Native(init, layout=layout or "keras", **parameters) if isinstance(init, str) else init
    default = dtype
    number = 0 if name is None else _native.stream_of(name)

    def made(key: jax.Array, shape: Sequence[int], dtype: Any = None, out_sharding: Any = None) -> jax.Array:
        given = dtype if dtype is not None else default
        element = jnp.zeros((), jnp.float32 if given is None else given).dtype
        sizes = tuple(int(size) for size in shape)
        # What cannot be is refused where it is asked for, and not inside a callback.
        if 0 not in sizes:
            _native.check(sizes, known, dtype_name(element))

        def fill(words: Any) -> np.ndarray[Any, Any]:
            seed, stream = _words(np.asarray(words), number)
            out = np.empty(sizes, numpy_dtype(element))
            if out.size:
                _native.fill(out, known, seed=seed, stream=stream)
            return out

        data = jax.random.key_data(key) if jnp.issubdtype(key.dtype, jax.dtypes.prng_key) else key
        if isinstance(data, jax.core.Tracer):
            result = jax.ShapeDtypeStruct(sizes, element)  # type: ignore[no-untyped-call]
            array: jax.Array = jax.pure_callback(fill, result, data, vmap_method="sequential")
            if out_sharding is None:
                return array
            return jax.lax.with_sharding_constraint(array, out_sharding)  # type: ignore[no-any-return, no-untyped-call]
        return jax.device_put(fill(data), out_sharding) if out_sharding is not None else jnp.asarray(fill(data))

    return made


def _words(words: np.ndarray[Any, Any], stream: int) -> tuple[int, int]:
    """Seed and stream of a key's data: two words, or four of keys of kind rbg."""
    flat = [int(word) for word in words.reshape(-1)]
    if len(flat) not in (2, 4):
        raise _native.OutputError(f"the key has data of {words.shape}; give a single key of threefry2x32 or rbg")
    if len(flat) == 4:
        stream ^= flat[2] << 32 | flat[3]
    return flat[0] << 32 | flat[1], stream


def _layout(in_axis: Axes, out_axis: Axes, batch_axis: Axes) -> str:
    def axes(given: Axes) -> str:
        return "+".join(map(str, [given] if isinstance(given, int) else given))

    batch = axes(batch_axis)
    return f"in={axes(in_axis)},out={axes(out_axis)}" + (f",batch={batch}" if batch else "")


def variance_scaling(
    scale: float,
    mode: str,
    distribution: str,
    in_axis: Axes = -2,
    out_axis: Axes = -1,
    batch_axis: Axes = (),
    dtype: Any = None,
    *,
    name: str | None = None,
) -> Initializer:
    """Variance scale/fan, as `jax.nn.initializers.variance_scaling`."""
    law = "untruncated_normal" if distribution == "normal" else distribution
    layout = _layout(in_axis, out_axis, batch_axis)
    return of("variance_scaling", dtype=dtype, name=name, layout=layout, scale=scale, mode=mode, distribution=law)


def _by_fans(init: str, of_paper: str) -> Callable[..., Initializer]:
    def made(
        in_axis: Axes = -2, out_axis: Axes = -1, batch_axis: Axes = (), dtype: Any = None, *, name: str | None = None
    ) -> Initializer:
        return of(init, dtype=dtype, name=name, layout=_layout(in_axis, out_axis, batch_axis))

    made.__name__ = made.__qualname__ = init
    made.__doc__ = f"The scale of {of_paper}, as `jax.nn.initializers.{init}`."
    return made


glorot_normal = _by_fans("glorot_normal", "Glorot and Bengio (2010)")
glorot_uniform = _by_fans("glorot_uniform", "Glorot and Bengio (2010)")
he_normal = _by_fans("he_normal", "He et al. (2015)")
he_uniform = _by_fans("he_uniform", "He et al. (2015)")
lecun_normal = _by_fans("lecun_normal", "LeCun et al. (1998)")
lecun_uniform = _by_fans("lecun_uniform", "LeCun et al. (1998)")
# JAX' other names for the same: not PyTorch's initializers of these names.
xavier_normal, xavier_uniform, kaiming_normal, kaiming_uniform = glorot_normal, glorot_uniform, he_normal, he_uniform


def normal(stddev: float = 1e-2, dtype: Any = None, *, name: str | None = None) -> Initializer:
    """Normal, as `jax.nn.initializers.normal`."""
    return of("normal", dtype=dtype, name=name, std=stddev)


def truncated_normal(
    stddev: float = 1e-2, dtype: Any = None, lower: float = -2.0, upper: float = 2.0, *, name: str | None = None
) -> Initializer:
    """`stddev` times a standard normal between `lower` and `upper`, as `jax.nn.initializers.truncated_normal`."""
    return of("truncated_normal", dtype=dtype, name=name, std=stddev, lower=lower * stddev, upper=upper * stddev)


def uniform(scale: float = 1e-2, dtype: Any = None, *, name: str | None = None) -> Initializer:
    """Uniform on [0, scale), as `jax.nn.initializers.uniform`."""
    return of("uniform", dtype=dtype, name=name, low=0.0, high=scale)


def orthogonal(scale: float = 1.0, column_axis: int = -1, dtype: Any = None, *, name: str | None = None) -> Initializer:
    """Orthogonal as a matrix of the last axis' columns (Saxe et al., 2014), as `jax.nn.initializers.orthogonal`."""
    _columns(column_axis)
    return of("orthogonal", dtype=dtype, name=name, gain=scale)


def delta_orthogonal(
    scale: float = 1.0, column_axis: int = -1, dtype: Any = None, *, name: str | None = None
) -> Initializer:
    """Orthogonal in the centre of a kernel (Xiao et al., 2018), as `jax.nn.initializers.delta_orthogonal`."""
    _columns(column_axis)
    return of("delta_orthogonal", dtype=dtype, name=name, gain=scale)


def _columns(axis: int) -> None:
    if axis != -1:
        raise _native.Error(
            f"column_axis is {axis}; orthogonal matrices have their columns along the last axis; give -1"
        )


def constant(value: float, dtype: Any = None) -> Initializer:
    """`value` everywhere, as `jax.nn.initializers.constant`."""
    return of("constant", dtype=dtype, value=float(value))


def zeros(key: jax.Array, shape: Sequence[int], dtype: Any = None, out_sharding: Any = None) -> jax.Array:
    """0 everywhere, as `jax.nn.initializers.zeros`."""
    return jax.nn.initializers.zeros(key, shape, dtype, out_sharding)


def ones(key: jax.Array, shape: Sequence[int], dtype: Any = None, out_sharding: Any = None) -> jax.Array:
    """1 everywhere, as `jax.nn.initializers.ones`."""
    return jax.nn.initializers.ones(key, shape, dtype, out_sharding)


def init_sharded(
    shapes: Any,
    shardings: Any = None,
    recipe: str | Rules | None = "auto",
    seed: int = 0,
    *,
    rules: Rules | None = None,
    config: Any = None,
    separator: str = "/",
    **parameters: float | str | bool,
) -> Any:
    """A tree of arrays on a mesh, each device's shard filled by itself: the same global values on every mesh.

    No whole tensor is made, and nothing is communicated: each process fills what its own devices hold.

    Args:
        shapes: A tree of arrays or `jax.ShapeDtypeStruct`s, such as `jax.eval_shape(model.init, key, x)` gives. The
            keys that lead to a leaf make its name, joined by `separator`: ``"params/Dense_0/kernel"``.
        shardings: A tree of shardings like `shapes`, or one for all [default: the first device].
        recipe: A recipe's name; ``"auto"``, that of `config`, else that of the library whose names the tensors have;
            rules by globs; or None, for `rules` alone.
        seed: From 0 to 2^64 - 1.
        rules: Initializers by globs, which come before the recipe.
        config: The model's configuration, as `weightinit.choose` takes it.
        separator: What joins the keys of a name.
        **parameters: The recipe's parameters.

    Returns:
        The tree with `jax.Array`s in the place of the shapes.

    Raises:
        Error: A tensor that nothing decides, and all that `weightinit.choose` refuses.
    """
    leaves, tree = jax.tree_util.tree_flatten_with_path(shapes)
    names = [jax.tree_util.keystr(path, simple=True, separator=separator) for path, _ in leaves]
    if shardings is None:
        shardings = SingleDeviceSharding(jax.devices()[0])
    placed = [shardings] * len(leaves) if isinstance(shardings, Sharding) else tree.flatten_up_to(shardings)  # type: ignore[attr-defined]
    name, rules = divided(recipe, rules)
    sizes = {label: tuple(leaf.shape) for label, (_, leaf) in zip(names, leaves, strict=True)}
    choices = choose_with(sizes, set(), rules, name, config, parameters)
    types = [dtype_name(leaf.dtype) for _, leaf in leaves]
    check_choices(choices, {label: (sizes[label], dtype) for label, dtype in zip(names, types, strict=True)})

    def made(label: str, leaf: Any, sharding: Sharding) -> jax.Array:
        choice, element = choices[label], numpy_dtype(leaf.dtype)
        known: dict[tuple[tuple[int, int], ...], np.ndarray[Any, Any]] = {}

        def shard(index: tuple[slice, ...] | None) -> np.ndarray[Any, Any]:
            ends = tuple(at.indices(size)[:2] for at, size in zip(index or (), leaf.shape, strict=True))
            if ends not in known:
                part = np.empty([end - start for start, end in ends], element)
                first = [start for start, _ in ends]
                _native.fill(part, choice.initializer, seed=seed, name=choice.stream, shape=leaf.shape, offsets=first)
                known[ends] = part
            return known[ends]

        return jax.make_array_from_callback(tuple(leaf.shape), sharding, shard)

    arrays = [made(label, leaf, at) for label, (_, leaf), at in zip(names, leaves, placed, strict=True)]
    return jax.tree_util.tree_unflatten(tree, arrays)
