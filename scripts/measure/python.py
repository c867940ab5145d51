#!/usr/bin/env python3
"""What the Python package costs, beside its peers in one run: a call on 64 elements, 2^25 f32 elements, and a Llama of
1.2 B parameters beside its own _init_weights. Run it by target/python/venv/bin/python, after scripts/python --torch, on
a quiet machine; it takes 5 GB of memory.

python.py [--rounds N] [--no-model] [--into FILE]: into the lines <!-- speed --> and <!-- /speed --> of a document.
"""

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")
import jax
import numpy
import torch
import weightinit
import weightinit.torch

ELEMENTS = 1 << 25
SAME = {"seed": 7, "name": "fc.weight"}


def seconds(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def call():
    """Microseconds of a call on 64 elements, in the fastest of a thousand runs of a hundred."""
    rows = []
    for kind, out in [("a NumPy array", numpy.empty(64, numpy.float32)), ("a tensor of PyTorch", torch.empty(64))]:
        for init in ["uniform", "normal", "truncated_normal"]:
            times = []
            for _ in range(1000):
                start = time.perf_counter()
                for _ in range(100):
                    weightinit.fill(out, init, **SAME)
                times.append((time.perf_counter() - start) / 100)
            rows.append(f"| {kind}, {init} | {min(times) * 1e6:.1f} µs |")
    return ["| `fill` of 64 elements | minimum |", "| --- | --- |", *rows]


def fills(rounds):
    ours, theirs = numpy.empty(ELEMENTS, numpy.float32), torch.empty(ELEMENTS)
    generator = numpy.random.default_rng(1)
    key = jax.random.key(1)
    normal = jax.jit(lambda key: 0.02 * jax.random.normal(key, (ELEMENTS,)))
    runs = {
        ("normal", "weightinit.fill"): lambda: weightinit.fill(ours, "normal", std=0.02, **SAME),
        ("normal", "torch.nn.init.normal_"): lambda: torch.nn.init.normal_(theirs, 0.0, 0.02),
        ("normal", "jax.random.normal"): lambda: normal(key).block_until_ready(),
        ("normal", "Generator.standard_normal(out=)"): lambda: generator.standard_normal(dtype=numpy.float32, out=ours),
        ("uniform", "weightinit.fill"): lambda: weightinit.fill(ours, "uniform", low=-0.02, high=0.02, **SAME),
        ("uniform", "torch.nn.init.uniform_"): lambda: torch.nn.init.uniform_(theirs, -0.02, 0.02),
        ("uniform", "Generator.random(out=)"): lambda: generator.random(dtype=numpy.float32, out=ours),
        ("truncated normal", "weightinit.fill"): lambda: weightinit.fill(ours, "truncated_normal", std=0.02, **SAME),
        ("truncated normal", "torch.nn.init.trunc_normal_"): lambda: torch.nn.init.trunc_normal_(
            theirs, 0.0, 0.02, -0.04, 0.04
        ),
    }
    times = {name: [] for name in runs}
    for turn in range(rounds + 1):
        for name, run in runs.items():
            taken = seconds(run)
            if turn:
                times[name].append(taken)
    least = {name: min(taken) for name, taken in times.items()}
    rows = [
        f"| {law} | {who} | {least[law, who] * 1e3:.1f} | {least[law, who] / least[law, 'weightinit.fill']:.2f} |"
        for law, who in runs
    ]
    return [f"| 2^25 f32 | by | minimum of {rounds}, ms | × weightinit's |", "| --- | --- | --- | --- |", *rows]


def model(rounds):
    import transformers

    config = transformers.LlamaConfig(
        vocab_size=128256,
        hidden_size=2048,
        intermediate_size=8192,
        num_hidden_layers=16,
        num_attention_heads=32,
        num_key_value_heads=8,
        tie_word_embeddings=True,
    )
    with torch.device("meta"):
        llama = transformers.LlamaForCausalLM(config)
    weightinit.torch.init_(llama, seed=1)

    def own():
        for module in llama.modules():
            module.__dict__.pop("_is_hf_initialized", None)
        for parameter in llama.parameters():
            parameter.__dict__.pop("_is_hf_initialized", None)
        llama.apply(llama._init_weights)

    times = {"weightinit.torch.init_": [], "its own _init_weights": []}
    for turn in range(rounds + 1):
        for name, run in zip(times, (lambda: weightinit.torch.init_(llama, seed=1), own), strict=True):
            taken = seconds(run)
            if turn:
                times[name].append(taken)
    least = {name: min(taken) for name, taken in times.items()}
    count = sum(parameter.numel() for parameter in llama.parameters())
    reference = least["weightinit.torch.init_"]
    rows = [f"| {name} | {taken:.2f} | {taken / reference:.2f} |" for name, taken in least.items()]
    return [
        f"| Llama, {count:,} parameters of f32 | minimum of {rounds}, s | × weightinit's |",
        "| --- | --- | --- |",
        *rows,
    ]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--no-model", action="store_true")
    arguments.add_argument("--into", type=Path)
    options = arguments.parse_args()
    load = os.getloadavg()[0]
    parts = [call(), fills(options.rounds), *([] if options.no_model else [model(3)])]
    about = (
        f"By `scripts/measure/python.py` on {os.cpu_count()} cores, load {load:.1f} before; numpy {numpy.__version__}, "
        f"torch {torch.__version__}, jax {jax.__version__}."
    )
    text = "\n".join([about, *("\n" + "\n".join(part) for part in parts)])
    print(text)
    if options.into:
        begin, end = "<!-- speed -->\n", "<!-- /speed -->\n"
        before, rest = options.into.read_text().split(begin)
        options.into.write_text(before + begin + "\n" + text + "\n\n" + end + rest.split(end)[1])


if __name__ == "__main__":
    main()
