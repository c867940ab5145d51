//! The reference against f64: the transform of Box and Muller on the same words, and quantile tables.

use std::f64::consts::FRAC_PI_2;

use weightinit::Law;
use weightinit::arithmetic::law::normal::{box_muller, minus_two_log};
use weightinit::cpu::PhiloxRng;
use weightinit::law::QuantileTable;

use rand_core::Rng;

/// 2^-22, in which errors are stated relative to the radius.
const UNIT: f64 = 1.0 / (1 << 22) as f64;

fn radius(word: u32) -> f64 {
    let a = f64::from(word | 1);
    // Near u = 1 the distance from 1 is what counts; it is exact.
    let log =
        if a > 2f64.powi(31) { libm::log1p((a - 2f64.powi(32)) / 2f64.powi(32)) } else { libm::log(a / 2f64.powi(32)) };
    (-2.0 * log).sqrt()
}

/// The largest error of both samples in units of 2^-22 r.
fn error(radius_word: u32, angle_word: u32) -> f64 {
    let r = radius(radius_word);
    // The fraction is an odd number of 2^-25 around the quadrant's axis.
    let fraction = f64::from((((angle_word << 2) as i32) >> 7) | 1) / 2f64.powi(25);
    let angle = FRAC_PI_2 * (f64::from(angle_word >> 30) + fraction);
    let found = box_muller(radius_word, angle_word).map(f64::from);
    let exact = [r * libm::cos(angle), r * libm::sin(angle)];
    found.iter().zip(exact).map(|(f, e)| (f - e).abs() / r / UNIT).fold(0.0, f64::max)
}

#[test]
fn normals_are_within_their_bound() {
    let mut rng = PhiloxRng::new(1, "accuracy");
    let random = (0..3_000_000).map(|_| rng.next_u32());
    let near_one = (0..100_000).map(|n| u32::MAX - n);
    let near_zero = (0..100_000).chain((0..32).flat_map(|n| [1 << n, (1u32 << n).wrapping_sub(1)]));
    let switch = (0..16).flat_map(|n| (0xB504_E333u32..0xB505_0333).step_by(7).map(move |word| word >> n));
    let words = random.chain(near_one).chain(near_zero).chain(switch);
    let mut angles = PhiloxRng::new(2, "accuracy");
    let worst = words.map(|word| error(word, angles.next_u32())).fold(0.0, f64::max);
    assert!(worst < 1.5, "{worst}");
    // The worst radius words known, with many angles.
    let hard = [0xD9DF_D29F, 0xD9DF_D29E];
    let worst =
        hard.into_iter().flat_map(|word| (0..1 << 20).map(move |_| word)).map(|word| error(word, angles.next_u32()));
    let worst = worst.fold(0.0, f64::max);
    assert!(worst < 1.5, "{worst}");
}

#[test]
fn normals_reach_six_sigma_and_are_never_zero_or_nan() {
    for word in [0, 1, 2, 3, u32::MAX, u32::MAX - 1, 0x7fff_ffff, 0x8000_0000, 0xB504_F333, 0xB504_F334] {
        for angle in [0, 1, 0x2000_0000, 0x1fff_ffff, 0x4000_0000, 0x8000_0000, 0xC000_0000, u32::MAX] {
            let [x, y] = box_muller(word, angle);
            assert!(x.is_normal() && y.is_normal(), "{word:#x} {angle:#x}: {x} {y}");
        }
    }
    let largest = minus_two_log(0).sqrt();
    assert!((f64::from(largest) - (64.0 * std::f64::consts::LN_2).sqrt()).abs() < 1e-6, "{largest}");
}

/// The angle runs once around the circle: quadrants and signs at the eighth turns.
#[test]
fn angles_run_around_the_circle() {
    let half = std::f64::consts::FRAC_1_SQRT_2;
    let axes = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)];
    let diagonals = [(half, half), (-half, half), (-half, -half), (half, -half)];
    // Just before each diagonal, so that the fraction is still that of the quadrant before it.
    let words = (0..4u32)
        .map(|q| (q << 30, axes[q as usize]))
        .chain((0..4u32).map(|q| ((q << 30) + 0x1fff_ffff, diagonals[q as usize])));
    for (word, (cos, sin)) in words {
        let r = radius(7);
        let [x, y] = box_muller(7, word).map(|v| f64::from(v) / r);
        assert!((x - cos).abs() < 1e-6 && (y - sin).abs() < 1e-6, "{word:#x}: {x} {y}");
    }
}

fn table(law: &Law) -> &QuantileTable {
    let Law::Tabulated { table, .. } = law else { panic!("a tabulated law") };
    table
}

#[test]
fn tables_meet_the_accuracy_of_the_design() {
    let infinity = f64::INFINITY;
    let cases = [
        (-2.0, 2.0, 6.5e-7),
        (-2.0, 2.0 + 1e-8, 1.8e-7),
        (5.25, 9.0, 1.2 * 2f64.powi(-20)),
        (-infinity, infinity, 5e-7),
    ];
    for (a, b, bound) in cases {
        let law = Law::truncated_normal(0.0, 1.0, a, b).unwrap();
        let error = table(&law).error();
        assert!(error <= bound, "[{a}, {b}]: {error:e}");
    }
}

/// Words at both ends reach the bounds, and the table is monotone along the words of each segment's edge.
#[test]
fn tables_are_monotone_over_the_words() {
    let law = Law::truncated_normal(0.0, 1.0, -2.0, 2.0).unwrap();
    let table = table(&law);
    let at = |word: u32| table.at(word);
    assert!((at(0) + 2.0).abs() < 1e-6 && (at(u32::MAX) - 2.0).abs() < 1e-6);
    assert!((at(0x7fff_ffff)).abs() < 1e-6 && at(0x8000_0000).abs() < 1e-6);
    let mut last = f64::NEG_INFINITY;
    for word in (0..=u32::MAX).step_by(4099) {
        let x = at(word);
        assert!(x >= last - 7e-7, "{word:#x}");
        last = x.max(last);
    }
}
