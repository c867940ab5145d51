//! The regularized incomplete beta function I_x(a, b), and its inverse.

use std::array;
use std::cell::Cell;

use crate::real;

/// Below e to this power, 2^-60, the leading term is all of a quantile that tables hold: coefficients so small are 0 in
/// them, and 1 less such a number is 1.
const ALL_OF_IT: f64 = -60.0 * std::f64::consts::LN_2;

/// What the logarithms and powers beside a continued fraction take, in terms of it.
const LOGARITHMS: u64 = 14;

/// Most terms of a continued fraction.
const MOST_TERMS: u64 = 999;

/// Most steps of an inverse.
const MOST_ROUNDS: u32 = 200;

/// The function of x for one pair of shapes, with ln B(a, b).
pub(super) struct Incomplete {
    a: f64,
    b: f64,
    log_beta: f64,
    steps: Cell<u64>,
}

/// A search for an x by its logarithm, between bounds that close in.
struct Search {
    p: f64,
    log_x: f64,
    low: f64,
    high: f64,
    /// Steps so far.
    rounds: u32,
    is_open: bool,
}

/// Where the function is asked for: x, its logarithm, which x may be rounded from, and that of 1 − x.
#[derive(Clone, Copy)]
struct Place {
    x: f64,
    log_x: f64,
    log_rest: f64,
}

impl Incomplete {
    pub(super) fn new(a: f64, b: f64, log_beta: f64) -> Self {
        Self { a, b, log_beta, steps: Cell::default() }
    }

    /// How long all calls took so far: terms of continued fractions, and what else takes as long.
    pub(super) fn steps(&self) -> u64 {
        self.steps.get()
    }

    /// The logarithm of the x with I_x = p by the leading term at 0, x^a / (a B(a, b)).
    fn leading(&self, p: f64) -> f64 {
        (real::log(p * self.a) + self.log_beta) / self.a
    }

    /// The x with I_x = p for each p, by Newton's method on the logarithm of x. Each takes its own way: every operation
    /// waits for the one before it, and meanwhile there is time for the others.
    pub(super) fn inverse<const N: usize>(&self, p: [f64; N]) -> [f64; N] {
        let mut searches = p.map(|p| self.search(p));
        while searches.iter().any(|search| search.is_open) {
            let places = searches.each_ref().map(Search::place);
            let values = self.at(places);
            for (i, search) in searches.iter_mut().enumerate().filter(|(_, search)| search.is_open) {
                self.step(search, places[i], values[i]);
            }
        }
        searches.map(|search| real::exp(search.log_x))
    }

    /// From the leading term, or done with it.
    fn search(&self, p: f64) -> Search {
        let mut log_x = self.leading(p).min(-1e-3);
        let mut is_open = log_x >= ALL_OF_IT;
        // The same of 1 − x.
        if real::log1p(-p) + (real::log(self.b) + self.log_beta) < self.b * ALL_OF_IT {
            (log_x, is_open) = (0.0, false);
        }
        let (low, high) = (f64::NEG_INFINITY, 0.0);
        Search { p, log_x, low, high, rounds: 0, is_open }
    }

    /// The next x, from the function's value at this one.
    fn step(&self, search: &mut Search, Place { log_x, log_rest, .. }: Place, value: f64) {
        let &Self { a, b, log_beta, .. } = self;
        let excess = value - search.p;
        *(if excess > 0.0 { &mut search.high } else { &mut search.low }) = log_x;
        // d I / d ln x = x^a (1 − x)^(b − 1) / B(a, b).
        let slope = real::exp(a * log_x + (b - 1.0) * log_rest - log_beta);
        let newton = log_x - excess / slope;
        let next = if newton > search.low && newton < search.high {
            newton
        } else if search.low.is_finite() {
            (search.low + search.high) / 2.0
        } else {
            2.0 * log_x - 1.0
        };
        search.rounds += 1;
        search.is_open = (next - log_x).abs() > 4e-16 * next.abs().max(1e-300) && next != log_x;
        if search.is_open {
            search.log_x = next;
            search.is_open = search.rounds < MOST_ROUNDS;
        }
    }

    /// The same by a few steps from a guess, but for a part of the last of them, and for what is `nothing`.
    pub(super) fn inverse_near(&self, p: f64, guess: f64, nothing: f64) -> f64 {
        let &Self { a, b, log_beta, .. } = self;
        let leading = real::exp(self.leading(p));
        if leading * (a + b) < 1e-3 && leading < nothing {
            return 0.0;
        }
        // Where the guess may be nothing but its error, the leading term is almost all.
        let mut x = if leading * (a + b) < 1e-3 { leading } else { guess };
        for _ in 0..4 {
            if !(0.0 < x && x < 1.0) {
                break;
            }
            let (log_x, log_rest) = (real::log(x), real::log1p(-x));
            let density = real::exp((a - 1.0) * log_x + (b - 1.0) * log_rest - log_beta);
            let [value] = self.at([Place { x, log_x, log_rest }]);
            let step = (p - value) / density;
            // By how much the density changes along the step, and so the tangent is not the function.
            let change = step * ((a - 1.0) / x - (b - 1.0) / (1.0 - x));
            x += step;
            if step.abs() <= 0.001 * x && change.abs() <= 0.001 {
                return x;
            }
        }
        let [x] = self.inverse([p]);
        x
    }

