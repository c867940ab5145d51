//! Products on the CPU, in f64 by `faer`: variances down to 1e-300 are numbers like others.

use anyhow::Result;
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use weightinit::cpu;

use crate::propagation::network::{Layer, Network};
use crate::propagation::products::{Direction, Products};
use crate::propagation::signals::Signals;

/// The weights of a network in memory.
pub struct Cpu {
    layers: Vec<(Layer, Vec<f64>)>,
    par: Par,
}

impl Cpu {
    /// Fills the weights, to be multiplied by one thread or by several.
    ///
    /// # Errors
    /// Those of [`cpu::values`].
    pub fn new(network: &Network, par: Par) -> Result<Self> {
        let filled = |layer: &Layer| Ok((layer.clone(), cpu::values(&layer.weights)?));
        Ok(Self { layers: network.layers.iter().map(filled).collect::<Result<_>>()?, par })
    }
}

impl Products for Cpu {
    fn product(&self, layer: usize, direction: Direction, signals: &Signals) -> Result<Signals> {
        let (layer, weights) = &self.layers[layer];
        let matrix = matrix(layer, weights);
        let matrix = if direction == Direction::Forward { matrix } else { matrix.transpose() };
        Ok(product(matrix, signals, self.par))
    }
}

fn matrix<'a>(layer: &Layer, weights: &'a [f64]) -> MatRef<'a, f64> {
    if layer.is_transposed {
        MatRef::from_column_major_slice(weights, layer.rows, layer.columns)
    } else {
        MatRef::from_row_major_slice(weights, layer.rows, layer.columns)
    }
}

/// The signals as a matrix.
pub fn view(signals: &Signals) -> MatRef<'_, f64> {
    MatRef::from_column_major_slice(&signals.values, signals.units, signals.columns())
}

/// Each column of the signals times `matrix`.
pub fn product(matrix: MatRef<'_, f64>, signals: &Signals, par: Par) -> Signals {
    let columns = signals.columns();
    let mut values = vec![0.0; matrix.nrows() * columns];
    let out = MatMut::from_column_major_slice_mut(&mut values, matrix.nrows(), columns);
    matmul(out, Accum::Replace, matrix, view(signals), 1.0, par);
    Signals::new(matrix.nrows(), values)
}
