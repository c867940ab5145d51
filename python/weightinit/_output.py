"""What can be written in place, as NumPy arrays over the same memory."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from ._native import OutputError


def array(out: Any) -> tuple[np.ndarray[Any, Any], str | None]:
    """An array over the memory of `out`, and the name of its element type where the array does not tell it.

    Args:
        out: A CPU tensor of PyTorch, or anything with the buffer protocol or DLPack.

    Raises:
        OutputError: `out` is none of those, is read-only, or lies on another device.
    """
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(out, torch.Tensor):
        return _tensor(torch, out)
    try:
        view = memoryview(out)
    except TypeError:
        return _dlpack(out), None
    if view.readonly:
        raise OutputError(f"out of type {_type(out)} is read-only; give one that can be written")
    return np.asarray(view), None


def _tensor(torch: Any, out: Any) -> tuple[np.ndarray[Any, Any], str | None]:
    if type(out).__name__ == "DTensor":
        raise OutputError("out is a DTensor; weightinit.torch.fill_ fills the shard that this process holds")
    if not out.is_cpu:
        raise OutputError(f"out is on {out.device}; weightinit.torch.fill_ fills tensors of any device")
    if out.layout is not torch.strided:
        raise OutputError(f"out has layout {out.layout}; give a tensor with torch.strided")
    words, name = _kind(torch, out.dtype)
    # What autograd has saved of it is no longer so.
    if not out.is_inference():
        torch.autograd.graph.increment_version(out)
    flat = out.detach() if out.requires_grad else out
    return (flat if words is None else flat.view(words)).numpy(), name


_kinds: dict[Any, tuple[Any, str | None]] = {}


def _kind(torch: Any, dtype: Any) -> tuple[Any, str | None]:
    """Words of no meaning as which NumPy sees a type that it lacks, and that type's name; neither for types of both."""
    if dtype not in _kinds:
        words = {1: torch.uint8, 2: torch.uint16, 4: torch.uint32, 8: torch.uint64}.get(dtype.itemsize)
        if words is None or dtype.is_complex:
            raise OutputError(f"out has elements of {dtype}; expected a floating-point type")
        is_known = dtype in (torch.float16, torch.float32, torch.float64)
        _kinds[dtype] = (None, None) if is_known else (words, str(dtype))
    return _kinds[dtype]


def _dlpack(out: Any) -> np.ndarray[Any, Any]:
    if not hasattr(out, "__dlpack__"):
        raise OutputError(
            f"out is a {_type(out)}; expected a NumPy array, a CPU tensor of PyTorch, or anything with the buffer "
            "protocol or DLPack"
        )
    try:
        found = np.from_dlpack(out)
    except (BufferError, RuntimeError, TypeError, ValueError) as error:
        raise OutputError(f"out of type {_type(out)} cannot be reached by DLPack: {error}") from error
    if not found.flags.writeable:
        raise OutputError(f"out of type {_type(out)} is read-only; make one by weightinit.array instead")
    return found


def _type(out: Any) -> str:
    return f"{type(out).__module__}.{type(out).__qualname__}"
