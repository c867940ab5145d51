"""What tests share."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

# Eight devices of JAX, before it is imported; Keras on what is asked for, JAX by default.
os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=8")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("KERAS_BACKEND", "jax")

REPOSITORY = Path(__file__).resolve().parents[2]


def command_line(*arguments: object, check: bool = True) -> subprocess.CompletedProcess[bytes]:
    """Runs the command line."""
    command = [sys.executable, "-m", "weightinit", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=check, timeout=300)


def command_line_bytes(shape: tuple[int, ...], init: str, *options: object) -> bytes:
    """The bytes that `weightinit fill` writes."""
    dimensions = "x".join(map(str, shape)) or "scalar"
    return command_line("fill", "--shape", dimensions, "--init", init, "--backend", "cpu", "-o", "-", *options).stdout


@pytest.fixture
def weight() -> np.ndarray:
    """A weight to be compared with."""
    import weightinit

    return weightinit.array((64, 48), "he_normal", seed=7, name="fc.weight")
