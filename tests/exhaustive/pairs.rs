//! Samples of all 2^57 pairs of a radius and an angle: the largest error, by branch and bound.
//!
//! With a radius r (1 + ρ) and a cosine or sine c + γ the rounded product misses r c by at most r times
//! |c ρ| + |γ| (1 + |ρ|) + 2^-24 |c + γ| (1 + |ρ|). For most angles this is below the error of the worst pair, whatever
//! the radius; for the others it says how far off a radius has to be. The pairs that remain are computed.

use rayon::prelude::*;
use weightinit::arithmetic::law::normal::box_muller;

use crate::angle::{ANGLES, cosine_and_sine};
use crate::documented::{hold, row};
use crate::radius::{ABOVE, BELOW, RADII, UNIT, error as radius_error, exact_radius};
use crate::sweep::{Gathered, Worst, sweep};

const LARGEST: &str = "sample: error, 2^-22 r";
const BOUND: &str = "sample: bound from the maxima above, 2^-22 r";
/// The steps of the document's figures.
const DIGIT: f64 = 1e-4;

/// Words with a number that says how much they matter.
impl Gathered for Vec<(u32, f64)> {
    fn then(mut self, next: Self) -> Self {
        self.extend(next);
        self
    }
}

/// What a cosine or sine c adds to the bound, in units: a part of its own, and what is multiplied by |ρ|.
fn parts((c, miss): (f64, f64)) -> [f64; 2] {
    let product = c.abs() + miss;
    [(miss + product / 4.0 * UNIT) / UNIT, c.abs() + miss + product / 4.0 * UNIT]
}

/// The bound of a pair's errors for an angle word and a radius that is off by `rho` units.
fn bound(angle: u32, rho: f64) -> f64 {
    cosine_and_sine(angle).map(parts).into_iter().map(|[own, slope]| own + slope * rho).fold(0.0, f64::max)
}

/// How many units a radius must be off for the bound to be `floor`.
fn needed(angle: u32, floor: f64) -> f64 {
    let least = |[own, slope]: [f64; 2]| (floor - own) / slope;
    cosine_and_sine(angle).map(parts).into_iter().map(least).fold(f64::INFINITY, f64::min)
}

/// The larger error of both samples of a pair, in units; of an angle in the first quadrant.
fn error([radius, angle]: [u32; 2], transform: &impl Fn(u32, u32) -> [f32; 2]) -> f64 {
    let (samples, r) = (transform(radius, angle), exact_radius(radius));
    let miss = |(sample, (c, _)): (f32, (f64, f64))| (f64::from(sample) / r - c).abs() / UNIT;
    samples.into_iter().zip(cosine_and_sine(angle)).map(miss).fold(0.0, f64::max)
}

/// The largest error that a radius has according to the document.
fn rho() -> f64 {
    let figure = |claim| row(claim).figure.parse::<f64>().unwrap();
    figure(ABOVE).max(figure(BELOW)) + DIGIT / 2.0
}

/// The pair with the largest error of those whose bound is above `floor`, and its error.
fn largest(floor: f64, transform: impl Fn(u32, u32) -> [f32; 2] + Sync) -> ([u32; 2], f64) {
    let rho = rho();
    let angles: Vec<_> = sweep("angles of pairs", ANGLES, |angle, kept: &mut Vec<_>| {
        let needed = needed(angle << 6, floor);
        if needed < rho {
            kept.push((angle << 6, needed));
        }
    });
    let least = angles.iter().fold(rho, |least, (_, needed)| least.min(*needed));
    let mut radii: Vec<_> = sweep("radii of pairs", RADII, |half, kept: &mut Vec<_>| {
        let off = radius_error(half << 1 | 1).abs();
        if off >= least {
            kept.push((half << 1 | 1, off));
        }
    });
    radii.sort_by(|a, b| b.1.total_cmp(&a.1));
    eprintln!("{} angles and {} radii of pairs", angles.len(), radii.len());
    let worse = |a: ([u32; 2], f64), b: ([u32; 2], f64)| if b.1 > a.1 { b } else { a };
    let of_angle = |&(angle, needed): &(u32, f64)| {
        let far = radii.iter().take_while(|(_, off)| *off >= needed).map(|(radius, _)| [*radius, angle]);
        far.map(|pair| (pair, error(pair, &transform))).fold(([0; 2], 0.0), worse)
    };
    angles.par_iter().map(of_angle).reduce(|| ([0; 2], 0.0), worse)
}

#[test]
fn all_pairs() {
    let stated = row(LARGEST);
    let pair = [stated.words[0], stated.words[1]];
    let mut found = (pair, error(pair, &box_muller));
    let other = largest(stated.figure.parse::<f64>().unwrap() - DIGIT, box_muller);
    if other.1 > found.1 {
        found = other;
    }
    hold(&[(LARGEST, format!("{:.4}", found.1), found.0.to_vec())]);
}

/// What follows from the separate maxima, without looking at pairs.
#[test]
fn bound_of_pairs() {
    let rho = rho();
    let meet = |angle, worst: &mut Worst| worst.meet(angle << 6, bound(angle << 6, rho));
    let mut worst = sweep("bound of pairs", ANGLES, meet);
    for word in row(BOUND).words {
        worst.meet(word, bound(word, rho));
    }
    hold(&[(BOUND, format!("{:.4}", worst.error), vec![worst.word])]);
}

/// The bound bounds, and would not without the product's rounding.
#[test]
fn no_pair_exceeds_its_bound() {
    let spread = |n: u32, step: u32| n.wrapping_mul(step);
    let (mut highest, mut beyond) = (0f64, 0);
    for n in 0..1_000_000u32 {
        let pair = [spread(n, 0x9e37_79b9) | 1, spread(n, 0x85eb_ca6b) >> 2];
        let (error, rho) = (error(pair, &box_muller), radius_error(pair[0]).abs());
        highest = highest.max(error / bound(pair[1], rho));
        let unrounded = cosine_and_sine(pair[1]).map(|(c, miss)| c.abs() * rho + miss / UNIT);
        beyond += u32::from(error > unrounded[0].max(unrounded[1]) * (1.0 + UNIT));
    }
    assert!(highest <= 1.0 && highest > 0.9 && beyond > 0, "{highest} {beyond}");
}

/// A radius whose samples are off is found among the pairs.
#[test]
fn wrong_pairs_are_found() {
    let stated = row(LARGEST);
    let wrong = stated.words[1];
    let off = |radius, angle| {
        let [x, y] = box_muller(radius, angle);
        [if angle == wrong { x * (1.0 + 2f32.powi(-20)) } else { x }, y]
    };
    assert!(error([stated.words[0], wrong], &off) > 3.0);
}
