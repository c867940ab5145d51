//! Singular values of a matrix, and the law that those of independent elements follow.

use std::f64::consts::PI;

use anyhow::{Result, anyhow};
use faer::MatRef;

/// Rows and columns of which singular values are taken: of a larger matrix a part, whose elements follow the same law.
const MOST: usize = 1024;

/// Singular values of a matrix or of its upper left part, over σ times the square root of its longer side.
pub(super) struct Spectrum {
    pub(super) values: Vec<f64>,
    pub(super) rows: usize,
    pub(super) columns: usize,
}

impl Spectrum {
    /// Of `columns` numbers a row, with this standard deviation.
    ///
    /// # Errors
    /// Singular values that do not converge.
    pub(super) fn new(values: &[f64], columns: usize, std: f64) -> Result<Self> {
        let rows = values.len() / columns;
        let matrix = MatRef::from_row_major_slice(values, rows, columns);
        let (rows, columns) = (rows.min(MOST), columns.min(MOST));
        let found = matrix.submatrix(0, 0, rows, columns).singular_values();
        let scale = std * (rows.max(columns) as f64).sqrt();
        let values = found.map_err(|error| anyhow!("the singular values do not converge: {error:?}"))?;
        Ok(Self { values: values.into_iter().map(|value| value / scale).collect(), rows, columns })
    }

    /// Where Marchenko and Pastur's law for matrices of this shape begins and ends.
    pub(super) fn ends(&self) -> [f64; 2] {
        let root = self.ratio().sqrt();
        [1.0 - root, 1.0 + root]
    }

    /// Its density: of x² it is √((b² - x²)(x² - a²)) / (2π λ x²), and so of x 2x times that (Marchenko and Pastur
    /// 1967).
    pub(super) fn density(&self, x: f64) -> f64 {
        let [a, b] = self.ends();
        let inside = (b * b - x * x) * (x * x - a * a);
        if inside <= 0.0 || x <= 0.0 { 0.0 } else { inside.sqrt() / (PI * self.ratio() * x) }
    }

    /// λ: the shorter side over the longer.
    fn ratio(&self) -> f64 {
        self.rows.min(self.columns) as f64 / self.rows.max(self.columns) as f64
    }
}

#[cfg(test)]
mod tests {
    use weightinit::{DType, Fill, Law, cpu};

    use super::*;

    /// The density has mass 1, and its share in each of four parts is that of the values.
    #[test]
    fn values_follow_marchenko_and_pastur() {
        for (rows, columns) in [(60, 60), (40, 90), (90, 40)] {
            let fill = Fill::new(1, Law::normal(0.0, 0.3), DType::F32, rows * columns).unwrap();
            let spectrum = Spectrum::new(&cpu::values(&fill).unwrap(), columns as usize, 0.3).unwrap();
            let [a, b] = spectrum.ends();
            assert_eq!(spectrum.values.len() as u64, rows.min(columns));
            let mut total = 0.0;
            for part in 0..4 {
                let at = |share: f64| a + (b - a) * (f64::from(part) + share) / 4.0;
                let steps = (0..1000).map(|step| spectrum.density(at((f64::from(step) + 0.5) / 1000.0)));
                let mass: f64 = steps.sum::<f64>() * (b - a) / 4000.0;
                let inside = spectrum.values.iter().filter(|x| (at(0.0)..at(1.0)).contains(*x)).count();
                let share = inside as f64 / spectrum.values.len() as f64;
                assert!((share - mass).abs() < 0.06, "{rows} x {columns}, {part}: {share}, {mass}");
                total += mass;
            }
            assert!((total - 1.0).abs() < 2e-3, "{total}");
        }
    }
}
