"""Tensors of any kind: on the CPU, on other devices, and shards of distributed ones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import torch

from .. import _native
from .._native import Initializer, OutputError

#: Elements that are staged at a time for other devices' tensors.
STAGED = 1 << 24

Tensor = TypeVar("Tensor", bound=torch.Tensor)


@torch.no_grad()
def fill_(
    tensor: Tensor,
    init: str | Initializer,
    *,
    seed: int,
    name: str | None = None,
    stream: int | None = None,
    layout: str | None = None,
    shape: Sequence[int] | None = None,
    offsets: Sequence[int] | None = None,
    groups: int = 1,
    **parameters: float | str | bool,
) -> Tensor:
    """Fills a tensor in place, and returns it.

    Of a DTensor the shard that this process holds is filled, from the global shape and the shard's offsets, without
    communication. Tensors of other devices than the CPU are computed on the CPU and copied, on CUDA through pinned
    memory while the next part is computed.

    Args:
        tensor: A strided tensor of float32, float16, bfloat16, float64, float8_e4m3fn or float8_e5m2.
        init: An initializer's name, as `weightinit.initializers()` has them, or an `Initializer`.
        seed: From 0 to 2^64 - 1.
        name: The tensor's name, which is its stream; or
        stream: the stream as a number.
        layout: Which axes are inputs and outputs [default: ``"torch"``].
        shape: Where `tensor` is a part of a larger one, the shape of that, with
        offsets: where the part begins, one for each dimension.
        groups: Groups of a grouped convolution.
        **parameters: The initializer's parameters.

    Raises:
        Error: What the library refuses, with its text.
        OutputError: A tensor on meta, or one that cannot be written.
    """
    known = init
    if isinstance(init, str):
        known = Initializer(init, layout=layout or "torch", groups=groups, **parameters)
        layout, groups, parameters = None, 1, {}
    local, whole, first = located(tensor)
    if shape is not None or offsets is not None:
        if local is not tensor:
            raise OutputError("a DTensor has its own shape and offsets; leave them out")
        if shape is None or offsets is None:
            raise _native.Error("shape and offsets go together: which part of which tensor it is; give both")
        whole, first = list(shape), list(offsets)
    options = {"seed": seed, "name": name, "stream": stream, "layout": layout, "groups": groups, **parameters}
    if local.is_meta:
        raise OutputError(
            "the tensor is on meta, which has no memory; make one by torch.empty_like, or a module's by init_"
        )
    if local.device.type == "cpu":
        _native.fill(local, known, shape=whole, offsets=first, **options)  # type: ignore[arg-type]
    else:
        staged(local, known, whole, first, options)
    return tensor


def located(tensor: torch.Tensor) -> tuple[torch.Tensor, list[int], list[int]]:
    """The part of a tensor that this process holds, the shape of the whole, and where the part begins in it."""
    if type(tensor).__name__ != "DTensor" and not hasattr(tensor, "placements"):
        return tensor, list(tensor.shape), [0] * tensor.dim()
    from torch.distributed.tensor import DTensor
    from torch.distributed.tensor._utils import compute_local_shape_and_global_offset

    assert isinstance(tensor, DTensor)
    if any(placement.is_partial() for placement in tensor.placements):
        raise OutputError("a DTensor of partial sums has no elements of its own; redistribute it first")
    local = tensor.to_local()
    size, first = compute_local_shape_and_global_offset(tensor.shape, tensor.device_mesh, tensor.placements)
    if tuple(size) != tuple(local.shape):
        raise OutputError(
            f"a DTensor with placements {tensor.placements} holds {tuple(local.shape)}, which is no block of it"
        )
    # A shard without elements begins nowhere.
    return local, list(tensor.shape), list(first) if local.numel() else [0] * tensor.dim()


def staged(
    tensor: torch.Tensor, init: str | Initializer, whole: Sequence[int], first: Sequence[int], options: dict[str, Any]
) -> None:
    """Fills a tensor of another device part by part: one is copied while the next is computed."""
    pinned = tensor.device.type == "cuda"
    buffers: list[torch.Tensor] = []
    copied: list[Any] = []
    for number, index in enumerate(blocks(tensor.shape, STAGED)):
        part = tensor[index]
        turn = number % 2
        if len(buffers) <= turn:
            buffers.append(
                torch.empty(min(max(part.numel(), STAGED), tensor.numel()), dtype=tensor.dtype, pin_memory=pinned)
            )
            copied.append(None)
        if copied[turn] is not None:
            copied[turn].synchronize()
        buffer = buffers[turn][: part.numel()].view(part.shape)
        begins = [start + (at.start or 0) for start, at in zip(first, index, strict=True)]
        _native.fill(buffer, init, shape=list(whole), offsets=begins, **options)
        part.copy_(buffer, non_blocking=pinned)
        if pinned:
            copied[turn] = torch.cuda.Event()  # type: ignore[no-untyped-call]
            copied[turn].record(torch.cuda.current_stream(tensor.device))
    for event in copied:
        if event is not None:
            event.synchronize()


def blocks(shape: Sequence[int], most: int) -> Iterator[tuple[slice, ...]]:
    """Parts of a tensor of `shape` of at most `most` elements, along its first axes."""
    if 0 in shape:
        return
    if math.prod(shape) <= most or not shape:
        yield tuple(slice(0, size) for size in shape)
        return
    below = math.prod(shape[1:])
    step = max(1, most // below)
    for start in range(0, shape[0], step):
        rows = slice(start, min(start + step, shape[0]))
        for inner in blocks(shape[1:], most) if below > most else [tuple(slice(0, size) for size in shape[1:])]:
            yield (rows, *inner)
