//! A quantile function by polynomials through its logarithm, one an octave of either tail: for functions that take
//! long, of which a table asks thousands of quantiles.

use std::array;

use crate::law::table::segment::OCTAVES;
use crate::law::table::tail::{Quantile, Tail};
use crate::real;

/// Nodes of an octave [p, 2p]. Where the function is smooth but at p = 0 and 1, each takes a factor of 3 + √8 off the
/// error, which these leave at 1e-12.
const NODES: usize = 16;
/// The largest relative difference between a polynomial and the function; elsewhere the function itself is asked.
const TOLERANCE: f64 = 1e-9;
/// Where that is tried: not at nodes, and not halfway between two ends, where the difference may be 0.
const TRIED: [f64; 2] = [-0.96, 0.31];

/// A quantile function times a power of 2.
pub(super) struct Octaves<'a, Q> {
    quantile: &'a Q,
    factor: f64,
    nodes: [f64; NODES],
    /// Logarithms of the quantiles' magnitudes at the nodes, none where those would be too far off.
    logarithms: Vec<Option<[f64; NODES]>>,
    sign: f64,
}

impl<'a, Q: Quantile> Octaves<'a, Q> {
    /// The function, of which all quantiles have this sign or are 0, times `factor`.
    pub(super) fn new(quantile: &'a Q, factor: f64, sign: f64) -> Self {
        // Chebyshev's nodes with both ends, whose weights are 1, but 1/2 at the ends, with alternating signs.
        let nodes = array::from_fn(|k| real::cos(std::f64::consts::PI * k as f64 / (NODES - 1) as f64));
        let mut octaves = Self { quantile, factor, nodes, logarithms: Vec::new(), sign };
        if Q::IS_SMOOTH {
            let all = [Tail::Lower, Tail::Upper].into_iter().flat_map(|tail| (0..OCTAVES).map(move |n| (tail, n)));
            octaves.logarithms = all.map(|(tail, octave)| octaves.through(tail, octave)).collect();
        }
        octaves
    }

    /// The logarithms at the nodes of an octave, if the polynomial through them is the function.
    fn through(&self, tail: Tail, octave: usize) -> Option<[f64; NODES]> {
        let exact = |t: f64| real::log(self.quantile.at(probability(octave, t), tail).abs());
        let mut logarithms = [0.0; NODES];
        for (logarithm, t) in logarithms.iter_mut().zip(self.nodes) {
            if self.quantile.takes_too_long() {
                return None;
            }
            *logarithm = exact(t);
        }
        let is_it = |t: f64| (self.polynomial(&logarithms, t) - exact(t)).abs() <= TOLERANCE;
        (logarithms.iter().all(|x| x.is_finite()) && TRIED.into_iter().all(is_it)).then_some(logarithms)
    }

    /// The polynomial at a position from −1 to 1, by the barycentric formula (Berrut and Trefethen 2004).
    fn polynomial(&self, logarithms: &[f64; NODES], t: f64) -> f64 {
        let (mut above, mut below, mut sign) = (0.0, 0.0, 1.0);
        for (k, (node, value)) in self.nodes.iter().zip(logarithms).enumerate() {
            if t == *node {
                return *value;
            }
            let weight = if k % (NODES - 1) == 0 { 0.5 * sign } else { sign } / (t - node);
            above += weight * value;
            below += weight;
            sign = -sign;
        }
        above / below
    }
}

impl<Q: Quantile> Quantile for Octaves<'_, Q> {
    const IS_SMOOTH: bool = Q::IS_SMOOTH;

    fn at(&self, p: f64, tail: Tail) -> f64 {
        // Octave n begins at 2^-(n + 2); the end of the first is no other's beginning.
        let octave = (-2 - exponent(p)).clamp(0, OCTAVES as i32 - 1) as usize;
        let index = octave + if tail == Tail::Lower { 0 } else { OCTAVES };
        match self.logarithms.get(index).and_then(Option::as_ref) {
            Some(logarithms) => {
                let t = 2.0 * real::ldexp(p, octave as i32 + 2) - 3.0;
                self.sign * self.factor * real::exp(self.polynomial(logarithms, t))
            }
            None => self.factor * self.quantile.at(p, tail),
        }
    }

    fn takes_too_long(&self) -> bool {
        self.quantile.takes_too_long()
    }

    fn remedy(&self) -> &'static str {
        self.quantile.remedy()
    }
}

/// The probability at a position from −1 to 1 of an octave.
fn probability(octave: usize, t: f64) -> f64 {
    real::ldexp((t + 3.0) / 2.0, -(octave as i32) - 2)
}

/// The exponent of a positive number.
pub(super) fn exponent(x: f64) -> i32 {
    (x.to_bits() >> 52 & 0x7ff) as i32 - 1023
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Power;

    impl Quantile for Power {
        const IS_SMOOTH: bool = true;

        fn at(&self, p: f64, tail: Tail) -> f64 {
            let u = if tail == Tail::Lower { p } else { 1.0 - p };
            -real::exp(20.0 * real::log(u))
        }
    }

    #[test]
    fn polynomials_are_the_function() {
        let octaves = Octaves::new(&Power, 8.0, -1.0);
        assert!(octaves.logarithms.iter().all(Option::is_some));
        for k in 0..1000 {
            let p = real::ldexp(1.0 + f64::from(k % 31) / 31.0, -2 - k % 32);
            for tail in [Tail::Lower, Tail::Upper] {
                let (found, wanted) = (octaves.at(p, tail), 8.0 * Power.at(p, tail));
                assert!((found - wanted).abs() <= 1e-10 * wanted.abs(), "{p} {tail:?}: {found} {wanted}");
            }
        }
    }
}
