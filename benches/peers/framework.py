"""What one library from PyPI needs for 2^25 f32 samples on the CPU:
framework.py numpy|randompack|torch|tensorflow|jax|mkl|weightinit

Speaks as the Rust program beside it does: one line of JSON, then names come in and seconds go out, one a line.
"""

import json
import sys
import time

ELEMENTS = 1 << 25
# What one core writes again and again, so that no memory is waited for.
CACHED = 1 << 18
SCALE = 0.02


def numpy():
    import numpy

    rng = numpy.random.Generator(numpy.random.PCG64(1))
    out = numpy.empty(ELEMENTS, numpy.float32)
    return numpy.__version__, {
        "NumPy PCG64, uniform": lambda: rng.random(dtype=numpy.float32, out=out),
        "NumPy PCG64, normal": lambda: rng.standard_normal(dtype=numpy.float32, out=out),
    }


def randompack():
    """Generators of one thread each: one for each core, which fills its part of the array."""
    import os
    from concurrent.futures import ThreadPoolExecutor

    import numpy
    import randompack

    cores = len(os.sched_getaffinity(0))
    pool, parts = ThreadPoolExecutor(cores), numpy.array_split(numpy.empty(ELEMENTS, numpy.float32), cores)
    in_cache = parts[0][:CACHED]
    runs = {}
    for engine, name in {"x256++simd": "xoshiro256++ SIMD", "philox": "Philox4x64"}.items():
        generators = [randompack.Rng(engine) for _ in parts]
        for number, generator in enumerate(generators):
            generator.seed(1, spawn_key=[number])
        for law, draw in {
            "uniform": lambda rng, out: rng.unif(a=-SCALE, b=SCALE, out=out),
            "normal": lambda rng, out: rng.normal(mu=0.0, sigma=SCALE, out=out),
        }.items():
            runs[f"CPU: randompack {name}, {law}"] = lambda draw=draw, generators=generators: list(
                pool.map(draw, generators, parts)
            )
            runs[f"one core in its cache: randompack {name}, {law}"] = lambda draw=draw, rng=generators[0]: [
                draw(rng, in_cache) for _ in range(ELEMENTS // CACHED)
            ]
    return randompack.__version__, runs


def torch():
    import torch

    out = torch.empty(ELEMENTS)
    return torch.__version__, {
        "torch uniform_, uniform": lambda: out.uniform_(-SCALE, SCALE),
        "torch normal_, normal": lambda: out.normal_(0.0, SCALE),
        "torch trunc_normal_, truncated normal": lambda: torch.nn.init.trunc_normal_(
            out, 0.0, SCALE, -2 * SCALE, 2 * SCALE
        ),
    }


def tensorflow():
    import tensorflow

    random, shape = tensorflow.random, [ELEMENTS]
    with_philox = {"seed": [1, 2], "alg": "philox"}
    return tensorflow.__version__, {
        "TensorFlow stateless Philox, uniform": lambda: random.stateless_uniform(
            shape, minval=-SCALE, maxval=SCALE, **with_philox
        ),
        "TensorFlow stateless Philox, normal": lambda: random.stateless_normal(shape, stddev=SCALE, **with_philox),
        "TensorFlow stateless Philox, truncated normal": lambda: random.stateless_truncated_normal(
            shape, stddev=SCALE, **with_philox
        ),
    }


def jax():
    import jax

    def jitted(draw):
        return jax.jit(lambda key: SCALE * draw(key, shape=(ELEMENTS,)))

    random = jax.random
    draws = {
        "uniform": lambda key, shape: random.uniform(key, shape, minval=-1.0, maxval=1.0),
        "normal": random.normal,
        "truncated normal": lambda key, shape: random.truncated_normal(key, -2.0, 2.0, shape),
    }
    runs = {}
    for generator in ("threefry2x32", "philox4x32"):
        key = random.key(1, impl=generator)
        for law, draw in draws.items():
            compiled = jitted(draw)
            runs[f"JAX {generator}, {law}"] = lambda compiled=compiled, key=key: compiled(key).block_until_ready()
    return jax.__version__, runs


def weightinit():
    import importlib.metadata

    import numpy
    import weightinit

    out = numpy.empty(ELEMENTS, numpy.float32)
    laws = {
        "uniform": {"low": -SCALE, "high": SCALE},
        "normal": {"std": SCALE},
        "truncated normal": {"std": SCALE},
    }
    return importlib.metadata.version("weightinit"), {
        f"weightinit from Python, {law}": lambda law=law, given=given: weightinit.fill(
            out, law.replace(" ", "_"), seed=1, name="w", **given
        )
        for law, given in laws.items()
    }


def mkl():
    """Intel's vector statistics, which have no threads of their own: a stream for each core, moved to its part."""
    import ctypes
    import importlib.metadata
    import os
    from concurrent.futures import ThreadPoolExecutor

    [path] = (file.locate() for file in importlib.metadata.files("mkl") if file.name.startswith("libmkl_rt."))
    library, real, pointer = ctypes.CDLL(str(path)), ctypes.c_float, ctypes.c_void_p
    philox = 16 << 20
    library.vslSkipAheadStream.argtypes = [pointer, ctypes.c_longlong]
    out = (real * ELEMENTS)()

    def checked(status):
        if status != 0:
            raise RuntimeError(f"MKL's status is {status}")

    def stream(first):
        created = pointer()
        checked(library.vslNewStream(ctypes.byref(created), philox, 1))
        checked(library.vslSkipAheadStream(created, first))
        return created

    def law(name, method, *parameters):
        draw = getattr(library, name)
        draw.argtypes = [ctypes.c_int, pointer, ctypes.c_int, pointer, real, real]
        size = ctypes.sizeof(real)

        def part(first, count, stream):
            checked(draw(method, stream, count, ctypes.addressof(out) + first * size, *parameters))

        return part

    cores = len(os.sched_getaffinity(0))
    count, pool = ELEMENTS // cores, ThreadPoolExecutor(cores)
    firsts = range(0, cores * count, count)
    streams = [stream(first) for first in firsts]

    def on_all(part):
        list(pool.map(part, firsts, [count] * cores, streams))

    def in_cache(part):
        for _ in range(ELEMENTS // CACHED):
            part(0, CACHED, streams[0])

    laws = {
        "4x32-10, uniform": law("vsRngUniform", 0, -SCALE, SCALE),
        "Box-Muller 2, normal": law("vsRngGaussian", 1, 0.0, SCALE),
        "ICDF, normal": law("vsRngGaussian", 2, 0.0, SCALE),
    }
    runs = {}
    for name, part in laws.items():
        name = f"MKL Philox {name}"
        runs[f"CPU: {name}"] = lambda part=part: on_all(part)
        runs[f"one core in its cache: {name}"] = lambda part=part: in_cache(part)
    return importlib.metadata.version("mkl"), runs


def main():
    libraries = (numpy, randompack, torch, tensorflow, jax, mkl, weightinit)
    version, runs = {library.__name__: library for library in libraries}[sys.argv[1]]()
    runs = {name if ": " in name else f"CPU: {name}": run for name, run in runs.items()}
    print(json.dumps({"version": version, "names": list(runs)}), flush=True)
    for line in sys.stdin:
        run = runs[line.strip()]
        start = time.perf_counter()
        run()
        print(time.perf_counter() - start, flush=True)


main()
