"""Models that initialize themselves: their calls of `torch.nn.init`, with the names that their tensors get."""

from __future__ import annotations

import functools
import inspect
import sys
import warnings
from collections.abc import Callable
from types import TracebackType
from typing import Any

import torch

from .. import _native
from . import _functions
from ._module import _plain

#: The functions of `torch.nn.init` that are replaced.
NAMES = (
    "uniform_",
    "normal_",
    "trunc_normal_",
    "constant_",
    "ones_",
    "zeros_",
    "eye_",
    "dirac_",
    "xavier_uniform_",
    "xavier_normal_",
    "kaiming_uniform_",
    "kaiming_normal_",
    "orthogonal_",
    "sparse_",
)


class Building:
    """The calls of `torch.nn.init` while a model is being built: `building` makes it."""

    def __init__(self, seed: int) -> None:
        """Of a seed from 0 to 2^64 - 1."""
        self._seed = seed
        self._calls: dict[tuple[int, int, tuple[int, ...]], _Call] = {}
        self._made: list[torch.nn.Module] = []
        self._named: list[tuple[str, torch.nn.Module]] = []
        self._undo: list[Callable[[], None]] = []

    def name(self, prefix: str, module: torch.nn.Module) -> None:
        """Says that names in `module` begin with `prefix` and a dot, where several models are built."""
        self._named.append((f"{prefix}." if prefix else "", module))

    def __enter__(self) -> Building:
        """Replaces the functions, wherever modules have imported them."""
        originals = {name: getattr(torch.nn.init, name) for name in NAMES}
        replaced = {name: self._replacement(name, function) for name, function in originals.items()}
        for module in list(sys.modules.values()):
            known = getattr(module, "__dict__", None)
            for name, function in originals.items():
                if isinstance(known, dict) and known.get(name) is function:
                    known[name] = replaced[name]
                    self._undo.append(functools.partial(known.__setitem__, name, function))
        begin = torch.nn.Module.__init__

        @functools.wraps(begin)
        def init(module: torch.nn.Module, *arguments: Any, **options: Any) -> None:
            begin(module, *arguments, **options)
            self._made.append(module)

        torch.nn.Module.__init__ = init  # type: ignore[assignment, method-assign]
        self._undo.append(functools.partial(setattr, torch.nn.Module, "__init__", begin))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Puts the functions back, and fills every tensor by its name."""
        while self._undo:
            self._undo.pop()()
        if kind is None:
            self._finish()

    def _replacement(self, name: str, original: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
        signature, function = inspect.signature(original), getattr(_functions, name)

        @functools.wraps(original)
        def replacement(*arguments: Any, **options: Any) -> torch.Tensor:
            bound = signature.bind(*arguments, **options)
            tensor: torch.Tensor = bound.arguments.pop("tensor")
            if tensor.is_meta:
                return tensor
            # A generator's numbers are replaced like all others.
            bound.arguments.pop("generator", None)
            given = dict(bound.arguments)
            call = _Call(tensor, functools.partial(function, **given), f"call {len(self._calls)}")
            call.fill(self._seed, call.provisional)
            self._calls[_place(tensor)] = call
            return tensor

        return replacement

    def _roots(self) -> list[tuple[str, torch.nn.Module]]:
        if self._named:
            return self._named
        inner = {id(child) for module in self._made for child in module.modules() if child is not module}
        roots = [module for module in self._made if id(module) not in inner]
        if len({id(module) for module in roots}) > 1 and any(
            next(root.parameters(), None) is not None for root in roots
        ):
            roots = [root for root in roots if next(root.parameters(), None) is not None]
        if len(roots) > 1:
            kinds = ", ".join(type(module).__name__ for module in roots)
            raise _native.Error(
                f"several models were built ({kinds}), whose names could be the same; say before the end what they are "
                "called, by name('generator', generator)"
            )
        return [("", module) for module in roots]

    @torch.no_grad()
    def _finish(self) -> None:
        names: dict[int, list[tuple[str, torch.Tensor]]] = {}
        for prefix, root in self._roots():
            for label, tensor in [*root.named_parameters(), *root.named_buffers()]:
                names.setdefault(tensor.untyped_storage().data_ptr(), []).append((prefix + _plain(label), tensor))
        changed, lost = [], 0
        for call in self._calls.values():
            name = _name(call.tensor, names.get(call.tensor.untyped_storage().data_ptr(), []))
            if name is None:
                lost += 1
            elif not call.rename(self._seed, name):
                changed.append(f"'{name}'")
        if changed:
            warnings.warn(
                f"{', '.join(changed)}: changed by the model after torch.nn.init, so that they keep numbers of the "
                "order of calls, and not of their names",
                stacklevel=3,
            )
        if lost:
            warnings.warn(f"{lost} tensors that were initialized are in no module that was built", stacklevel=3)


class _Call:
    """One call, done by its number until the tensor's name is known."""

    def __init__(self, tensor: torch.Tensor, function: Callable[..., torch.Tensor], provisional: str) -> None:
        self.tensor = tensor.detach()
        self.function = function
        self.provisional = provisional

    def fill(self, seed: int, name: str, tensor: torch.Tensor | None = None) -> torch.Tensor:
        return self.function(self.tensor if tensor is None else tensor, seed=seed, name=name)

    def rename(self, seed: int, name: str) -> bool:
        """Fills it by its name, but for what the model has changed since; false where that is most of it."""
        before = self.fill(seed, self.provisional, torch.empty_like(self.tensor, memory_format=torch.contiguous_format))
        kept = before != self.tensor
        if 2 * int(kept.sum()) > self.tensor.numel():
            return False
        values = self.tensor.clone()
        self.fill(seed, name)
        self.tensor[kept] = values[kept]
        return True


def _place(tensor: torch.Tensor) -> tuple[int, int, tuple[int, ...]]:
    return tensor.untyped_storage().data_ptr(), int(tensor.storage_offset()), tuple(tensor.shape)


def _name(tensor: torch.Tensor, known: list[tuple[str, torch.Tensor]]) -> str | None:
    """The name of the parameter that a tensor is, or that it is a part of, then with the place of its first element."""
    for label, owner in known:
        if _place(owner) == _place(tensor):
            return label
    for label, owner in known:
        first = tensor.storage_offset() - owner.storage_offset()
        if 0 <= first < owner.numel():
            return f"{label}[{first}]"
    return None


def building(seed: int = 0) -> Building:
    """A context in which a model's own calls of `torch.nn.init` give numbers that follow from names.

    The calls keep their laws and scales. While the model is being built, its tensors have no names yet: they are filled
    by the number of the call, and again, by their names in the model, when the context ends. What the model changes in
    between (the row of zeros of an embedding) stays. Whatever else draws numbers, such as `tensor.normal_()`, is left
    alone, and so is what is built on meta: `init_` is for that.

    Args:
        seed: From 0 to 2^64 - 1.

    Raises:
        Error: At the end, where several models were built and `Building.name` has not said what they are called.

    >>> with building(seed=7):
    ...     model = torch.nn.Linear(48, 64)
    >>> other = torch.empty(64, 48)
    >>> _ = _functions.kaiming_uniform_(other, a=5**0.5, seed=7, name="weight")
    >>> bool((model.weight == other).all())
    True
    """
    return Building(seed)
