"""`fill` and `array`: the bits, the destinations, and what is refused."""

from __future__ import annotations

import array
import ctypes
import mmap
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import ml_dtypes
import numpy as np
import pytest

import weightinit
from conftest import command_line_bytes

DTYPES = {
    "f32": np.float32,
    "f16": np.float16,
    "f64": np.float64,
    "bf16": ml_dtypes.bfloat16,
    "f8_e4m3": ml_dtypes.float8_e4m3fn,
    "f8_e5m2": ml_dtypes.float8_e5m2,
}
SAME = {"seed": 7, "name": "fc.weight"}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("init", ["he_normal", "xavier_uniform", "kaiming_normal", "orthogonal"])
def test_bytes_are_those_of_the_command_line(init, dtype):
    out = np.empty((64, 48), DTYPES[dtype])
    assert weightinit.fill(out, init, **SAME) is None
    options = ["--layout", "torch", "--seed", 7, "--name", "fc.weight", "--dtype", dtype]
    assert out.tobytes() == command_line_bytes((64, 48), init, *options)


@pytest.mark.parametrize("shape", [(), (1,), (5,), (3, 1, 7), (2, 3, 4, 5, 2)])
def test_shapes(shape):
    out = np.empty(shape, np.float32)
    weightinit.fill(out, "normal", seed=2**64 - 1, stream=2**64 - 1)
    expected = command_line_bytes(shape, "normal", "--seed", 2**64 - 1, "--stream", 2**64 - 1)
    assert out.tobytes() == expected


def test_words():
    out = np.empty(4, np.uint32)
    weightinit.fill(out, "bits", seed=0, stream=0)
    assert [hex(word) for word in out] == ["0x6627e8d5", "0xe169c58d", "0xbc57ac4c", "0x9b00dbd8"]


def test_parameters_layouts_and_groups():
    shape = (3, 3, 16, 32)
    keras = weightinit.array(
        shape, "variance_scaling", scale=2.0, mode="fan_out", distribution="uniform", layout="keras", **SAME
    )
    options = ["--param", "scale=2", "--param", "mode=fan_out", "--param", "distribution=uniform", "--layout", "keras"]
    assert keras.tobytes() == command_line_bytes(
        shape, "variance_scaling", *options, "--seed", 7, "--name", "fc.weight"
    )
    grouped = weightinit.array((32, 8, 3, 3), "kaiming_normal", mode="fan_out", groups=4, **SAME)
    options = ["--param", "mode=fan_out", "--groups", 4, "--layout", "torch", "--seed", 7, "--name", "fc.weight"]
    assert grouped.tobytes() == command_line_bytes((32, 8, 3, 3), "kaiming_normal", *options)
    assert weightinit.array((2, 4, 6), "he_normal", layout="in=1,out=2,batch=0", **SAME).shape == (2, 4, 6)


@pytest.mark.parametrize(
    ("offsets", "size"),
    [((0, 0), (64, 48)), ((3, 0), (10, 48)), ((3, 5), (10, 7)), ((0, 40), (64, 8)), ((63, 47), (1, 1))],
)
@pytest.mark.parametrize("init", ["he_normal", "orthogonal", "eye"])
def test_a_slice_is_that_part_of_the_whole(init, offsets, size):
    whole = weightinit.array((64, 48), init, **SAME)
    part = weightinit.array((64, 48), init, offsets=offsets, size=size, **SAME)
    expected = whole[tuple(slice(start, start + length) for start, length in zip(offsets, size, strict=True))]
    assert part.tobytes() == expected.tobytes()


@pytest.mark.parametrize("size", [(0, 48), (64, 0), (0, 0)])
def test_a_shard_without_elements_is_filled_already(size):
    assert weightinit.array((64, 48), "he_normal", offsets=(0, 0), size=size, **SAME).shape == size
    with pytest.raises(weightinit.Error, match="is not inside shape"):
        weightinit.array((64, 48), "he_normal", offsets=(65, 0), size=size, **SAME)


