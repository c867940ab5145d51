//! What one pass over a tensor leaves: counts, extremes, moments and a histogram.

use weightinit::verify::SampleMoments;

use super::histogram::Histogram;

/// Statistics of the elements seen so far.
#[derive(Clone, Copy)]
pub(crate) struct Numbers {
    pub(crate) count: u64,
    pub(crate) nan: u64,
    pub(crate) infinite: u64,
    pub(crate) zeros: u64,
    /// Of finite elements; ∞ and −∞ if there are none.
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) moments: SampleMoments,
}

/// The same, and the elements in cells, which take memory: it goes when the tensor is judged.
pub(crate) struct Summary {
    pub(crate) numbers: Numbers,
    pub(crate) histogram: Histogram,
}

impl Summary {
    pub(crate) fn new() -> Self {
        let numbers = Numbers {
            count: 0,
            nan: 0,
            infinite: 0,
            zeros: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            moments: SampleMoments::default(),
        };
        Self { numbers, histogram: Histogram::new() }
    }

    /// Takes in more elements; those that are not finite are counted and go no further.
    pub(crate) fn take(&mut self, values: &mut Vec<f64>) {
        let Self { numbers, histogram } = self;
        numbers.count += values.len() as u64;
        values.retain(|x| {
            numbers.nan += u64::from(x.is_nan());
            numbers.infinite += u64::from(x.is_infinite());
            x.is_finite()
        });
        for &x in &*values {
            numbers.zeros += u64::from(x == 0.0);
            numbers.min = numbers.min.min(x);
            numbers.max = numbers.max.max(x);
            histogram.add(x);
        }
        numbers.moments = numbers.moments.and(SampleMoments::of(values));
    }
}

impl Numbers {
    /// Elements that are neither NaN nor infinite.
    pub(crate) fn finite(&self) -> u64 {
        self.count - self.nan - self.infinite
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finite_is_counted_apart() {
        let mut summary = Summary::new();
        summary.take(&mut vec![1.0, f64::NAN, -0.0, f64::INFINITY, f64::NEG_INFINITY, -3.0]);
        let summary = summary.numbers;
        assert_eq!((summary.count, summary.finite(), summary.nan, summary.infinite, summary.zeros), (6, 3, 1, 2, 1));
        assert_eq!((summary.min, summary.max, summary.moments.mean()), (-3.0, 1.0, -2.0 / 3.0));
    }
}
