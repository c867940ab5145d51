//! A batch of signals, and what is measured of them.

/// Values of all units for all inputs: a column for each input, or for each pixel of each input.
#[derive(Clone, Debug, PartialEq)]
pub struct Signals {
    /// Values of a column.
    pub units: usize,
    /// Column after column.
    pub values: Vec<f64>,
}

impl Signals {
    /// Columns of `units` values each.
    pub fn new(units: usize, values: Vec<f64>) -> Self {
        Self { units, values }
    }

    /// How many there are.
    pub fn columns(&self) -> usize {
        self.values.len() / self.units
    }

    /// `f` of each value.
    pub fn map(&self, f: impl Fn(f64) -> f64) -> Self {
        Self::new(self.units, self.values.iter().map(|x| f(*x)).collect())
    }

    /// Each value times that of `other` in its place.
    pub fn times(&self, other: impl Iterator<Item = f64>) -> Self {
        Self::new(self.units, self.values.iter().zip(other).map(|(x, y)| x * y).collect())
    }

    /// Adds a bias to each unit.
    pub fn add_to_units(&mut self, bias: &[f64]) {
        for column in self.values.chunks_mut(self.units) {
            column.iter_mut().zip(bias).for_each(|(x, bias)| *x += bias);
        }
    }

    /// Over units and columns.
    pub fn variance(&self) -> f64 {
        let mean = mean(&self.values, |x| x);
        mean_square(&self.values, mean)
    }

    /// How much of the mean square depends on the input: 0 where all inputs give the same.
    pub fn spread(&self) -> f64 {
        let mut means = vec![0.0; self.units];
        for column in self.values.chunks(self.units) {
            means.iter_mut().zip(column).for_each(|(mean, x)| *mean += x / self.columns() as f64);
        }
        let around: f64 = self.values.chunks(self.units).map(|column| distance(column, &means)).sum();
        around / self.values.iter().map(|x| x * x).sum::<f64>()
    }

    /// Mean cosine between the representations of neighbouring inputs, each of `columns` columns.
    pub fn cosine_of_pairs(&self, columns: usize) -> f64 {
        let pairs = self.values.chunks_exact(2 * columns * self.units);
        let count = pairs.len() as f64;
        let cosine = |pair: &[f64]| {
            let (first, second) = pair.split_at(pair.len() / 2);
            // Of what is tiny or huge, squares would be 0 or infinite.
            let scale = pair.iter().fold(0.0f64, |most, x| most.max(x.abs()));
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a / scale * (b / scale)).sum::<f64>();
            dot(first, second) / (dot(first, first) * dot(second, second)).sqrt()
        };
        pairs.map(cosine).sum::<f64>() / count
    }

    /// Whether all units are equal for each input, to what rounding leaves of that.
    pub fn has_equal_units(&self) -> bool {
        let alike = |column: &[f64]| {
            let most = column.iter().fold(0.0f64, |most, x| most.max(x.abs()));
            column.iter().all(|x| (x - column[0]).abs() <= ROUNDING * most)
        };
        self.values.chunks(self.units).all(alike)
    }

    /// Share of units that are flat for every input, and of pairs of unit and input that are.
    pub fn flat(&self, is_flat: impl Fn(f64) -> bool) -> Flat {
        let mut dead = vec![true; self.units];
        let mut count = 0;
        for column in self.values.chunks(self.units) {
            for (dead, x) in dead.iter_mut().zip(column) {
                let flat = is_flat(*x);
                *dead &= flat;
                count += usize::from(flat);
            }
        }
        let dead = dead.iter().filter(|dead| **dead).count();
        Flat { dead: dead as f64 / self.units as f64, saturated: count as f64 / self.values.len() as f64 }
    }
}

/// How far products of equal rows may differ, in parts of the largest: those of a GPU are in f32.
const ROUNDING: f64 = 1e-5;

/// Shares of units that do not answer to their inputs.
#[derive(Clone, Copy, Debug)]
pub struct Flat {
    /// Of units that are flat for every input.
    pub dead: f64,
    /// Of pairs of unit and input that are.
    pub saturated: f64,
}

fn mean(values: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    values.iter().map(|x| f(*x)).sum::<f64>() / values.len() as f64
}

fn mean_square(values: &[f64], around: f64) -> f64 {
    mean(values, |x| (x - around) * (x - around))
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_of_a_small_batch() {
        let signals = Signals::new(2, vec![3.0, 4.0, -4.0, 3.0]);
        assert_eq!((signals.columns(), signals.variance()), (2, 10.25));
        assert_eq!(signals.cosine_of_pairs(1), 0.0);
        assert_eq!(signals.spread(), (2.0 * 3.5 * 3.5 + 2.0 * 0.5 * 0.5) / 50.0);
        let flat = signals.flat(|x| x < 3.5);
        assert_eq!((flat.dead, flat.saturated), (0.5, 0.75));
        assert!(!signals.has_equal_units());
        let same = Signals::new(2, vec![1.0, 1.0, 5.0, 5.0, 1.0, 1.0, 5.0, 5.0]);
        assert!(same.has_equal_units());
        assert!((same.cosine_of_pairs(1) - 1.0).abs() < 1e-15);
    }

    /// Squares of these would be 0.
    #[test]
    fn cosines_of_tiny_signals() {
        assert!((Signals::new(1, vec![1e-200, 1e-250]).cosine_of_pairs(1) - 1.0).abs() < 1e-15);
    }
}
