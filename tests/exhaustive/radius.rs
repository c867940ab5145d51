//! The radius of Box and Muller's transform. A radius word's lowest bit is set, so that 2^31 radii are distinct.

use weightinit::arithmetic::law::normal::{minus_two_log, square_root};

use crate::documented::{hold, row};
use crate::sweep::{Gathered, Worst, fewer, sweep, ulp};

/// In which errors are stated, relative to the radius.
pub(crate) const UNIT: f64 = 1.0 / (1 << 22) as f64;
/// Radius words that are distinct.
pub(crate) const RADII: u64 = 1 << 31;

/// The document's rows of the radii that are off most.
pub(crate) const ABOVE: &str = "radius: error above, 2^-22 r";
pub(crate) const BELOW: &str = "radius: error below, 2^-22 r";
const ULPS: &str = "radius: error, ulp";

fn radius(word: u32) -> f32 {
    square_root(minus_two_log(word))
}

pub(crate) fn exact_radius(word: u32) -> f64 {
    let u = f64::from(word | 1) / 2f64.powi(32);
    // Near u = 1 the distance from 1 is what counts; it is exact.
    let log = if u > 0.5 { libm::log1p(u - 1.0) } else { libm::log(u) };
    (-2.0 * log).sqrt()
}

/// The error of a word's radius relative to it, in units.
pub(crate) fn error(word: u32) -> f64 {
    let exact = exact_radius(word);
    (f64::from(radius(word)) - exact) / exact / UNIT
}

/// The errors of radii, above and below the exact ones, and their range.
struct Radii {
    above: Worst,
    below: Worst,
    ulps: Worst,
    range: [f32; 2],
    /// How many are subnormal, 0 or no numbers, or not those of the word with its lowest bit set.
    broken: u64,
}

impl Default for Radii {
    fn default() -> Self {
        let [above, below, ulps] = [Worst::default(); 3];
        Self { above, below, ulps, range: [f32::INFINITY, 0.0], broken: 0 }
    }
}

impl Gathered for Radii {
    fn then(self, next: Self) -> Self {
        Self {
            above: self.above.or(next.above),
            below: self.below.or(next.below),
            ulps: self.ulps.or(next.ulps),
            range: [self.range[0].min(next.range[0]), self.range[1].max(next.range[1])],
            broken: self.broken + next.broken,
        }
    }
}

impl Radii {
    fn meet(&mut self, word: u32, radius: &impl Fn(u32) -> f32) {
        let (found, exact) = (radius(word | 1), exact_radius(word));
        let miss = f64::from(found) - exact;
        self.above.meet(word | 1, miss / exact / UNIT);
        self.below.meet(word | 1, -miss / exact / UNIT);
        self.ulps.meet(word | 1, miss.abs() / ulp(exact));
        self.range = [self.range[0].min(found), self.range[1].max(found)];
        self.broken += u64::from(!found.is_normal() || found.to_bits() != radius(word & !1).to_bits());
    }

    fn of(count: u64, radius: impl Fn(u32) -> f32 + Sync) -> Self {
        sweep("radius words", count, |half, radii: &mut Self| radii.meet(half << 1, &radius))
    }
}

#[test]
fn radii() {
    let mut radii = Radii::of(RADII, radius);
    let ends = ["radius: smallest", "radius: largest"];
    for word in [ABOVE, BELOW, ULPS].into_iter().chain(ends).flat_map(|claim| row(claim).words) {
        radii.meet(word, &radius);
    }
    assert_eq!(radii.broken, 0);
    hold(&[
        (ABOVE, format!("{:.4}", radii.above.error), vec![radii.above.word]),
        (BELOW, format!("{:.4}", radii.below.error), vec![radii.below.word]),
        (ULPS, format!("{:.4}", radii.ulps.error), vec![radii.ulps.word]),
        (ends[0], format!("{:e}", radii.range[0]), vec![]),
        (ends[1], format!("{}", radii.range[1]), vec![]),
    ]);
}

/// A radius that is off for one word, and one that is no number.
#[test]
fn wrong_radii_are_found() {
    let wrong = (65 * 20_011) << 1 | 1;
    let off = |word| radius(word) * if word == wrong { 1.0 + 2f32.powi(-21) } else { 1.0 };
    let radii = Radii::of(fewer(RADII), off);
    assert!(radii.above.word == wrong && radii.above.error > 1.5 && radii.broken == 1);
    let radii = Radii::of(fewer(RADII), |word| if word | 1 == wrong { f32::NAN } else { radius(word) });
    assert!(radii.ulps == Worst { word: wrong, error: f64::INFINITY } && radii.broken == 1);
}
