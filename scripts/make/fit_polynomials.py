#!/usr/bin/env python3
"""Fits the polynomials of the portable Box-Muller transform, and measures the transform with them in float32.

The transform (Box and Muller, 1958) turns two 32-bit words into r cos(angle), r sin(angle) with additions and
multiplications only, each rounded to nearest, so that every device computes the same bits. That leaves three functions
to polynomials: LOG(f) ~ 2 ln(1+f) / f, SIN(z) ~ sin(pi t/2) / t and COS(z) ~ cos(pi t/2) where z = t^2. It prints them
as they stand in src/arithmetic/law/coefficients.rs; the transform itself is shaders/law/normal.wgsl, word for word.

Method: Lawson's reweighted least squares (1961) give the minimax polynomial; coefficients are rounded to float32 from
the lowest power up, the others being fitted again after each. Each fit is weighted by how much the samples suffer from
its error there. Radius words are a sample here, angles are all of them: the largest error of a sample is not a proof.
(Over all 2^31 odd radius words the radius is within 1.062 units, and over all pairs every sample within 1.468.)
Errors of samples are in units of 2^-22 r. The same run gives the same output: seeds are fixed. Needs numpy.
"""

import numpy as np

f32, u32 = np.float32, np.uint32
UNIT = 2.0**-22
THRESHOLD = 0xB504F333  # sqrt(1/2) * 2^32
TWO_LN2 = f32(2 * np.log(2.0))
CHUNK = 1 << 20


# ---- Fitting ----


def minimax(x, target, weight, degree, fixed, rounds=300):
    """Coefficients that minimize max |weight (target - p)| on the grid x, those in `fixed` (the lowest powers) given."""
    rest = weight * (target - sum((c * x**k for k, c in enumerate(fixed)), np.zeros_like(x)))
    columns = weight[:, None] * x[:, None] ** np.arange(len(fixed), degree + 1)
    # Columns of about equal size keep the least squares well conditioned.
    scale = np.abs(columns).max(axis=0)
    columns /= scale
    lawson, best, lowest = np.ones_like(x), None, np.inf
    for _ in range(rounds):
        root = np.sqrt(lawson)
        solution = np.linalg.lstsq(columns * root[:, None], rest * root, rcond=None)[0]
        error = np.abs(rest - columns @ solution)
        if error.max() < lowest:
            best, lowest = solution, error.max()
        lawson *= error
        lawson /= lawson.mean()
    return best / scale


def fit(x, target, weight, degree, fixed=()):
    """Minimax coefficients in float32: rounded from the lowest power up, each time fitting the rest again."""
    fixed = list(fixed)
    while len(fixed) <= degree:
        fixed.append(float(f32(minimax(x, target, weight, degree, fixed)[0])))
    return np.array(fixed, f32)


def exact_error(coefficients, x, target, weight):
    """Largest weighted error of the float32 coefficients in exact (float64) arithmetic."""
    return np.abs(weight * (np.polyval(coefficients[::-1].astype(float), x) - target)).max()


# ---- The float32 model ----


def horner(coefficients, x):
    p = np.full_like(x, coefficients[-1])
    for c in coefficients[-2::-1]:
        p = p * x + c
    return p


def reduce_word(words):
    """E and the signed f (as float32) with u = 2^-E (1 + f)."""
    a = words | u32(1)
    zeros = (32 - np.frexp(a.astype(float))[1]).astype(u32)
    w = a << zeros
    negative = w > u32(THRESHOLD)
    d = np.where(negative, ~w + u32(1), w << u32(1))
    f = (d >> u32(8)).astype(f32) * f32(2.0**-24) + (d & u32(255)).astype(f32) * f32(2.0**-32)
    return (zeros + ~negative).astype(f32), np.where(negative, -f, f)


def radius(reduced, log):
    e, f = reduced
    x = e * TWO_LN2 - f * horner(log, f)
    y = (u32(0x5F3759DF) - (x.view(u32) >> u32(1))).view(f32)
    h = f32(0.5) * x
    for _ in range(3):
        y = y * (f32(1.5) - h * (y * y))
    return x * y


def exact_radius(words):
    # u is exact in float64, and so is 1 - u: log1p keeps its digits where u is near 1.
    u = (words | u32(1)).astype(float) * 2.0**-32
    return np.sqrt(-2 * np.log1p(u - 1))


def sin_cos(k, sin, cos):
    """Sine and cosine of (pi/2) k / 2^25 in float32."""
    t = k.astype(f32) * f32(2.0**-25)
    z = t * t
    return t * horner(sin, z), horner(cos, z)


def exact_sin_cos(k):
    angle = (np.pi / 2) * (k * 2.0**-25)
    return np.sin(angle), np.cos(angle)


# ---- Errors ----


def radius_errors(words, log):
    """Signed relative errors of r."""
    return radius(reduce_word(words), log) / exact_radius(words) - 1


def angle_errors(k, sin, cos):
    """Exact sine and cosine, and the signed errors of the float32 ones."""
    exact = exact_sin_cos(k)
    return exact, [value - true for value, true in zip(sin_cos(k, sin, cos), exact)]


