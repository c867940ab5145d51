//! The law that a tensor is set beside: its own, where something says so, or the one of three that fits it best.

use std::f64::consts::SQRT_2;

use statrs::function::erf::erfc_inv;
use weightinit::verify::SampleMoments;
use weightinit::{Law, Structure};

use crate::model::job::Tensor as Expected;
use crate::statistics::judge::truncated_at_2;

/// A law, and how it is known.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) law: Law,
    /// In words.
    pub(super) name: String,
}

impl Reference {
    /// The law of what `expected` says of a tensor whose `sorted` elements are these, else the best fit; none of
    /// constants.
    pub(super) fn new(expected: Option<&Expected>, sorted: &[f64]) -> Option<Self> {
        if let Some(fill) = expected.and_then(Expected::fill) {
            let is_known = fill.is_random() && fill.structure() == Structure::Dense && fill.law().cdf(0.0).is_some();
            let name = expected.map_or_else(String::new, |tensor| tensor.why.law.clone());
            if is_known {
                return Some(Self { law: fill.law().clone(), name });
            }
        }
        fit(sorted)
    }

    /// The number below which a share `p` of samples lies.
    pub(super) fn quantile(&self, p: f64) -> f64 {
        if let Law::Normal { mean, std, .. } = self.law {
            return mean - std * SQRT_2 * erfc_inv(2.0 * p);
        }
        let moments = self.law.moments();
        let reach = 1e3 * moments.variance.sqrt();
        let (mut low, mut high) = (moments.mean - reach, moments.mean + reach);
        for _ in 0..100 {
            let middle = f64::midpoint(low, high);
            if self.law.cdf(middle).unwrap_or(0.0) < p { low = middle } else { high = middle }
        }
        high
    }

    pub(super) fn std(&self) -> f64 {
        self.law.moments().variance.sqrt()
    }
}

/// Of the laws with these elements' mean and deviation, the one whose distribution function is nearest to theirs.
fn fit(sorted: &[f64]) -> Option<Reference> {
    let moments = SampleMoments::of(sorted);
    let (mean, std) = (moments.mean(), moments.std());
    let is_constant = sorted.first() == sorted.last();
    if is_constant || !(std > 0.0 && std.is_finite()) {
        return None;
    }
    let half_width = std * 3f64.sqrt();
    let laws = [
        ("normal", Some(Law::normal(mean, std))),
        ("uniform", Some(Law::uniform(mean - half_width, mean + half_width))),
        // Where it is so narrow that no f32 lies in it, it is not this one.
        ("truncated normal", truncated_at_2(mean, std).ok()),
    ];
    let distance = |law: &Law| {
        let step = (sorted.len() / 1000).max(1);
        let shares = sorted.iter().enumerate().step_by(step).map(|(number, x)| {
            let share = (number as f64 + 0.5) / sorted.len() as f64;
            (law.cdf(*x).unwrap_or(0.0) - share).abs()
        });
        shares.fold(0.0, f64::max)
    };
    let nearest = laws
        .into_iter()
        .filter_map(|(name, law)| law.map(|law| (distance(&law), name, law)))
        .min_by(|a, b| a.0.total_cmp(&b.0));
    nearest.map(|(_, name, law)| Reference { law, name: format!("{name}, fitted") })
}

#[cfg(test)]
mod tests {
    use weightinit::{DType, Fill, cpu};

    use super::*;

    #[test]
    fn samples_are_recognized_and_their_quantiles_known() {
        let laws = [
            (Law::normal(1.0, 0.5), "normal, fitted", 0.022_750_131_948_179_2, 0.0),
            (Law::uniform(-1.0, 3.0), "uniform, fitted", 0.25, 0.0),
            (Law::truncated_normal(0.0, 2.0, -4.0, 4.0).unwrap(), "truncated normal, fitted", 0.5, 0.0),
        ];
        for (law, name, p, quantile) in laws {
            let mut sorted = cpu::values(&Fill::new(3, law.clone(), DType::F32, 20_000).unwrap()).unwrap();
            sorted.sort_by(f64::total_cmp);
            assert_eq!(Reference::new(None, &sorted).unwrap().name, name);
            let found = Reference { law, name: String::new() }.quantile(p);
            assert!((found - quantile).abs() < 1e-6, "{name}: {found}");
        }
        assert!(Reference::new(None, &[2.0, 2.0]).is_none());
        assert!(Reference::new(None, &[1e9, 1e9 + 1e-6, 1e9 + 2e-6]).is_some());
    }
}
