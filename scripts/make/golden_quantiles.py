#!/usr/bin/env python3
"""Writes tests/data/quantiles.safetensors: quantiles of the tabulated laws by scipy, at words that cover every octave,
and tests/data/hostile_quantiles.safetensors: the same of laws with parameters far from 1.

For each law two tensors: `LAW.word`, 32-bit words (128 in each octave of each tail, of hostile laws one), and
`LAW.quantile`, the f64 quantile of the probability that the word stands for (shaders/law/quantile.wgsl). Upper tails
are taken by scipy's inverse survival functions. Needs numpy, scipy and safetensors.
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




class Of:
    """The law of an increasing function of a sample of another."""

    def __init__(self, function, law):
        self.function, self.law = function, law

    def ppf(self, p):
        return self.function(self.law.ppf(p))

    def isf(self, p):
        return self.function(self.law.isf(p))


class Logarithmic:
    """scipy's loguniform, whose upper tail forgets how small p is."""

    def __init__(self, low, high):
        self.low, self.high, self.ratio = low, high, np.log(high) - np.log(low)

    def ppf(self, p):
        return self.low * np.exp(self.ratio * p)

    def isf(self, p):
        return self.high * np.exp(-self.ratio * p)


class Ends:
    """Uniform between two bounds, each tail from its own."""

    def __init__(self, low, high):
        self.low, self.high = low, high

    def ppf(self, p):
        return self.low + (self.high - self.low) * p

    def isf(self, p):
        return self.high - (self.high - self.low) * p


def clipped_cauchy(loc, scale, clip):
    law = stats.cauchy(loc, scale)
    inner = stats.uniform(clip, 1 - 2 * clip)

    class Clipped:
        ppf = staticmethod(lambda p: law.ppf(inner.ppf(p)))
        isf = staticmethod(lambda p: law.isf(inner.ppf(p)))

    return Clipped


def inverse_softplus(x):
    return x + np.log(-np.expm1(-x))


RANGES = [
    (1e-3, 0.1), (1e-6, 1), (1e-8, 1), (1e-9, 1), (1e-10, 1), (1e-12, 1), (1e-16, 1), (1e-20, 1), (1e-25, 1),
    (1e-30, 1), (1e-35, 1), (1e-37, 1), (1e-20, 1e20), (1e-10, 1e30), (1e3, 1e30), (1e-30, 1e-10), (2, 3),
    (1, 1.0001), (1e-5, 1e5), (1e-16, 1e16),
]
SIGMAS = [0.01, 0.1, 0.5, 1, 2, 3, 4, 5, 5.5, 6, 7, 8, 9, 10, 11, 12]
SHAPES = [
    (0.05, 1), (0.06, 1), (0.1, 1), (0.15, 1), (0.2, 1), (0.3, 1), (0.4, 1), (0.5, 1), (0.5, 0.5), (0.1, 0.1),
    (0.06, 0.02), (0.2, 3), (0.1, 10), (0.5, 1000), (0.3, 1e4), (0.1, 1e6), (0.5, 1e7), (2, 3), (1, 5), (50, 50),
]
RATES = [10.0**n for n in range(-30, 10, 2)]
INTERVALS = [
    (0, 1), (0, 1e-10), (0, 1e-20), (0, 1e10), (0, 1e30), (-1, 1), (-1, 0), (1, 2), (1, 1.001), (-1e-9, 1), (1e-9, 1),
    (1e-3, 1), (-1, 1e-9), (-5, -4), (-1e20, 1e20), (100, 101), (-1e-5, 1e-5), (0.5, 1e3), (-7, 3), (1e5, 1e6),
]
PLACES = [(0, 1), (0, 1e-20), (0, 1e20), (1, 1), (-1, 1e-3), (1e3, 1), (1e-3, 1), (1e-9, 1), (5, 1e5), (1e6, 10)]
MODES = [0, 1e-30, 1e-9, 1e-3, 0.1, 0.3, 0.5, 0.9, 0.999, 1]
CLIPS = [1e-4, 1e-3, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.49]


def hostile():
    """Parameters of each law that are far from 1, and some that are not."""
    laws = {}
    for low, high in RANGES:
        laws[f"log_uniform({low},{high})"] = Logarithmic(low, high)
        laws[f"inverse_softplus_log_uniform({low},{high})"] = Of(inverse_softplus, Logarithmic(low, high))
        laws[f"log_of_uniform({low},{high})"] = Of(np.log, Ends(low, high))
    for mu, sigma in [(0, sigma) for sigma in SIGMAS] + [(5, 3), (-10, 8), (-20, 12), (10, 10)]:
        laws[f"log_normal({mu},{sigma})"] = stats.lognorm(sigma, scale=np.exp(mu))
    for alpha, beta in SHAPES:
        laws[f"beta({alpha},{beta})"] = stats.beta(alpha, beta)
    for rate in RATES:
        laws[f"exponential({rate})"] = stats.expon(scale=1 / rate)
    for low, high in INTERVALS:
        laws[f"arcsine({low},{high})"] = stats.arcsine(low, high - low)
    for loc, scale in PLACES:
        laws[f"laplace({loc},{scale})"] = stats.laplace(loc, scale)
        laws[f"logistic({loc},{scale})"] = stats.logistic(loc, scale)
        laws[f"gumbel({loc},{scale})"] = stats.gumbel_r(loc, scale)
    for mode in MODES:
        laws[f"triangular(0,1,{mode})"] = stats.triang(mode)
    for clip in CLIPS:
        laws[f"cauchy(0,1,{clip})"] = clipped_cauchy(0, 1, clip)
    return laws


def words(rng, count):
    """For every leading-zero count of either tail, so many words: the odd number of the kernel, shifted back."""
    odd = []
    for octave in range(32):
        low, high = 1 << (31 - octave), 1 << (32 - octave)
        odd.append(rng.integers(low, high, count, dtype=np.uint64) | np.uint64(1))
    lower = (np.concatenate(odd) >> np.uint64(1)).astype(np.uint32)
    return np.concatenate([lower, ~lower])


def write(name, laws, count):
    rng = np.random.default_rng(2026)
    tensors = {}
    for call, law in laws.items():
        word = words(rng, count)
        upper = word >> np.uint32(31) == 1
        odd = np.where(upper, ~word, word).astype(np.float64) * 2 + 1
        p = odd / 2.0**33
        quantile = np.where(upper, law.isf(p), law.ppf(p))
        tensors[f"{call}.word"] = word
        tensors[f"{call}.quantile"] = quantile
    path = pathlib.Path(__file__).parent.parent.parent / "tests" / "data" / name
    save_file(tensors, path)
    print(f"{path.name}: {len(laws)} laws, {sum(len(t) for t in tensors.values()) // 2} quantiles")


def main():
    write("quantiles.safetensors", LAWS, 128)
    write("hostile_quantiles.safetensors", hostile(), 1)


if __name__ == "__main__":
    main()