def angle_bound(k, sin, cos, rho):
    """For each k, a bound of |error| / r over every radius of relative error at most rho, the product's rounding too."""
    # Signs of the quadrant change nothing: errors of either output are among those of these two.
    exact, errors = angle_errors(k, sin, cos)
    bounds = []
    for true, error in zip(exact, errors):
        product = np.abs(true) * (1 + rho) + np.abs(error) * (1 + rho)
        bounds.append(np.abs(true) * rho + np.abs(error) * (1 + rho) + product * 2.0**-24)
    return np.maximum(*bounds)


def joint_error(words, k, polynomials):
    """Largest |error| / r of both outputs, words and k paired or broadcast."""
    log, sin, cos = polynomials
    r, true = radius(reduce_word(words), log), exact_radius(words)
    pairs = zip(sin_cos(k, sin, cos), exact_sin_cos(k))
    return max((np.abs(r * value - true * exact) / true).max() for value, exact in pairs)


# ---- Samples ----


def radius_words(rng, count):
    """Random words, of every number of leading zeros, near the switch at every scale, and near 2^32."""
    spread = rng.integers(0, 2**32, count, dtype=u32)
    few = [rng.integers(0, 2**32, count // 16, dtype=u32) >> u32(n) for n in range(32)]
    below_one = [~(rng.integers(0, 2**32, count // 64, dtype=u32) >> u32(n)) for n in range(1, 32)]
    near = np.arange(-2048, 2048) + (THRESHOLD >> np.arange(32))[:, None]
    near = near[(near >= 0) & (near < 2**32)].astype(u32)
    return np.concatenate([spread, *few, *below_one, near, ~np.arange(count // 16, dtype=u32)])


# ---- The three polynomials ----


def chebyshev(low, high, count=1000):
    """A grid that is dense at the ends, where minimax errors peak."""
    return low + (high - low) * (0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / count))


def fit_log():
    f = chebyshev(np.sqrt(0.5) - 1, np.sqrt(2.0) - 1)
    target = 2 * np.log1p(f) / f
    # Relative error of x where it is least forgiving: E = 0 left of 0, where x = -f P, and E = 1 right of it.
    weight = np.where(f < 0, 1 / target, f / (2 * np.log(2.0) - f * target))
    log = fit(f, target, weight, 8, [2.0])
    return log, exact_error(log, f, target, weight), exact_error(log, f, target, 1.0)


def fit_angle():
    z = chebyshev(0, 0.25)
    t = np.sqrt(z)
    sine, cosine = np.sin(np.pi / 2 * t) / t, np.cos(np.pi / 2 * t)
    # The error of r counts most where the cosine is near 1, so there the cosine may have the least of its own. (COS[0]
    # left free is rounded to 1 all the same.)
    sin, cos = fit(z, sine, t, 3), fit(z, cosine, 0.1 / (1 - 0.9 * cosine), 3, [1.0])
    return sin, cos, exact_error(sin, z, sine, t), exact_error(cos, z, cosine, 1.0)


def declare(name, coefficients):
    values = ", ".join(np.format_float_positional(c, unique=True, trim="0") for c in coefficients)
    print(f"pub(crate) const {name}: [f32; {len(coefficients)}] = [{values}];")


def measure(log, sin, cos, rng):
    polynomials = log, sin, cos
    words = radius_words(rng, 1 << 24)
    errors = np.concatenate([radius_errors(part, log) for part in np.array_split(words, 64)])
    rho = np.abs(errors).max()
    print(f"radius, relative, {len(words)} words: {rho / UNIT:.3f}")
    # Sine is odd and cosine even to the bit, so positive odd k are every angle.
    bounds, largest = [], np.zeros(2)
    for start in range(0, 2**23, CHUNK):
        k = np.arange(start, start + CHUNK) * 2 + 1
        largest = np.maximum(largest, [np.abs(e).max() for e in angle_errors(k, sin, cos)[1]])
        bounds.append(angle_bound(k, sin, cos, rho))
    bounds = np.concatenate(bounds)
    print(f"every angle: sine {largest[0] / UNIT:.3f}, cosine {largest[1] / UNIT:.3f}")
    print(f"samples / r, bound for that radius error and every angle: {bounds.max() / UNIT:.3f}")
    order = np.argsort(errors)
    bad_words = words[np.concatenate([order[:1024], order[-1024:]])][:, None]
    bad_k = np.argsort(bounds)[-2048:][None, :] * 2 + 1
    print(f"samples / r, worst 2048 words by worst 2048 angles: {joint_error(bad_words, bad_k, polynomials) / UNIT:.3f}")
    draw = lambda: (rng.integers(0, 2**32, CHUNK, dtype=u32), rng.integers(-(2**23), 2**23, CHUNK) * 2 + 1)
    worst = max(joint_error(*draw(), polynomials) for _ in range(16))
    print(f"samples / r, 2^24 random pairs: {worst / UNIT:.3f}")


def main():
    log, x_error, log_error = fit_log()
    sin, cos, sin_error, cos_error = fit_angle()
    for name, coefficients in [("LOG", log), ("SIN", sin), ("COS", cos)]:
        declare(name, coefficients)
    print(f"exact arithmetic: x {x_error:.2e} relative (LOG {log_error:.2e}), sine {sin_error:.2e}, cosine {cos_error:.2e}")
    print("float32, in units of 2^-22:")
    measure(log, sin, cos, np.random.default_rng(1958))


if __name__ == "__main__":
    main()
