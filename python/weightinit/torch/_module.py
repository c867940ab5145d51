"""Whole modules: every parameter and buffer by its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import numpy as np
import torch

from .. import _native
from .._api import Rules, check_choices, choose_with, divided
from .._native import Choice
from ._tensor import fill_

Module = TypeVar("Module", bound=torch.nn.Module)

#: What wrappers put into names, and files do not have.
WRAPPERS = ("_orig_mod.", "_checkpoint_wrapped_module.", "_fsdp_wrapped_module.")


@torch.no_grad()
def init_(
    module: Module,
    recipe: str | Rules | None = "auto",
    *,
    seed: int = 0,
    config: Any = None,
    rules: Rules | None = None,
    device: torch.device | str | None = None,
    **parameters: float | str | bool,
) -> Module:
    """Initializes all parameters and buffers of a module in place, and returns it.

    What a tensor gets follows from its name, so that it is the same whatever else the module has, however it is
    sharded, and in a file of `weightinit init`. Tied parameters are initialized once, by the first of their names. Of
    DTensors (FSDP2, tensor parallelism) each process fills the shard that it holds, without communication. Buffers that
    the recipe does not know stay as they are.

    Args:
        module: Any module; parameters and buffers on meta are given memory first.
        recipe: A recipe's name, as `weightinit.recipes()` has them; ``"auto"``, that of `config`, else that of
            PyTorch's own layers; rules by globs; or None, for `rules` alone.
        seed: From 0 to 2^64 - 1.
        config: The model's configuration, as `weightinit.choose` takes it [default: `module.config`, if there is one].
        rules: Initializers by globs, which come before the recipe.
        device: Where what is on meta is to be [default: the CPU; of a DTensor its mesh's device].
        **parameters: The recipe's parameters, in the place of the configuration's fields.

    Raises:
        Error: A parameter that nothing decides, and all that `weightinit.choose` refuses. Nothing is written then.
        OutputError: A buffer on meta of which nobody knows what is in it.

    >>> model = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.BatchNorm1d(8))
    >>> model = init_(model, {"0.weight": "orthogonal", "1.weight": "ones", "*.bias": "zeros"}, seed=1)
    >>> bool((model[0].weight @ model[0].weight.T - torch.eye(8)).abs().max() < 1e-5)
    True
    """
    name, rules = divided(recipe, rules)
    if config is None and name is not None:
        config = _config(module)
    required = dict(_unique(module.named_parameters(remove_duplicate=False)))
    optional = {
        label: tensor
        for label, tensor in _unique(module.named_buffers(remove_duplicate=False))
        if label not in required
    }
    if name is None:
        # A rule for all is for what files have.
        stored = {_plain(label) for label in module.state_dict(keep_vars=True)}
        optional = {label: tensor for label, tensor in optional.items() if label in stored or tensor.is_meta}
    shapes = {label: tuple(tensor.shape) for label, tensor in {**optional, **required}.items() if 0 not in tensor.shape}
    choices = choose_with(shapes, set(optional), rules, name, config, parameters)
    unknown = [label for label, tensor in optional.items() if tensor.is_meta and label not in choices]
    own = _own_initializers(module, unknown)
    check_choices(choices, {label: (shapes[label], _sampled({**optional, **required}[label])) for label in choices})
    _materialize(module, device)
    for label, tensor in _unique(module.named_parameters(remove_duplicate=False)):
        if label in choices:
            _fill(tensor, choices[label], seed)
    for label, tensor in _unique(module.named_buffers(remove_duplicate=False)):
        if label in choices and label not in required:
            _fill(tensor, choices[label], seed)
    for inner, initialize in own:
        initialize(inner)
    return module


def _plain(label: str) -> str:
    for wrapper in WRAPPERS:
        label = label.replace(wrapper, "")
    return label


def _unique(named: Iterator[tuple[str, torch.Tensor]]) -> Iterator[tuple[str, torch.Tensor]]:
    """Each tensor once, by the first of its names as files have it."""
    seen: set[int] = set()
    for label, tensor in named:
        if id(tensor) not in seen:
            seen.add(id(tensor))
            yield _plain(label), tensor


def _config(module: torch.nn.Module) -> Any:
    config = getattr(module, "config", None)
    is_known = isinstance(config, Mapping) or hasattr(config, "to_dict")
    return config if is_known else None


def _sampled(tensor: torch.Tensor) -> str:
    """What elements are drawn as: whole numbers are exact in f64."""
    return str(tensor.dtype) if tensor.dtype.is_floating_point else "float64"


def _fill(tensor: torch.Tensor, choice: Choice, seed: int) -> None:
    if tensor.dtype.is_floating_point:
        fill_(tensor, choice.initializer, seed=seed, name=choice.stream)
        return
    values = np.empty(tuple(tensor.shape), np.float64)
    _native.fill(values, choice.initializer, seed=seed, name=choice.stream)
    if not (values == np.rint(values)).all():
        raise _native.Error(
            f"the tensor of {tensor.dtype} named '{choice.stream}' gets numbers that are not whole; give a rule for it"
        )
    tensor.copy_(torch.from_numpy(values))


def _own_initializers(module: torch.nn.Module, unknown: list[str]) -> list[tuple[torch.nn.Module, Any]]:
    """Modules whose buffers are on meta and only known to the model, which computes them by `_init_weights`."""
    own: dict[int, tuple[torch.nn.Module, Any]] = {}
    undone = []
    modules = {_plain(label): inner for label, inner in module.named_modules()} if unknown else {}
    for label in unknown:
        inner = modules[label.rpartition(".")[0]]
        initialize = getattr(module, "_init_weights", None)
        if initialize is None or next(inner.parameters(recurse=False), None) is not None:
            undone.append(f"'{label}'")
        own[id(inner)] = (inner, initialize)
    if undone:
        raise _native.OutputError(
            f"the buffers {', '.join(undone)} are on meta, and nothing says what is in them; give rules for them, or "
            "build the module on a device"
        )
    return list(own.values())


def _materialize(module: torch.nn.Module, device: torch.device | str | None) -> None:
    """Gives memory to what is on meta, and ties again what was tied."""
    tied: dict[int, list[tuple[torch.nn.Module, str]]] = {}
    for inner in module.modules():
        for label, tensor in inner._parameters.items():
            if tensor is not None and tensor.is_meta:
                tied.setdefault(id(tensor), []).append((inner, label))
    if not tied and not any(buffer.is_meta for buffer in module.buffers()):
        return

    def apply(tensor: torch.Tensor) -> torch.Tensor:
        if not tensor.is_meta:
            return tensor
        mesh = getattr(tensor, "device_mesh", None)
        place = device if device is not None else (mesh.device_type if mesh is not None else "cpu")
        return torch.empty_like(tensor, device=place)

    module._apply(apply)  # type: ignore[no-untyped-call]
    for places in tied.values():
        first, label = places[0]
        for inner, other in places[1:]:
            inner._parameters[other] = first._parameters[label]