    /// The function itself, by its continued fraction on the side where that converges.
    fn at<const N: usize>(&self, places: [Place; N]) -> [f64; N] {
        let &Self { a, b, log_beta, .. } = self;
        let turned = places.map(|place| place.x > (a + 1.0) / (a + b + 2.0));
        let sides: [_; N] = array::from_fn(|i| match turned[i] {
            false => (a, b, places[i].x),
            true => (b, a, 1.0 - places[i].x),
        });
        let (fractions, terms) = continued_fractions(sides);
        self.steps.set(self.steps.get() + terms);
        array::from_fn(|i| {
            let ((a, b, x), Place { log_x, log_rest, .. }) = (sides[i], places[i]);
            if x == 0.0 {
                return if turned[i] { 1.0 } else { 0.0 };
            }
            self.steps.set(self.steps.get() + LOGARITHMS);
            let (log_x, log_rest) = match turned[i] {
                // x was rounded by at most 2^-53 of it: its logarithm moves by less than half a unit in the last place.
                false if log_x <= -2.0 => (log_x, log_rest),
                false => (real::log(x), log_rest),
                true => (real::log(x), real::log1p(-x)),
            };
            let value = real::exp(a * log_x + b * log_rest - log_beta) / a * fractions[i];
            if turned[i] { 1.0 - value } else { value }
        })
    }
}

impl Search {
    /// Where the function is asked for, which takes no time when the search is over.
    fn place(&self) -> Place {
        let x = if self.is_open { real::exp(self.log_x) } else { 0.0 };
        Place { x, log_x: self.log_x, log_rest: real::log1p(-x) }
    }
}

/// What I_x(a, b) is of its leading term, for each a, b and x, by its continued fraction (DLMF 8.17.22), evaluated by
/// Lentz; and how many terms that took.
fn continued_fractions<const N: usize>(arguments: [(f64, f64, f64); N]) -> ([f64; N], u64) {
    let mut c = [1.0; N];
    let mut d = arguments.map(|(a, b, x)| 1.0 / guarded(1.0 - (a + b) * x / (a + 1.0)));
    let mut fractions = d;
    let (mut open, mut terms) = ([true; N], 0);
    while terms < MOST_TERMS && open != [false; N] {
        terms += 1;
        let m = terms as f64;
        let even = arguments.map(|(a, b, x)| m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)));
        let odd = arguments.map(|(a, b, x)| -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)));
        let mut factor = [0.0; N];
        for term in [even, odd] {
            for (i, term) in term.into_iter().enumerate() {
                d[i] = 1.0 / guarded(1.0 + term * d[i]);
                c[i] = guarded(1.0 + term / c[i]);
                factor[i] = c[i] * d[i];
                fractions[i] *= if open[i] { factor[i] } else { 1.0 };
            }
        }
        for (open, factor) in open.iter_mut().zip(factor) {
            *open &= (factor - 1.0).abs() >= 1e-16 || factor.is_nan();
        }
    }
    (fractions, terms)
}

/// The number, or one that can be divided by.
fn guarded(value: f64) -> f64 {
    const TINY: f64 = 1e-300;
    if value.abs() < TINY { TINY } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPES: [(f64, f64); 7] =
        [(2.0, 3.0), (0.06, 0.02), (0.5, 1e3), (50.0, 50.0), (3e5, 20.0), (1e5, 1e5), (3.0, 1e-200)];
    const P: [f64; 4] = [0.5, 0.3, 1e-3, 1e-9];

    fn incomplete((a, b): (f64, f64)) -> Incomplete {
        Incomplete::new(a, b, real::lgamma(a) + real::lgamma(b) - real::lgamma(a + b))
    }

    #[test]
    #[cfg_attr(miri, ignore = "minutes")]
    fn each_of_several_is_as_alone() {
        for shapes in SHAPES {
            let alone = P.map(|p| incomplete(shapes).inverse([p])[0].to_bits());
            assert_eq!(incomplete(shapes).inverse(P).map(f64::to_bits), alone, "{shapes:?}");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "minutes")]
    fn the_inverse_by_way_of_a_guess_is_the_inverse() {
        for shapes in SHAPES {
            for (p, x) in P.into_iter().zip(incomplete(shapes).inverse(P)) {
                let near = incomplete(shapes).inverse_near(p, x * (1.0 + 1e-6), 0.0);
                assert!((near - x).abs() <= 1e-9 * x, "{shapes:?} {p}: {near} {x}");
            }
        }
    }

    /// Less than one step for what is nothing; every step is counted.
    #[test]
    fn steps_are_counted() {
        let incomplete = incomplete((2.0, 3.0));
        assert_eq!((incomplete.inverse_near(1e-9, 0.5, 1e-3), incomplete.steps()), (0.0, 0));
        incomplete.inverse([0.3]);
        assert!((50..5000).contains(&incomplete.steps()), "{}", incomplete.steps());
    }
}
