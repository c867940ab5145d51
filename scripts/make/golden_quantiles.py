#!/usr/bin/env python3
"""Writes tests/data/quantiles.safetensors: quantiles of the tabulated laws by scipy, at words that cover every octave.

For each law two tensors: `LAW.word`, 32-bit words (128 in each octave of each tail), and `LAW.quantile`, the f64 quantile
of the probability that the word stands for (shaders/law/quantile.wgsl). Upper tails are taken by scipy's inverse survival
functions. Needs numpy, scipy and safetensors.
"""

import pathlib

import numpy as np
from safetensors.numpy import save_file
from scipy import stats

INFINITY = float("inf")
LAWS = {
    "truncated_normal(0,1,-2,2)": stats.truncnorm(-2, 2),
    "truncated_normal(0,1,5.25,9)": stats.truncnorm(5.25, 9),
    "truncated_normal(0,1,6,7)": stats.truncnorm(6, 7),
    "truncated_normal(0,1,-1,inf)": stats.truncnorm(-1, INFINITY),
    "laplace(0,1)": stats.laplace(),
    "logistic(0,1)": stats.logistic(),
    "gumbel(0,1)": stats.gumbel_r(),
    "exponential(1)": stats.expon(),
    "log_uniform(0.001,0.1)": stats.loguniform(0.001, 0.1),
    "log_normal(0,0.5)": stats.lognorm(0.5),
    "triangular(0,1,0.3)": stats.triang(0.3),
    "arcsine(0,1)": stats.arcsine(),
    "beta(2,3)": stats.beta(2, 3),
    "beta(0.5,1.5)": stats.beta(0.5, 1.5),
}


def words(rng):
    """For every leading-zero count of either tail, 128 words: the odd number of the kernel, shifted back."""
    odd = []
    for octave in range(32):
        low, high = 1 << (31 - octave), 1 << (32 - octave)
        odd.append(rng.integers(low, high, 128, dtype=np.uint64) | np.uint64(1))
    lower = (np.concatenate(odd) >> np.uint64(1)).astype(np.uint32)
    return np.concatenate([lower, ~lower])


def main():
    rng = np.random.default_rng(2026)
    tensors = {}
    for name, law in LAWS.items():
        word = words(rng)
        upper = word >> np.uint32(31) == 1
        odd = np.where(upper, ~word, word).astype(np.float64) * 2 + 1
        p = odd / 2.0**33
        quantile = np.where(upper, law.isf(p), law.ppf(p))
        tensors[f"{name}.word"] = word
        tensors[f"{name}.quantile"] = quantile
    path = pathlib.Path(__file__).parent.parent.parent / "tests" / "data" / "quantiles.safetensors"
    save_file(tensors, path)
    print(f"{path.name}: {len(LAWS)} laws, {sum(len(t) for t in tensors.values()) // 2} quantiles")


if __name__ == "__main__":
    main()
