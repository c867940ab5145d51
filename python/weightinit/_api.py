"""Arrays, choices and plans: what is made of the native part in Python."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from . import _native
from ._native import Choice, Initializer, OutputError

#: A tensor's shape: whole numbers, or one for a vector.
Shape = int | Sequence[int]
#: Rules by globs, of which the first that matches a name decides: an initializer, or its name, or a table such as
#: ``{"init": "normal", "std": 0.02}``.
Rules = Mapping[str, "str | Initializer | Mapping[str, Any]"]

# By this package's names: NumPy's own types, and those of ml_dtypes.
_NUMPY = {"f32": "float32", "f16": "float16", "f64": "float64", "u32": "uint32"}
_ML_DTYPES = {"bf16": "bfloat16", "f8_e4m3": "float8_e4m3fn", "f8_e5m2": "float8_e5m2"}


def array(
    shape: Shape,
    init: str | Initializer,
    *,
    seed: int,
    name: str | None = None,
    stream: int | None = None,
    dtype: Any = "float32",
    layout: str | None = None,
    offsets: Sequence[int] | None = None,
    size: Shape | None = None,
    groups: int = 1,
    **parameters: float | str | bool,
) -> np.ndarray[Any, Any]:
    """A new NumPy array of `shape`, initialized as `fill` does it.

    Args:
        shape: The tensor's shape; of a part, that of the whole tensor.
        init: An initializer's name, as `initializers()` has them, or an `Initializer`.
        seed: From 0 to 2^64 - 1.
        name: The tensor's name, which is its stream; or
        stream: the stream as a number.
        dtype: The element type, by any framework's name for it or as one of its objects. bfloat16 and types of 8 bits
            need the package `ml_dtypes`.
        layout: Which axes are inputs and outputs [default: ``"torch"``].
        offsets: Of a part, where it begins; with `size`, its shape.
        size: The shape of the part.
        groups: Groups of a grouped convolution.
        **parameters: The initializer's parameters.

    Raises:
        Error: What the library refuses, with its text.

    >>> array((2, 3), "identity", seed=0, name="eye").tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    if (offsets is None) != (size is None):
        raise _native.Error("offsets and size go together: which part of the tensor is made; give both")
    out = np.empty(_dimensions(shape if size is None else size), dtype=numpy_dtype(dtype))
    whole: dict[str, Any] = {} if size is None else {"shape": shape, "offsets": offsets}
    _native.fill(
        out,
        init,
        seed=seed,
        name=name,
        stream=stream,
        layout=layout,
        groups=groups,
        **whole,
        **parameters,  # type: ignore[arg-type]
    )
    return out


def _dimensions(shape: Shape) -> tuple[int, ...]:
    return (int(shape),) if isinstance(shape, int) else tuple(shape)


def numpy_dtype(dtype: Any) -> np.dtype[Any]:
    """NumPy's type for a type by any framework's name."""
    name = _native.dtype_name(dtype_name(dtype))
    if name in _NUMPY:
        return np.dtype(_NUMPY[name])
    try:
        import ml_dtypes
    except ImportError as error:
        raise OutputError(
            f"arrays of {name} need the package ml_dtypes; install it, or fill a tensor of PyTorch"
        ) from error
    made: np.dtype[Any] = np.dtype(getattr(ml_dtypes, _ML_DTYPES[name]))
    return made


def dtype_name(dtype: Any) -> str:
    """What a type is called, whichever framework's it is."""
    if isinstance(dtype, str):
        return dtype
    if isinstance(dtype, np.dtype | type):
        return np.dtype(dtype).name
    found = getattr(dtype, "dtype", dtype)  # jax.numpy.float32 is no type, but has one.
    return found.name if isinstance(found, np.dtype) else str(found)


def choose(
    tensors: Mapping[str, Sequence[int]] | Iterable[tuple[str, Sequence[int]]],
    recipe: str | Rules | None = "auto",
    *,
    rules: Rules | None = None,
    config: Any = None,
    **parameters: float | str | bool,
) -> dict[str, Choice]:
    """Which initializer each tensor of a model gets.

    Args:
        tensors: Shapes by names.
        recipe: A recipe's name, as `recipes()` has them; ``"auto"``, that of `config`, else that of the library whose
            names the tensors have; rules alone; or None, for `rules` alone.
        rules: Initializers by globs, which come before the recipe.
        config: The model's configuration: an object of transformers, or a mapping with the fields of its `config.json`.
        **parameters: The recipe's parameters, in the place of the configuration's fields.

    Raises:
        Error: A tensor that nothing decides, a rule that no tensor is left for, a parameter that reaches no tensor, and
            all that recipes refuse.

    >>> choices = choose({"wte.weight": (50, 8), "h.0.mlp.c_fc.weight": (8, 32)}, "gpt2")
    >>> choices["wte.weight"].initializer.law((50, 8)).std
    0.02
    """
    recipe, rules = divided(recipe, rules)
    return choose_with(tensors, set(), rules, recipe, config, parameters)


