//! Mirror of `shaders/unit/slice.wgsl`: where the elements of a slice come from.

use crate::arithmetic::generator::mul_wide_u64::mul_wide;
use crate::arithmetic::generator::params::Params;

#[inline]
fn sum_64(a: [u32; 2], b: [u32; 2]) -> [u32; 2] {
    let low = a[0].wrapping_add(b[0]);
    [low, a[1].wrapping_add(b[1]).wrapping_add(u32::from(low < b[0]))]
}

/// `n / d` for numbers below 2^31.
#[inline]
pub(crate) fn quotient(n: u32, d: u32) -> u32 {
    n / d
}

#[inline]
fn product(a: u32, b: u32) -> [u32; 2] {
    mul_wide(a, b)
}

/// Index in the tensor of the first element of a run.
#[inline]
pub(crate) fn source(nested: bool, params: &Params, run: u32) -> [u32; 2] {
    if !nested {
        return sum_64(params.origin, product(run, params.view[2]));
    }
    let group = quotient(run, params.view[1]);
    let outer = quotient(group, params.view[3]);
    let inside = sum_64(params.origin, product(run - group * params.view[1], params.view[2]));
    let groups = product(group - outer * params.view[3], params.view_count);
    sum_64(sum_64(inside, groups), product(outer, params.block[0]))
}

#[cfg(test)]
mod tests {
    /// The shader's quotient, whose conversions and divisions are wrong by this share at most.
    fn rounded(n: u32, d: u32, error: f64) -> u32 {
        let divide = |n: i64| n as f64 / f64::from(d) * (1.0 + error);
        let first = divide(n.into()).trunc() as i64;
        let left = i64::from(i32::try_from(i64::from(n) - first * i64::from(d)).expect("32 bits are enough"));
        let second = divide(left).floor() as i64;
        let rest = i64::from(i32::try_from(left - second * i64::from(d)).expect("32 bits are enough"));
        (first + second + i64::from(rest >= d.into()) - i64::from(rest < 0)) as u32
    }

    /// WGSL divides with an error of 2.5 units in the last place, and converts with one of half a unit each.
    #[test]
    fn quotients_are_exact() {
        let most = (1 << 31) - 1;
        let edges = [1, 2, 3, 4, 5, 255, 1000, (1 << 16) - 1, 1 << 16, (1 << 24) + 1, (1 << 30) - 1, 1 << 30, most];
        let count = if cfg!(miri) { 20 } else { 20_000u32 };
        let spread = (0..count).map(|i| i.wrapping_mul(0x9e37_79b9) >> (i % 31)).map(|d| d & most);
        for d in edges.into_iter().chain(spread).filter(|d| *d > 0) {
            let multiples = [1, 2, 7, most / d / 2, most / d].map(|times| d.saturating_mul(times).min(most));
            let around = multiples.into_iter().flat_map(|n| [n.saturating_sub(1), n, (n + 1).min(most)]);
            for n in around.chain([0, 1, most - 1, most]) {
                for error in [-4.0, -1.0, 0.0, 1.0, 4.0].map(|units| units / f64::from(1 << 23)) {
                    assert_eq!(rounded(n, d, error), n / d, "{n} / {d}");
                }
            }
        }
    }
}
