//! The angle of Box and Muller's transform: 2^24 distinct ones in each quadrant, by an angle word's bits 6 to 29.

use std::f64::consts::FRAC_PI_2;

use weightinit::arithmetic::law::cos_sin::cos_sin;
use weightinit::arithmetic::law::normal::box_muller;
use weightinit::arithmetic::law::portable_math::odd_integer;

use crate::documented::{hold, row};
use crate::radius::UNIT;
use crate::sweep::{Gathered, Worst, fewer, sweep, ulp};

/// Distinct angles of a quadrant.
pub(crate) const ANGLES: u64 = 1 << 24;

const COSINE: &str = "cosine: error, 2^-22";
const SINE: &str = "sine: error, 2^-22";
const ULPS: &str = "cosine and sine: error, ulp";
const SMALLEST: &str = "cosine and sine: smallest magnitude";

/// The turn of an angle word from its quadrant's axis, in quarters of the circle: an odd number of 2^-25.
fn fraction(word: u32) -> f32 {
    odd_integer(word << 2) / (1 << 25) as f32
}

/// Cosine and sine of a word's angle from its quadrant's axis, and by how much the portable ones miss them.
pub(crate) fn cosine_and_sine(word: u32) -> [(f64, f64); 2] {
    let angle = FRAC_PI_2 * f64::from(fraction(word));
    let found = cos_sin(fraction(word)).map(f64::from);
    let exact = [libm::cos(angle), libm::sin(angle)];
    [(exact[0], (found[0] - exact[0]).abs()), (exact[1], (found[1] - exact[1]).abs())]
}

struct Angles {
    cosine: Worst,
    sine: Worst,
    ulps: Worst,
    /// The smallest cosine or sine, and the largest sample of the largest radius.
    smallest: f64,
    largest: f32,
    /// Where samples are subnormal, 0 or no numbers, depend on the lowest bits, or do not turn with the quadrant.
    broken: u64,
}

impl Default for Angles {
    fn default() -> Self {
        let [cosine, sine, ulps] = [Worst::default(); 3];
        Self { cosine, sine, ulps, smallest: f64::INFINITY, largest: 0.0, broken: 0 }
    }
}

impl Gathered for Angles {
    fn then(self, next: Self) -> Self {
        Self {
            cosine: self.cosine.or(next.cosine),
            sine: self.sine.or(next.sine),
            ulps: self.ulps.or(next.ulps),
            smallest: self.smallest.min(next.smallest),
            largest: self.largest.max(next.largest),
            broken: self.broken + next.broken,
        }
    }
}

impl Angles {
    fn meet(&mut self, word: u32, transform: &impl Fn(u32, u32) -> [f32; 2]) {
        let [(cosine, cosine_miss), (sine, sine_miss)] = cosine_and_sine(word);
        self.cosine.meet(word, cosine_miss / UNIT);
        self.sine.meet(word, sine_miss / UNIT);
        self.ulps.meet(word, cosine_miss / ulp(cosine));
        self.ulps.meet(word, sine_miss / ulp(sine));
        self.smallest = self.smallest.min(cosine.abs()).min(sine.abs());
        let [x, y] = transform(0, word);
        self.largest = self.largest.max(x.abs()).max(y.abs());
        let turned = |quadrant: u32| transform(0, word | 0x3f | quadrant << 30);
        let right = [[x, y], [-y, x], [-x, -y], [y, -x]] == [0, 1, 2, 3].map(turned);
        // Around the first quadrant's axis the cosine is above √½.
        self.broken += u64::from(!right || !x.is_normal() || !y.is_normal() || x < y.abs());
    }

    fn of(count: u64, transform: impl Fn(u32, u32) -> [f32; 2] + Sync) -> Self {
        sweep("angle words", count, |angle, angles: &mut Self| angles.meet(angle << 6, &transform))
    }
}

#[test]
fn angles() {
    let mut angles = Angles::of(ANGLES, box_muller);
    for word in [COSINE, SINE, ULPS, SMALLEST].into_iter().flat_map(|claim| row(claim).words) {
        angles.meet(word, &box_muller);
    }
    assert_eq!(angles.broken, 0);
    hold(&[
        (COSINE, format!("{:.4}", angles.cosine.error), vec![angles.cosine.word]),
        (SINE, format!("{:.4}", angles.sine.error), vec![angles.sine.word]),
        (ULPS, format!("{:.4}", angles.ulps.error), vec![angles.ulps.word]),
        (SMALLEST, format!("{:.4e}", angles.smallest), vec![]),
        ("sample: largest", format!("{}", angles.largest), vec![]),
    ]);
}

/// A quadrant with the wrong sign, bits that should not count, a sample that is 0.
#[test]
fn wrong_angles_are_found() {
    let wrong = (65 * 20_011) << 6;
    let broken = |change: fn([f32; 2]) -> [f32; 2], met: u32| {
        let transform = |radius, angle| {
            let samples = box_muller(radius, angle);
            if angle == met { change(samples) } else { samples }
        };
        Angles::of(fewer(ANGLES), transform).broken
    };
    assert_eq!(broken(|samples| samples, wrong), 0);
    assert_eq!(broken(|[x, y]| [-x, y], wrong | 0x3f | 3 << 30), 1);
    assert_eq!(broken(|[x, y]| [x.next_up(), y], wrong | 0x3f), 1);
    assert_eq!(broken(|[x, _]| [x, 0.0], wrong), 1);
}
