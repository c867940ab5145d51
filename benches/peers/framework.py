"""What one Python framework needs for 2^25 f32 samples on the CPU: framework.py numpy|torch|tensorflow|jax|weightinit

Speaks as the Rust program beside it does: one line of JSON, then names come in and seconds go out, one a line.
"""

import json
import sys
import time

ELEMENTS = 1 << 25
SCALE = 0.02


def numpy():
    import numpy

    rng = numpy.random.Generator(numpy.random.PCG64(1))
    out = numpy.empty(ELEMENTS, numpy.float32)
    return numpy.__version__, {
        "NumPy PCG64, uniform": lambda: rng.random(dtype=numpy.float32, out=out),
        "NumPy PCG64, normal": lambda: rng.standard_normal(dtype=numpy.float32, out=out),
    }


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


def main():
    frameworks = {"numpy": numpy, "torch": torch, "tensorflow": tensorflow, "jax": jax, "weightinit": weightinit}
    version, runs = frameworks[sys.argv[1]]()
    print(json.dumps({"version": version, "names": [f"CPU: {name}" for name in runs]}), flush=True)
    for line in sys.stdin:
        run = runs[line.strip().removeprefix("CPU: ")]
        start = time.perf_counter()
        run()
        print(time.perf_counter() - start, flush=True)


main()
