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
        Self { numbers: Numbers::new(), histogram: Histogram::new() }
    }

    /// Takes in more elements, of which those that are not finite are counted and go no further.
    pub(crate) fn take(&mut self, values: &mut Vec<f64>) {
        self.numbers.take(values);
        values.iter().for_each(|&x| self.histogram.add(x));
    }
}

impl Numbers {
    pub(crate) fn new() -> Self {
        Self {
            count: 0,
            nan: 0,
            infinite: 0,
            zeros: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            moments: SampleMoments::default(),
        }
    }

    /// Takes in more elements, and leaves the finite ones.
    pub(crate) fn take(&mut self, values: &mut Vec<f64>) {
        self.count += values.len() as u64;
        values.retain(|x| {
            self.nan += u64::from(x.is_nan());
            self.infinite += u64::from(x.is_infinite());
            x.is_finite()
        });
        for &x in &*values {
            self.zeros += u64::from(x == 0.0);
            self.min = self.min.min(x);
            self.max = self.max.max(x);
        }
        self.moments = self.moments.and(SampleMoments::of(values));
    }

    /// How many are not finite, in words.
    pub(crate) fn not_finite(&self) -> impl Iterator<Item = String> + use<> {
        let counts = [(self.nan, "NaN"), (self.infinite, "infinite")];
        counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"))
    }

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