def divided(recipe: str | Rules | None, rules: Rules | None) -> tuple[str | None, Rules | None]:
    """A recipe's name and rules, where either may stand in the recipe's place."""
    if not isinstance(recipe, Mapping):
        return recipe, rules
    if rules is not None:
        raise _native.Error("there are rules in the place of the recipe and in rules; give one of both")
    return None, recipe


def choose_with(
    tensors: Mapping[str, Sequence[int]] | Iterable[tuple[str, Sequence[int]]],
    optional: set[str],
    rules: Rules | None,
    recipe: str | None,
    config: Any,
    parameters: Mapping[str, float | str | bool],
) -> dict[str, Choice]:
    """As `choose`, where tensors that are `optional` may get nothing."""
    listed = [(glob, _initializer(call)) for glob, call in (rules or {}).items()]
    shapes = dict(tensors.items() if isinstance(tensors, Mapping) else tensors)
    shapes = {name: [int(d) for d in shape] for name, shape in shapes.items()}
    return _native.choose(shapes, optional, listed, recipe, None if config is None else _json(config), dict(parameters))


def check_choices(choices: Mapping[str, Choice], tensors: Mapping[str, tuple[Sequence[int], str]]) -> None:
    """Refuses what `fill` would refuse of tensors by shape and type, before any is written."""
    for name, choice in choices.items():
        shape, dtype = tensors[name]
        try:
            _native.check(shape, choice.initializer, dtype)
        except _native.Error as error:
            raise _native.Error(f"tensor '{name}': {error}") from None


def _initializer(call: str | Initializer | Mapping[str, Any]) -> Initializer:
    if isinstance(call, Initializer):
        return call
    if isinstance(call, str):
        return Initializer(call)
    if not isinstance(call, Mapping) or "init" not in call:
        raise OutputError(
            f"a rule says {call!r}; expected an initializer, its name, or a table such as {{'init': 'zeros'}}"
        )
    table = dict(call)
    return Initializer(table.pop("init"), **table)


def _json(config: Any) -> str:
    if isinstance(config, Mapping):
        return json.dumps(_plain(dict(config)))
    if hasattr(config, "to_dict"):
        return json.dumps(_plain(config.to_dict()))
    raise OutputError(f"config is a {type(config).__qualname__}; expected a mapping, or an object with to_dict()")


def _plain(value: Any) -> Any:
    """What JSON has, or the words of what it lacks, such as types."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"__float__": str(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return str(value).removeprefix("torch.")


def plan(
    shape: Shape,
    init: str | Initializer,
    *,
    seed: int,
    name: str | None = None,
    stream: int | None = None,
    dtype: Any = "float32",
    layout: str | None = None,
    offsets: Shape | None = None,
    size: Shape | None = None,
    groups: int = 1,
    **parameters: float | str | bool,
) -> dict[str, Any]:
    """What a WebGPU implementation dispatches to fill a buffer with the tensor: `docs/plan.schema.json` says how.

    Args:
        shape: The tensor's shape.
        init: An initializer's name, or an `Initializer`.
        seed: From 0 to 2^64 - 1.
        name: The tensor's name, which is its stream; or
        stream: the stream as a number.
        dtype: The element type.
        layout: Which axes are inputs and outputs [default: ``"torch"``].
        offsets: Of a part, where it begins, one for each dimension; with `size`, its shape.
        size: The shape of the part.
        groups: Groups of a grouped convolution.
        **parameters: The initializer's parameters.

    Raises:
        Error: What the library refuses; orthogonal tensors, which a plan cannot say.

    >>> [buffer["bytes"] for buffer in plan((64, 48), "he_normal", seed=7, name="fc.weight")["buffers"]]
    [12288]
    """
    text = _native.plan(
        shape,
        init,
        seed=seed,
        name=name,
        stream=stream,
        dtype=dtype_name(dtype),
        layout=layout,
        offsets=offsets,
        size=size,
        groups=groups,
        **parameters,
    )
    document: dict[str, Any] = json.loads(text)
    return document
