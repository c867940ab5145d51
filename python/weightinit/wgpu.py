"""wgpu-py: buffers of a GPU, filled by the library's own shaders in an encoder of the caller.

Every bit is that of `weightinit.fill`, on every adapter. `Filler.encode` only records: it submits nothing and waits for
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import wgpu  # type: ignore[import-untyped]

from . import _native
from ._api import Shape, dtype_name, plan
from ._native import Initializer

__all__ = ["Filler"]

#: What WebGPU promises that offsets of bindings may be multiples of.
ALIGNMENT = 256


class Filler:
    """Fills buffers of one device. It keeps pipelines and tables, so keep it."""

    def __init__(self, device: wgpu.GPUDevice) -> None:
        """For a device with WebGPU's default limits or more."""
        self._device = device
        self._pipelines: dict[str, wgpu.GPUComputePipeline] = {}
        self._tables: dict[str, wgpu.GPUBuffer] = {}

    def encode(
        self,
        encoder: wgpu.GPUCommandEncoder,
        buffer: wgpu.GPUBuffer,
        init: str | Initializer,
        shape: Shape,
        *,
        seed: int,
        name: str | None = None,
        stream: int | None = None,
        dtype: Any = "float32",
        layout: str | None = None,
        offset: int = 0,
        offsets: Sequence[int] | None = None,
        size: Sequence[int] | None = None,
        groups: int = 1,
        **parameters: float | str | bool,
    ) -> None:
        """Records what fills a range of `buffer` with a tensor, or with a part of one.

        Args:
            encoder: Takes compute passes; whoever submits it owns it.
            buffer: With usage STORAGE. Its other bytes are left alone.
            init: An initializer's name, as `weightinit.initializers()` has them, or an `Initializer`.
            shape: The tensor's shape.
            seed: From 0 to 2^64 - 1.
            name: The tensor's name, which is its stream; or
            stream: the stream as a number.
            dtype: The element type.
            layout: Which axes are inputs and outputs [default: ``"torch"``].
            offset: Where in the buffer the range begins, in bytes: a multiple of 256.
            offsets: Of a part, where in the tensor it begins, one for each dimension; with
            size: the shape of the part.
            groups: Groups of a grouped convolution.
            **parameters: The initializer's parameters.

        Raises:
            Error: What the library refuses, with its text; a range that is not inside of the buffer.
        """
        document = plan(
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
        needed = sum(part["bytes"] for part in document["buffers"])
        # Bindings are of whole words.
        if offset < 0 or offset % ALIGNMENT or offset + -(-needed // 4) * 4 > buffer.size:
            raise _native.Error(
                f"{needed} bytes from {offset} on are no range of a buffer of {buffer.size} bytes that begins at a "
                f"multiple of {ALIGNMENT}; give another offset, or a larger buffer"
            )
        for dispatch in document["dispatches"]:
            pipeline = self._pipeline(dispatch, document["shaders"])
            entries = [
                self._bound(entry, dispatch, document["tables"], buffer, offset) for entry in dispatch["bindings"]
            ]
            group = self._device.create_bind_group(layout=pipeline.get_bind_group_layout(0), entries=entries)
            compute = encoder.begin_compute_pass()
            compute.set_pipeline(pipeline)
            compute.set_bind_group(0, group)
            compute.dispatch_workgroups(*dispatch["workgroups"])
            compute.end()

    def _pipeline(self, dispatch: dict[str, Any], shaders: dict[str, str]) -> wgpu.GPUComputePipeline:
        shader = dispatch["shader"]
        if shader not in self._pipelines:
            module = self._device.create_shader_module(code=shaders[shader])
            compute = {"module": module, "entry_point": dispatch["entry_point"]}
            self._pipelines[shader] = self._device.create_compute_pipeline(layout="auto", compute=compute)
        return self._pipelines[shader]

    def _bound(
        self,
        entry: dict[str, Any],
        dispatch: dict[str, Any],
        tables: dict[str, str],
        buffer: wgpu.GPUBuffer,
        offset: int,
    ) -> dict[str, Any]:
        place = {"offset": entry["offset"], "size": entry["size"]}
        if entry["kind"] == "storage":
            resource = {"buffer": buffer, "offset": entry["offset"] + offset, "size": entry["size"]}
        elif entry["kind"] == "uniform":
            contents = bytes.fromhex(dispatch["uniform"])
            made = self._device.create_buffer_with_data(data=contents, usage=wgpu.BufferUsage.UNIFORM)
            resource = {"buffer": made, **place}
        else:
            resource = {"buffer": self._table(entry["table"], tables), **place}
        return {"binding": entry["binding"], "resource": resource}

    def _table(self, name: str, tables: dict[str, str]) -> wgpu.GPUBuffer:
        if name not in self._tables:
            contents = bytes.fromhex(tables[name])
            self._tables[name] = self._device.create_buffer_with_data(data=contents, usage=wgpu.BufferUsage.STORAGE)
        return self._tables[name]
