#!/usr/bin/env python3
"""Fits the polynomials of the portable Box-Muller transform and measures the transform with them in float32.

Prints the coefficients as they stand in src/coefficients.rs, the error of each polynomial in exact arithmetic, and the
error of the whole transform (shaders/normal.wgsl) against float64, in units of 2^-22 r, which is what the accuracy of the
samples is stated in. Needs numpy; takes a few seconds.

Method: Lawson's iteratively reweighted least squares for the minimax polynomial; then coefficients are rounded to float32
from the lowest power up, the rest being fitted again after each rounding, so that later ones take up the error of
earlier ones.
"""

import numpy as np

f32 = np.float32
UNIT = 2.0**-22
SQRT_HALF = 0xB504F333
TWO_LN_2 = f32(2 * np.log(2.0))


def minimax(x, y, degree, fixed, rounds=400):
    """Coefficients, lowest power first, that minimize max |p(x)/y - 1|; those in `fixed` are given."""
    powers = np.stack([x**k for k in range(degree + 1)], axis=1) / y[:, None]
    free = [k for k in range(degree + 1) if k not in fixed]
    rest = 1.0 - sum((c * powers[:, k] for k, c in fixed.items()), np.zeros_like(x))
    if not free:
        return np.array([fixed[k] for k in range(degree + 1)])
    # Columns of about equal size keep the least squares well conditioned.
    scale = np.abs(powers[:, free]).max(axis=0)
    columns = powers[:, free] / scale
    weights = np.ones_like(x)
    best, best_error = None, np.inf
    for _ in range(rounds):
        root = np.sqrt(weights)[:, None]
        solution = np.linalg.lstsq(columns * root, rest * root[:, 0], rcond=None)[0]
        error = np.abs(rest - columns @ solution)
        if error.max() < best_error:
            best, best_error = solution, error.max()
        weights *= error
        weights /= weights.sum()
    coefficients = np.zeros(degree + 1)
    coefficients[free] = best / scale
    for k, c in fixed.items():
        coefficients[k] = c
    return coefficients


def fit(x, y, degree, fixed=None):
    """The minimax polynomial with float32 coefficients, and its relative error on x."""
    fixed = dict(fixed or {})
    for k in range(degree + 1):
        if k not in fixed:
            fixed[k] = float(f32(minimax(x, y, degree, fixed)[k]))
    coefficients = np.array([fixed[k] for k in range(degree + 1)])
    error = np.abs(np.polyval(coefficients[::-1], x) / y - 1.0).max()
    return coefficients.astype(f32), error


def chebyshev(low, high, count=2001):
    """Points that are dense at the ends of the interval, where minimax errors peak; never 0."""
    nodes = np.cos(np.pi * (2 * np.arange(count) + 1) / (2 * count))
    points = (low + high) / 2 + (high - low) / 2 * nodes
    return np.where(np.abs(points) < 1e-9, 1e-9, points)


def horner(coefficients, x):
    """The polynomial in float32, one rounding an operation."""
    p = np.full_like(x, coefficients[-1])
    for c in coefficients[-2::-1]:
        p = p * x + c
    return p


def radius(words, log):
    """r of normal.wgsl in float32."""
    a = words | np.uint32(1)
    zeros = np.uint32(31) - np.floor(np.log2(a.astype(np.float64))).astype(np.uint32)
    mantissa = a << zeros
    below = mantissa > np.uint32(SQRT_HALF)
    distance = np.where(below, np.uint32(0) - mantissa, mantissa << np.uint32(1))
    exponent = np.where(below, zeros, zeros + np.uint32(1))
    high, low = (distance >> np.uint32(8)).astype(f32), (distance & np.uint32(255)).astype(f32)
    magnitude = high * f32(2.0**-24) + low * f32(2.0**-32)
    f = np.where(below, -magnitude, magnitude)
    x = exponent.astype(f32) * TWO_LN_2 - f * horner(log, f)
    half = f32(0.5) * x
    y = (np.uint32(0x5F3759DF) - (x.view(np.uint32) >> np.uint32(1))).view(f32)
    for _ in range(3):
        y = y * (f32(1.5) - half * (y * y))
    return x * y


