"""The command line's jobs on files, as functions."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from . import _native
from ._api import dtype_name

#: Any path.
Path = str | os.PathLike[str]
#: What is told how far a job is: elements that are done, and all of them. What it raises ends the job.
Progress = Callable[[int, int], object]


def init_file(
    spec: Path,
    out: Path,
    *,
    seed: int | None = None,
    dtype: Any = None,
    layout: str | None = None,
    init: str | None = None,
    recipe: str | None = None,
    config: Path | None = None,
    parameters: Mapping[str, float | str] | None = None,
    roles: Mapping[str, str] | None = None,
    backend: str = "auto",
    adapter: str | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Fills all tensors of a model into a file, as `weightinit init` does; the file appears when it is complete.

    Args:
        spec: A spec (`.toml`), a shapes file (`.json`), a checkpoint (`.safetensors`, its header only), or a
            configuration (`config.json`).
        out: The `.safetensors` file to write; of a configuration also a folder.
        seed: From 0 to 2^64 - 1 [default: the spec's, else 0].
        dtype: Type of all floating-point tensors [default: the spec's, else each tensor's own].
        layout: Which axes are inputs and outputs [default: the spec's, else ``"torch"``].
        init: Initializer of matrices, for a bare list of tensors.
        recipe: Recipe for a bare list of tensors, or ``"auto"``.
        config: The model's configuration, which the recipe reads.
        parameters: The recipe's parameters.
        roles: Globs of tensors that have a role.
        backend: ``"auto"``, ``"gpu"`` or ``"cpu"``; the bytes are the same.
        adapter: Which adapter: its number or a part of its name, or ``"all"``.
        resume: Keeps what an interrupted run wrote, and goes on there.
        progress: Is called with the elements that are done, and all of them.

    Returns:
        What has been done: output, backend, processor, seed, tensors, parameters, elements, bytes, seconds.

    Raises:
        Error: What the command line refuses, with its text. Nothing is left of the output then.
    """
    arguments = ["init", os.fspath(spec), *_option("output", out), *_flag("resume", resume)]
    arguments += _model(seed, dtype, layout, init, recipe, config, parameters, roles)
    return _call(arguments + _backend(backend, adapter), progress)


def verify_file(
    file: Path,
    spec: Path,
    *,
    seed: int | None = None,
    dtype: Any = None,
    layout: str | None = None,
    init: str | None = None,
    recipe: str | None = None,
    config: Path | None = None,
    parameters: Mapping[str, float | str] | None = None,
    roles: Mapping[str, str] | None = None,
    backend: str = "auto",
    adapter: str | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Computes a file again and compares every bit, as `weightinit verify` does.

    Args:
        file: The `.safetensors` file.
        spec: What it was made from; this and the others as for `init_file`.
        seed: As there.
        dtype: As there.
        layout: As there.
        init: As there.
        recipe: As there.
        config: As there.
        parameters: As there.
        roles: As there.
        backend: As there.
        adapter: As there.
        progress: As there.

    Returns:
        ``equal``, a bool, and ``differences``, a text for each tensor that differs; file, processor, tensors, elements.

    Raises:
        Error: What the command line refuses, with its text.
    """
    arguments = ["verify", os.fspath(file), *_option("spec", spec)]
    arguments += _model(seed, dtype, layout, init, recipe, config, parameters, roles)
    return _call(arguments + _backend(backend, adapter), progress)


def plan_file(spec: Path, *, seed: int | None = None, dtype: Any = None, recipe: str | None = None) -> dict[str, Any]:
    """What a WebGPU implementation dispatches to fill all tensors of a model: `docs/plan.schema.json` says how.

    Args:
        spec: A spec, a shapes file or a checkpoint, as for `init_file`.
        seed: From 0 to 2^64 - 1 [default: the spec's, else 0].
        dtype: Type of all floating-point tensors [default: the spec's, else each tensor's own].
        recipe: Recipe for a bare list of tensors, or ``"auto"``.

    Raises:
        Error: What the command line refuses, with its text.
    """
    arguments = ["plan", os.fspath(spec), *_option("seed", seed), *_option("recipe", recipe), *_dtype(dtype)]
    return _call(arguments, None)


def _call(arguments: list[str], progress: Progress | None) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(_native.call(["weightinit", *arguments], progress))
    return made


def _option(name: str, value: object) -> list[str]:
    if value is None:
        return []
    # In one word, so that a value may begin with a dash.
    return [f"--{name}={os.fspath(value) if isinstance(value, os.PathLike) else value}"]


def _flag(name: str, given: bool) -> list[str]:
    return [f"--{name}"] if given else []


def _dtype(dtype: Any) -> list[str]:
    return [] if dtype is None else _option("dtype", _native.dtype_name(dtype_name(dtype)))


def _model(
    seed: int | None,
    dtype: Any,
    layout: str | None,
    init: str | None,
    recipe: str | None,
    config: Path | None,
    parameters: Mapping[str, float | str] | None,
    roles: Mapping[str, str] | None,
) -> list[str]:
    return [
        *_option("seed", seed),
        *_dtype(dtype),
        *_option("layout", layout),
        *_option("init", init),
        *_option("recipe", recipe),
        *_option("config", config),
        *(f"--param={name}={value}" for name, value in (parameters or {}).items()),
        *(f"--role={name}={globs}" for name, globs in (roles or {}).items()),
    ]


def _backend(backend: str, adapter: str | None) -> list[str]:
    return [*_option("backend", backend), *_option("adapter", adapter)]
