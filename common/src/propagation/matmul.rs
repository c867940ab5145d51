//! The product's kernel, `matmul.wgsl`, in f32, and what it is given. Signals are scaled by a power of two on their way
//! there and back, so that those of 1e-100 keep all digits that f32 has.

use crate::propagation::network::Layer;
use crate::propagation::products::Direction;
use crate::propagation::signals::Signals;

/// The kernel's WGSL. It binds its shape (a uniform), the matrix, the input and the output, in this order.
pub const SOURCE: &str = include_str!("matmul.wgsl");

/// The name of its entry point.
pub const ENTRY_POINT: &str = "product";

/// Rows and columns of its tiles.
const TILE: usize = 16;

/// A dispatch of the kernel, and what it reads beside the matrix.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// Uniform data.
    pub shape: Vec<u8>,
    /// Signals, each column's one after another.
    pub input: Vec<u8>,
    /// Bytes of the products.
    pub output_size: u64,
    /// Workgroups in x and y.
    pub workgroups: [u32; 2],
    outputs: usize,
    scale: f64,
}

impl Dispatch {
    /// Of a layer's matrix, which is bound in f32, and signals.
    pub fn new(layer: &Layer, direction: Direction, signals: &Signals) -> Self {
        let (outputs, strides) = layer.matrix(direction);
        let columns = signals.columns();
        let scale = power_of_two(&signals.values);
        let shape = [outputs, signals.units, columns, strides[0], strides[1], 0, 0, 0];
        Self {
            shape: shape.iter().flat_map(|number| (*number as u32).to_le_bytes()).collect(),
            input: signals.values.iter().flat_map(|x| ((x / scale) as f32).to_le_bytes()).collect(),
            output_size: 4 * (outputs * columns) as u64,
            workgroups: [outputs, columns].map(|count| count.div_ceil(TILE) as u32),
            outputs,
            scale,
        }
    }

    /// What the kernel has written, as signals.
    pub fn product(&self, output: &[u8]) -> Signals {
        let values = output.chunks_exact(4).map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
        Signals::new(self.outputs, values.map(|x| f64::from(x) * self.scale).collect())
    }
}

/// A power of two near the largest value: dividing by it loses no digits.
fn power_of_two(values: &[f64]) -> f64 {
    let most = values.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    // What is 0, or no number, stays as it is.
    if most > 0.0 && most.is_finite() { most.log2().floor().clamp(-1000.0, 1000.0).exp2() } else { 1.0 }
}
