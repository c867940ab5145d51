"""The native part: `python/src/`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, final

class Error(ValueError):
    """A value that was refused: what is wrong, what was expected, what to do."""

class OutputError(TypeError):
    """An output that cannot be written in place, and why."""

@final
class Law:
    """What a large sample of a tensor shows."""

    @property
    def name(self) -> str:
        """What the distribution is called."""
    @property
    def mean(self) -> float:
        """Expected value."""
    @property
    def std(self) -> float:
        """Standard deviation."""
    @property
    def kurtosis(self) -> float:
        """Fourth central moment over the squared variance: 3 for a normal law."""
    @property
    def is_random(self) -> bool:
        """Whether elements are random, and not given by their index alone."""

@final
class Initializer:
    """An initializer with its parameters and layout, as a value that can be compared and pickled."""

    def __new__(
        cls, name: str, /, *, layout: str = "torch", groups: int = 1, **parameters: float | str | bool
    ) -> Initializer: ...
    @property
    def name(self) -> str | None:
        """The name by which it was made, or None if a recipe made it."""
    @property
    def parameters(self) -> dict[str, float | str]:
        """The parameters that were given."""
    @property
    def layout(self) -> str:
        """Which axes are inputs and outputs."""
    @property
    def groups(self) -> int:
        """Groups of a grouped convolution."""
    def law(self, shape: int | Sequence[int]) -> Law:
        """The law of a tensor of `shape`, all of whose elements follow it; Error where some are 0 or copies."""
    def fans(self, shape: int | Sequence[int]) -> tuple[int, int] | None:
        """(fan_in, fan_out) of a tensor of `shape`, or None where the scale does not depend on them."""
    def __hash__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...

@final
class Choice:
    """What a tensor gets."""

    @property
    def initializer(self) -> Initializer:
        """The initializer, in the layout that it reads the shape in."""
    @property
    def stream(self) -> str:
        """The tensor whose name makes the stream: its own, or that of what it is tied to."""
    @property
    def rule(self) -> str:
        """The glob that matched."""

def fill(
    out: Any,
    init: str | Initializer,
    *,
    seed: int,
    name: str | None = None,
    stream: int | None = None,
    layout: str | None = None,
    shape: int | Sequence[int] | None = None,
    offsets: int | Sequence[int] | None = None,
    dtype: str | None = None,
    groups: int = 1,
    **parameters: float | str | bool,
) -> None:
    """Fills `out` in place, without the interpreter's lock, on all cores, without copies.

    Args:
        out: An array of NumPy, also a view along leading axes; a CPU tensor of PyTorch; anything writable with the
            buffer protocol or DLPack. Its elements are float32, float16, bfloat16, float64, float8_e4m3fn, float8_e5m2,
            or uint32 for `bits`.
        init: An initializer's name, as `initializers()` has them, or an `Initializer`.
        seed: From 0 to 2^64 - 1.
        name: The tensor's name, which is its stream; or
        stream: the stream as a number.
        layout: Which axes are inputs and outputs: "torch" (the default), "keras", "torch_transposed", … or by number
            such as "in=-2,out=-1,batch=0".
        shape: Where `out` is a part of a larger tensor, the shape of that, with
        offsets: where the part begins, one for each dimension.
        dtype: What raw bytes, or unsigned integers of an element's size, are to hold.
        groups: Groups of a grouped convolution.
        **parameters: The initializer's parameters.

    Raises:
        Error: A value that the library refuses, with its text: a ValueError.
        OutputError: An output that cannot be written: a TypeError.
        KeyboardInterrupt: Within 100 ms; `out` is then partly filled.
    """

def check(shape: int | Sequence[int], init: str | Initializer, dtype: str) -> None:
    """Refuses a tensor that `fill` would refuse, without one."""

def plan(
    shape: int | Sequence[int],
    init: str | Initializer,
    *,
    seed: int,
    name: str | None = None,
    stream: int | None = None,
    dtype: str = "float32",
    layout: str | None = None,
    groups: int = 1,
    offsets: int | Sequence[int] | None = None,
    size: int | Sequence[int] | None = None,
    **parameters: float | str | bool,
) -> str:
    """The plan of a tensor, as JSON."""

def dtype_name(name: str) -> str:
    """The name by which this package knows a type that a framework calls so."""

def stream_of(name: str) -> int:
    """The stream that a name stands for: its XXH64 hash with seed 0."""

def initializers() -> dict[str, dict[str, Any]]:
    """Every initializer by name: parameters with their defaults (None where there is none), summary, source."""

def recipes() -> dict[str, dict[str, Any]]:
    """Every recipe by name: parameters with their defaults, summary, source, model_types."""

def choose(
    tensors: Mapping[str, Sequence[int]],
    optional: set[str],
    rules: Sequence[tuple[str, Initializer]],
    recipe: str | None,
    config: str | None,
    parameters: Mapping[str, float | str | bool] | None,
) -> dict[str, Choice]:
    """What each tensor gets."""

def call(arguments: Sequence[str], progress: Callable[[int, int], object] | None) -> str:
    """Runs a command on files, and gives what it prints as JSON."""

def run(arguments: Sequence[str]) -> int:
    """Runs the command line, and gives its exit code."""