def test_slices_of_many_dimensions():
    whole = weightinit.array((5, 4, 3, 7), "normal", dtype="bf16", **SAME)
    for axes in [(1, 0, 0, 0), (0, 2, 1, 3), (4, 3, 2, 6)]:
        size = tuple(max(1, (full - first) // 2) for full, first in zip(whole.shape, axes, strict=True))
        part = weightinit.array((5, 4, 3, 7), "normal", dtype="bf16", offsets=axes, size=size, **SAME)
        index = tuple(slice(first, first + length) for first, length in zip(axes, size, strict=True))
        assert part.tobytes() == whole[index].tobytes()


def test_views_are_filled_in_place(weight):
    room = np.full((128, 2, 96), -1, np.float32)
    view = room[::2, 1, :48]
    weightinit.fill(view, "he_normal", **SAME)
    assert (view == weight).all()
    untouched = room.copy()
    untouched[::2, 1, :48] = -1
    assert (untouched == -1).all()
    backwards = np.empty((64, 48), np.float32)
    weightinit.fill(backwards[::-1], "he_normal", **SAME)
    assert (backwards[::-1] == weight).all()
    weightinit.fill(view[:32], "he_normal", shape=(64, 48), offsets=(32, 0), **SAME)
    assert (view[:32] == weight[32:]).all()


def test_large_fills_are_whole():
    out = np.empty((5, 3 << 20), np.float32)
    weightinit.fill(out, "uniform", **SAME)
    for first in [0, 1 << 22, out.size - 7]:
        expected = command_line_bytes(
            out.shape, "uniform", "--seed", 7, "--name", "fc.weight", "--range", f"{first}..{first + 7}"
        )
        assert out.reshape(-1)[first : first + 7].tobytes() == expected


def test_whatever_has_a_buffer(weight):
    raw = weight.tobytes()
    shaped = {"layout": "torch", **SAME}
    flat = {"shape": (64, 48), "offsets": (0, 0)}
    memory = bytearray(len(raw))
    weightinit.fill(memoryview(memory).cast("B", (64, 192)), "he_normal", dtype="f32", **shaped)
    assert memory == raw
    mapped = mmap.mmap(-1, len(raw))
    weightinit.fill(memoryview(mapped).cast("f", (64, 48)), "he_normal", **shaped)
    assert mapped[:] == raw
    floats = (ctypes.c_float * 48 * 64)()
    weightinit.fill(floats, "he_normal", **shaped)
    assert bytes(floats) == raw
    column = array.array("d", [0.0] * 16)
    weightinit.fill(column, "normal", seed=1, name="b")
    assert column.tobytes() == weightinit.array(16, "normal", seed=1, name="b", dtype="f64").tobytes()
    words = np.empty((64, 48), np.uint16)
    weightinit.fill(words, "he_normal", dtype="bf16", **shaped)
    assert words.tobytes() == weightinit.array((64, 48), "he_normal", dtype="bf16", **SAME).tobytes()
    with pytest.raises(weightinit.Error, match="is not inside shape"):
        weightinit.fill(memory, "he_normal", dtype="f32", **flat, **SAME)


class Exporter:
    """What another library's array is: memory by DLPack alone."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


def test_dlpack(weight):
    out = np.zeros((64, 48), np.float32)
    weightinit.fill(Exporter(out), "he_normal", **SAME)
    assert (out == weight).all()
    frozen = np.zeros(3, np.float32)
    frozen.flags.writeable = False
    with pytest.raises(weightinit.OutputError):
        weightinit.fill(Exporter(frozen), "normal", seed=0, name="a")


def test_initializers_are_values(weight):
    he = weightinit.Initializer("he_normal")
    assert weightinit.array((64, 48), he, **SAME).tobytes() == weight.tobytes()
    normal = weightinit.Initializer("normal", std=0.02, layout="keras", groups=1)
    assert repr(normal) == "Initializer('normal', layout='keras', std=0.02)"
    for made in [he, normal, weightinit.Initializer("padded", of="normal", padding_idx=-1, std=0.5)]:
        again = pickle.loads(pickle.dumps(made))
        assert (again, repr(again), hash(again)) == (made, repr(made), hash(made))
    scaling = weightinit.Initializer("variance_scaling", scale=2.0)
    assert scaling == he and hash(scaling) == hash(he) and he != normal
    assert he.fans((64, 48)) == (48, 64) and normal.fans((64, 48)) is None
    law = he.law((64, 48))
    assert (law.name, law.is_random) == ("truncated normal", True) and law.std == pytest.approx((2 / 48) ** 0.5)
    assert (normal.name, normal.parameters, normal.layout) == ("normal", {"std": 0.02}, "keras")
    with pytest.raises(TypeError, match="has its own layout"):
        weightinit.fill(np.empty(3), he, seed=0, name="a", layout="keras")


def test_lists():
    assert weightinit.initializers()["normal"]["parameters"] == {"mean": 0.0, "std": 1.0}
    assert "llama" in weightinit.recipes()["llama"]["model_types"]
    assert weightinit.stream_of("abc") == 0x44BC2CF5AD770999


REFUSED = [
    (lambda: weightinit.array(64, "he_normal", **SAME), weightinit.Error, "has no fan_in and fan_out in layout torch"),
    (lambda: weightinit.array(4, "he", **SAME), weightinit.Error, "unknown initializer 'he'; expected one of: zeros"),
    (lambda: weightinit.array(4, "normal", seed=-1, name="a"), weightinit.Error, "seed is -1; expected a whole number"),
    (lambda: weightinit.array(4, "normal", seed=2**64, name="a"), weightinit.Error, "expected a whole number from 0"),
    (lambda: weightinit.array(4, "normal", seed=True, name="a"), weightinit.Error, "seed is True"),
    (lambda: weightinit.array(4, "normal", seed=0), weightinit.Error, "neither name nor stream"),
    (lambda: weightinit.array(4, "normal", seed=0, name="a", stream=1), weightinit.Error, "both name and stream"),
    (
        lambda: weightinit.array(4, "normal", sd=1, **SAME),
        weightinit.Error,
        "has no parameter 'sd'; it takes mean, std",
    ),
    (lambda: weightinit.array(4, "normal", std=-1, **SAME), weightinit.Error, "std is -1.0; it must be finite and not"),
    (lambda: weightinit.array(4, "normal", std=None, **SAME), weightinit.OutputError, "std is None; expected a number"),
    (lambda: weightinit.array(4, "normal", dtype="f9", **SAME), weightinit.Error, "unknown dtype 'f9'"),
    (lambda: weightinit.array((2, 0), "normal", **SAME), weightinit.Error, "has no elements"),
    (lambda: weightinit.array(4, "he_normal", layout="tf", **SAME), weightinit.Error, "unknown layout 'tf'"),
    (
        lambda: weightinit.array((4, 4), "normal", offsets=(3, 0), size=(2, 4), **SAME),
        weightinit.Error,
        "is not inside shape",
    ),
    (
        lambda: weightinit.array((4, 4), "normal", offsets=(0,), size=(2, 4), **SAME),
        weightinit.Error,
        "is not inside shape",
    ),
    (
        lambda: weightinit.fill(np.empty(3), "normal", shape=(6,), **SAME),
        weightinit.Error,
        "shape and offsets go together",
    ),
    (lambda: weightinit.fill("abc", "normal", **SAME), weightinit.OutputError, "out is a builtins.str; expected"),
    (lambda: weightinit.fill(b"abc", "normal", **SAME), weightinit.OutputError, "read-only"),
    (lambda: weightinit.fill(np.empty(3, int), "normal", **SAME), weightinit.OutputError, "out has elements of int64"),
    (lambda: weightinit.fill(np.empty(3, ">f4"), "normal", **SAME), weightinit.OutputError, "another order"),
    (lambda: weightinit.fill(np.empty(6)[::2], "normal", **SAME), weightinit.OutputError, "last axis of out is not"),
    (lambda: weightinit.fill(np.empty(6), "normal", dtype="f32", **SAME), weightinit.OutputError, "leave dtype out"),
    (lambda: weightinit.fill(bytearray(6), "normal", dtype="f32", **SAME), weightinit.OutputError, "no whole number"),
    (lambda: weightinit.fill(np.empty(6), 5, **SAME), TypeError, "init is 5; expected an initializer's name"),
]


@pytest.mark.parametrize(("call", "kind", "text"), REFUSED)
def test_what_is_refused_says_why(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


def test_elements_that_share_memory_are_refused():
    one = np.zeros(4, np.float32)
    for shared in [
        np.lib.stride_tricks.as_strided(one, (3, 4), (0, 4)),
        np.lib.stride_tricks.as_strided(one, (3, 2), (4, 4)),
    ]:
        with pytest.raises(weightinit.OutputError, match="share their memory"):
            weightinit.fill(shared, "normal", **SAME)
    assert not one.any()
    weightinit.fill(np.zeros((4, 1, 3), np.float32).transpose(1, 0, 2), "normal", **SAME)


def test_a_frozen_array_stays():
    frozen = np.zeros(4)
    frozen.flags.writeable = False
    with pytest.raises(weightinit.OutputError, match="cannot be written"):
        weightinit.fill(frozen, "normal", **SAME)
    assert issubclass(weightinit.Error, ValueError) and issubclass(weightinit.OutputError, TypeError)


def test_the_lock_is_released():
    """Another thread goes on while a long fill runs."""
    out = np.empty(1 << 26, np.float32)
    ticks, done = 0, threading.Event()

    def fill():
        weightinit.fill(out, "truncated_normal", **SAME)
        done.set()

    thread = threading.Thread(target=fill)
    thread.start()
    while not done.is_set():
        ticks += 1
        time.sleep(0.001)
    thread.join()
    assert ticks > 3


def interrupted(out, init):
    """Seconds from an interrupt to the end of a fill."""
    sent = []

    def interrupt():
        time.sleep(0.2)
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        weightinit.fill(out, init, **SAME)
    late = time.perf_counter() - sent[0]
    thread.join()
    return late


@pytest.mark.parametrize("init", ["truncated_normal", "orthogonal"])
def test_a_long_fill_is_interrupted_at_once(init):
    out = np.empty((3000, 3000), np.float32) if init == "orthogonal" else np.empty(1 << 29, np.float16)
    # What else the machine does may take the processors for a while.
    assert min(interrupted(out, init) for _ in range(3)) < 0.1


def test_threads_fill_at_once(weight):
    outs = [np.empty((64, 48), np.float32) for _ in range(8)]
    threads = [
        threading.Thread(target=lambda out=out: [weightinit.fill(out, "he_normal", **SAME) for _ in range(50)])
        for out in outs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((out == weight).all() for out in outs)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system does not fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_a_forked_process_has_threads_of_its_own():
    out = np.empty(1 << 22, np.float32)
    weightinit.fill(out, "normal", **SAME)
    expected = out.tobytes()
    child = os.fork()
    if child == 0:
        again = np.empty(1 << 22, np.float32)
        weightinit.fill(again, "normal", **SAME)
        os._exit(0 if again.tobytes() == expected else 1)
    for _ in range(600):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            break
        time.sleep(0.05)
    else:
        os.kill(child, signal.SIGKILL)
        pytest.fail("the child waits for its parent's threads")
    assert status == 0


IN_A_SUB_INTERPRETER = """
try:
    import weightinit
except ImportError as error:
    assert "interpreter" in str(error), error
else:
    weightinit.array(3, "normal", seed=0, name="a")
"""


def test_a_sub_interpreter_works_or_is_refused_clearly():
    interpreters = pytest.importorskip("_xxsubinterpreters" if sys.version_info < (3, 13) else "_interpreters")
    script = f"import {interpreters.__name__} as them\nerror = them.run_string(them.create(), {IN_A_SUB_INTERPRETER!r})"
    command = [sys.executable, "-c", script + "\nassert not error, error"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
