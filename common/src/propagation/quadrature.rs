//! Integrals by Gauss and Legendre's rule on panels that become narrow where a function may bend sharply.

use std::f64::consts::PI;

/// A point of a rule and its weight.
pub(crate) type Point = [f64; 2];

/// The rule of `count` points on [-1, 1]: roots of the Legendre polynomial by Newton's method from Tricomi's guesses.
pub(crate) fn gauss_legendre(count: usize) -> Vec<Point> {
    let n = count as f64;
    let root = |number: usize| {
        let mut x = (PI * (number as f64 + 0.75) / (n + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..8 {
            let (mut before, mut value) = (1.0, x);
            for degree in 2..=count {
                let degree = degree as f64;
                (before, value) = (value, ((2.0 * degree - 1.0) * x * value - (degree - 1.0) * before) / degree);
            }
            slope = n * (x * value - before) / (x * x - 1.0);
            x -= value / slope;
        }
        [x, 2.0 / ((1.0 - x * x) * slope * slope)]
    };
    (0..count).map(root).collect()
}

/// Points on [low, high] by `rule`.
pub(crate) fn panel(rule: &[Point], low: f64, high: f64) -> impl Iterator<Item = Point> {
    let (middle, half) = ((low + high) / 2.0, (high - low) / 2.0);
    rule.iter().map(move |[x, weight]| [middle + half * x, half * weight])
}

/// Points on the way from `sharp` to `end`, on `panels` panels each of which is half as wide as the next.
pub(crate) fn graded(rule: &[Point], sharp: f64, end: f64, panels: usize) -> Vec<Point> {
    let edge = |number: usize| {
        if number == 0 { sharp } else { sharp + (end - sharp) * 0.5f64.powi((panels - number) as i32) }
    };
    let points = (0..panels).flat_map(|number| panel(rule, edge(number), edge(number + 1)));
    points.map(|[x, weight]| [x, weight.abs()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_are_exact() {
        for count in [1, 2, 5, 8, 16] {
            let integral: f64 =
                gauss_legendre(count).iter().map(|[x, weight]| weight * x.powi(2 * count as i32 - 2)).sum();
            assert!((integral - 2.0 / (2 * count - 1) as f64).abs() < 1e-14, "{count}: {integral}");
        }
    }

    #[test]
    fn sharp_ends_are_resolved() {
        let rule = gauss_legendre(8);
        for [sharp, end] in [[0.0, 2.0], [0.0, -2.0]] {
            let integral: f64 =
                graded(&rule, sharp, end, 40).iter().map(|[x, weight]| weight * (-(x / 1e-6).abs()).exp()).sum();
            assert!((integral / 1e-6 - 1.0).abs() < 1e-10, "{integral}");
        }
    }
}
