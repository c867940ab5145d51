"""Jobs on files: the same bytes as the command line's, progress, and interrupts."""

from __future__ import annotations

import json
import os
import signal
import threading
import time

import pytest

import weightinit
from conftest import REPOSITORY, command_line

SPEC = """
seed = 3
default = "zeros"
[[tensor]]
name = "fc.weight"
shape = [64, 48]
[[tensor]]
name = "fc.bias"
shape = [64]
[[rule]]
match = "*.weight"
init = "kaiming_normal"
layout = "torch"
"""


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "spec.toml"
    path.write_text(SPEC)
    return path


def test_init_and_verify(spec, tmp_path):
    told = []
    made = weightinit.init_file(spec, tmp_path / "a.safetensors", backend="cpu", progress=lambda *now: told.append(now))
    assert (made["tensors"], made["elements"], made["backend"]) == (2, 64 * 48 + 64, "cpu")
    assert told[-1] == (64 * 48 + 64,) * 2
    command_line("init", spec, "-o", tmp_path / "b.safetensors", "--backend", "cpu")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    verdict = weightinit.verify_file(tmp_path / "a.safetensors", spec, backend="cpu")
    assert verdict["equal"] and verdict["differences"] == []
    verdict = weightinit.verify_file(tmp_path / "a.safetensors", spec, backend="cpu", seed=4)
    assert not verdict["equal"] and "fc.weight" in verdict["differences"][0]


def test_a_tensor_of_a_file_is_that_of_fill(spec, tmp_path):
    from safetensors.numpy import load_file

    weightinit.init_file(spec, tmp_path / "a.safetensors", backend="cpu", dtype="f16")
    found = load_file(tmp_path / "a.safetensors")["fc.weight"]
    expected = weightinit.array((64, 48), "kaiming_normal", seed=3, name="fc.weight", dtype="f16")
    assert found.tobytes() == expected.tobytes()


def test_options(tmp_path):
    shapes = tmp_path / "shapes.json"
    shapes.write_text(json.dumps({"wte.weight": [50, 8], "h.0.mlp.c_fc.weight": [8, 32]}))
    out = tmp_path / "a.safetensors"
    made = weightinit.init_file(
        shapes, out, recipe="gpt2", parameters={"initializer_range": 0.5}, seed=9, backend="cpu"
    )
    assert made["seed"] == 9
    options = ["--recipe", "gpt2", "--param", "initializer_range=0.5", "--seed", 9, "--backend", "cpu"]
    command_line("init", shapes, "-o", tmp_path / "b.safetensors", *options)
    assert out.read_bytes() == (tmp_path / "b.safetensors").read_bytes()


def test_plans(spec):
    plan = weightinit.plan_file(spec)
    assert {buffer["tensor"] for buffer in plan["buffers"]} == {"fc.weight", "fc.bias"}
    assert plan == json.loads(command_line("plan", spec).stdout)
    single = weightinit.plan((64, 48), "he_normal", seed=7, name="fc.weight", dtype="bf16")
    options = ["--init", "he_normal", "--layout", "torch", "--seed", 7, "--name", "fc.weight", "--dtype", "bf16"]
    assert single == json.loads(command_line("plan", "--shape", "64x48", *options).stdout)
    with pytest.raises(weightinit.Error, match="not samples of a law"):
        weightinit.plan((4, 4), "orthogonal", seed=0, name="a")


def test_what_is_refused(spec, tmp_path):
    with pytest.raises(weightinit.Error, match=r"expected a name that ends in \.safetensors"):
        weightinit.init_file(spec, tmp_path / "a.bin", backend="cpu")
    with pytest.raises(weightinit.Error, match="cannot open"):
        weightinit.init_file(tmp_path / "none.toml", tmp_path / "a.safetensors", backend="cpu")
    with pytest.raises(weightinit.Error, match="invalid value 'gpus'"):
        weightinit.init_file(spec, tmp_path / "a.safetensors", backend="gpus")
    assert list(tmp_path.iterdir()) == [spec]


def test_what_a_callback_raises_ends_the_job(spec, tmp_path):
    def stop(done, total):
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        weightinit.init_file(spec, tmp_path / "a.safetensors", backend="cpu", progress=stop)
    assert list(tmp_path.iterdir()) == [spec]


def test_an_interrupt_leaves_nothing(tmp_path):
    shapes = tmp_path / "shapes.json"
    shapes.write_text(json.dumps({"big.weight": [4_000, 100_000]}))
    seen = []

    def started(done, total):
        if not seen:
            seen.append(time.perf_counter())
            threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGINT)).start()

    with pytest.raises(KeyboardInterrupt):
        weightinit.init_file(
            shapes, tmp_path / "a.safetensors", init="normal", backend="cpu", dtype="f8_e4m3", progress=started
        )
    assert time.perf_counter() - seen[0] < 10
    assert list(tmp_path.iterdir()) == [shapes]


def test_the_command_line():
    shown = command_line("--version")
    assert shown.stdout.startswith(b"weightinit")
    assert command_line("fill", "--no-such", check=False).returncode == 2
    assert command_line("fill", "--shape", "4", "--init", "he", "-o", "-", check=False).returncode == 1
    assert b"he_normal" in command_line("initializers").stdout


def test_an_adapter_is_tried_by_a_process_of_the_same_package():
    """`devices` starts this program again, which here is a module of Python."""
    done = command_line("devices", "--json", check=False)
    assert b"Traceback" not in done.stderr and b"unrecognized" not in done.stderr
    if done.returncode == 0:
        assert json.loads(done.stdout)


def test_a_specification_of_the_repository(tmp_path):
    spec = REPOSITORY / "examples" / "gpt2.toml"
    assert weightinit.plan_file(spec)["version"] == 1