def radius_error(words, log):
    """Relative error of r against float64."""
    u = (words | np.uint32(1)).astype(np.float64) / 2.0**32
    # log1p of the exact distance from 1 is accurate where log(u) is not.
    exact = np.sqrt(-2 * np.where(u > 0.5, np.log1p(u - 1), np.log(u)))
    return radius(words, log) / exact - 1


def angle_errors(k, sin, cos):
    """Errors of sine and cosine at t = k / 2^25 for odd integers k."""
    t = k.astype(f32) * f32(2.0**-25)
    z = t * t
    angle = np.pi / 2 * (k / 2.0**25)
    return horner(sin, z) * t - np.sin(angle), horner(cos, z) - np.cos(angle)


def whole_error(log, sin, cos, rng, count=1 << 24):
    """Largest error of both samples of random pairs of words, in units of 2^-22 r."""
    words = rng.integers(0, 2**32, count, dtype=np.uint32)
    k = rng.integers(-(2**23), 2**23, count) * 2 + 1
    r, exact_r = radius(words, log), radius(words, log) / (1 + radius_error(words, log))
    t = k.astype(f32) * f32(2.0**-25)
    z = t * t
    s, c, angle = horner(sin, z) * t, horner(cos, z), np.pi / 2 * (k / 2.0**25)
    errors = [np.abs(r * s - exact_r * np.sin(angle)), np.abs(r * c - exact_r * np.cos(angle))]
    return max((e / exact_r).max() for e in errors) / UNIT


def hard_words(rng):
    """Radius words of every magnitude, near 1, near the switch between the branches, and at random."""
    spread = rng.integers(0, 2**32, 1 << 22, dtype=np.uint32)
    shifted = [rng.integers(0, 2**32, 1 << 17, dtype=np.uint32) >> np.uint32(n) for n in range(32)]
    near_one = np.uint32(2**32 - 1) - np.arange(1 << 20, dtype=np.uint32)
    switch = [(np.uint32(SQRT_HALF) + np.arange(-4096, 4096)).astype(np.uint32) >> np.uint32(n) for n in range(16)]
    return np.concatenate([spread, near_one, *shifted, *switch])


def declare(name, coefficients):
    values = ", ".join(np.format_float_positional(c, unique=True, trim="0") for c in coefficients)
    print(f"pub(crate) const {name}: [f32; {len(coefficients)}] = [{values}];")


def main():
    f = chebyshev(np.sqrt(0.5) - 1, np.sqrt(2.0) - 1)
    t = np.sqrt(chebyshev(1e-12, 0.25))
    # The limits at 0 that float32 holds exactly are kept: errors there would be relative errors of r near u = 1, and of
    # the cosine where it is largest.
    log, log_error = fit(f, 2 * np.log1p(f) / f, 8, {0: 2.0})
    sin, sin_error = fit(t * t, np.sin(np.pi / 2 * t) / t, 3)
    cos, cos_error = fit(t * t, np.cos(np.pi / 2 * t), 3, {0: 1.0})
    for name, coefficients in [("LOG", log), ("SIN", sin), ("COS", cos)]:
        declare(name, coefficients)
    print(f"relative errors of the polynomials: LOG {log_error:.2e}, SIN {sin_error:.2e}, COS {cos_error:.2e}")

    rng = np.random.default_rng(1)
    worst_radius = np.abs(radius_error(hard_words(rng), log)).max() / UNIT
    worst = [0.0, 0.0]
    for start in range(-(2**23), 2**23, 2**21):
        errors = angle_errors(np.arange(start, start + 2**21) * 2 + 1, sin, cos)
        worst = [max(w, np.abs(e).max() / UNIT) for w, e in zip(worst, errors)]
    print(f"in units of 2^-22: radius {worst_radius:.3f}, sine {worst[0]:.3f}, cosine {worst[1]:.3f} (every angle)")
    print(f"samples, in units of 2^-22 r: {whole_error(log, sin, cos, rng):.3f}")


if __name__ == "__main__":
    main()
