//! The networks: layers of weights that the library fills, each under the name that a model would give it.

use anyhow::{Context, Result};
use weightinit::{DType, Fill, Law, Layout, Request, Structure, cpu};

use crate::propagation::call::Call;
use crate::propagation::patches::{KERNEL, PIXELS, TAPS};
use crate::propagation::products::Direction;
use crate::propagation::signals::Signals;
use crate::propagation::theory::Scales;

/// What layers do with their inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Kind {
    /// They are matrices
    Mlp,
    /// They are 3 x 3 convolutions, of images of 6 x 6 pixels that go on at the opposite edge; units are channels
    Convnet,
}

impl Kind {
    /// Columns of signals for an input.
    pub fn columns(self) -> usize {
        if self == Self::Convnet { PIXELS } else { 1 }
    }

    fn taps(self) -> usize {
        if self == Self::Convnet { TAPS } else { 1 }
    }
}

/// A layer: its weights as a matrix, and a bias.
#[derive(Clone, Debug)]
pub struct Layer {
    /// In the order of their elements; of a convolution (outputs, inputs, rows, columns).
    pub weights: Request,
    /// Whether its rows are inputs, as Keras stores it, and not outputs.
    pub is_transposed: bool,
    /// Outputs.
    pub rows: usize,
    /// Inputs; of a convolution those of a patch.
    pub columns: usize,
    /// One for each output.
    pub bias: Option<Request>,
}

/// A network without its activations.
#[derive(Clone, Debug)]
pub struct Network {
    /// What the layers do.
    pub kind: Kind,
    /// In the order in which signals pass them.
    pub layers: Vec<Layer>,
    /// Of weights, inputs and gradients.
    pub seed: u64,
}

/// Layers that all have the same width.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// What the layers do.
    pub kind: Kind,
    /// How many there are.
    pub depth: usize,
    /// Units of each.
    pub width: usize,
}

impl Network {
    /// Layers by `init`, with biases by `bias`: `layers.0.weight`, `layers.0.bias`, `layers.1.weight`, …
    ///
    /// # Errors
    /// An initializer that cannot make such a weight or bias.
    pub fn new(size: Size, init: &Call, bias: Option<&Call>, seed: u64) -> Result<Self> {
        let width = size.width as u64;
        let kernel = KERNEL as u64;
        let shape = match size.kind {
            Kind::Mlp => vec![width, width],
            Kind::Convnet => vec![width, width, kernel, kernel],
        };
        let filled = |option: &str, call: &Call, shape: &[u64], name: String| {
            let request = call.initializer.request(&name, shape, Layout::Torch, DType::F32);
            request.map(|request| request.with_seed(seed)).with_context(|| format!("--{option} {}", call.text))
        };
        let layer = |number: usize| {
            Ok(Layer {
                weights: filled("init", init, &shape, format!("layers.{number}.weight"))?,
                is_transposed: false,
                rows: size.width,
                columns: size.width * size.kind.taps(),
                bias: bias.map(|bias| filled("bias", bias, &[width], format!("layers.{number}.bias"))).transpose()?,
            })
        };
        let layers = (0..size.depth).map(layer).collect::<Result<_>>()?;
        Ok(Self { kind: size.kind, layers, seed })
    }

    /// How many layers it has.
    pub fn depth(&self) -> usize {
        self.layers.len()
    }

    /// Units of the widest layer.
    pub fn width(&self) -> usize {
        self.layers.iter().map(|layer| layer.rows).max().unwrap_or(0)
    }

    /// Units of the inputs.
    pub fn inputs(&self) -> usize {
        self.layers.first().map_or(0, |layer| layer.columns / self.kind.taps())
    }

    /// Signals of variance 1 for `inputs` inputs, from a stream of this name.
    ///
    /// # Errors
    /// More of them than there is memory for.
    pub(crate) fn normals(&self, name: &str, units: usize, inputs: usize) -> Result<Signals> {
        let count = units * inputs * self.kind.columns();
        let fill = Fill::new(name, Law::normal(0.0, 1.0), DType::F32, count as u64)?.with_seed(self.seed);
        Ok(Signals::new(units, cpu::values(&fill)?))
    }

    /// What the mean-field theory needs, where it says something of all layers.
    pub fn scales(&self) -> Option<Vec<Scales>> {
        self.layers.iter().map(|layer| layer.scales(self.kind)).collect()
    }

    /// Bytes of memory for the weights and for a batch of `inputs` on its way through them and back.
    pub fn bytes(&self, inputs: usize) -> u64 {
        let (signals, taps) = ((inputs * self.kind.columns()) as u64, self.kind.taps() as u64);
        let most = self.layers.iter().map(|layer| layer.weights.element_count()).max().unwrap_or(0);
        let weights: u64 = self.layers.iter().map(|layer| 8 * layer.weights.element_count()).sum();
        let kept: u64 = self.layers.iter().map(|layer| 8 * layer.rows as u64 * signals).sum();
        let passing = 8 * (4 + 2 * taps) * signals * self.width() as u64;
        // An orthogonal matrix takes its samples and its factors beside its elements.
        let is_orthogonal = self.layers.iter().any(|layer| matches!(layer.weights, Request::Orthogonal(_)));
        let filling = if is_orthogonal { 36 } else { 4 };
        weights + filling * most + kept + passing
    }
}

impl Layer {
    /// Rows of its matrix, or of the transposed one, and elements from one row to the next and from one column to the
    /// next.
    pub fn matrix(&self, direction: Direction) -> (usize, [usize; 2]) {
        let [row, column] = if self.is_transposed { [1, self.rows] } else { [self.columns, 1] };
        match direction {
            Direction::Forward => (self.rows, [row, column]),
            Direction::Backward => (self.columns, [column, row]),
        }
    }

    /// The biases, if it has any.
    ///
    /// # Errors
    /// Those of [`cpu::values`].
    pub fn biases(&self) -> Result<Option<Vec<f64>>> {
        Ok(self.bias.as_ref().map(cpu::values).transpose()?)
    }

    /// None where weights or biases are not independent, or have another mean than 0.
    fn scales(&self, kind: Kind) -> Option<Scales> {
        let weight = variance(&self.weights)?;
        Some(Scales {
            forward: weight * self.columns as f64,
            backward: weight * (self.rows * kind.taps()) as f64,
            bias: self.bias.as_ref().map_or(Some(0.0), variance)?,
        })
    }
}

/// The variance of elements that are drawn one by one around 0, or make up an orthogonal matrix.
fn variance(request: &Request) -> Option<f64> {
    match request {
        Request::Fill(fill) => {
            let moments = fill.law().moments();
            let is_zero = (moments.mean, moments.variance) == (0.0, 0.0);
            let is_centred = moments.mean.abs() <= 1e-6 * moments.variance.sqrt();
            let is_dense = fill.structure() == Structure::Dense;
            (is_dense && (is_zero || is_centred && fill.is_random())).then_some(moments.variance)
        }
        Request::Orthogonal(orthogonal) => Some(orthogonal.variance()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::propagation::call::call;

    fn scales(init: &str, bias: Option<&str>, kind: Kind) -> Option<Scales> {
        let size = Size { kind, depth: 1, width: 64 };
        let bias = bias.map(|bias| call(bias).unwrap());
        let network = Network::new(size, &call(init).unwrap(), bias.as_ref(), 0).unwrap();
        network.scales().map(|scales| scales[0])
    }

    #[test]
    fn scales_are_those_of_the_initializers() {
        let near = |init: &str, kind, forward: f64, backward: f64| {
            let found = scales(init, None, kind).unwrap();
            let off = (found.forward / forward - 1.0).abs().max((found.backward / backward - 1.0).abs());
            assert!(off < 1e-6, "{init}: {found:?}");
        };
        near("he_normal", Kind::Mlp, 2.0, 2.0);
        near("he_uniform", Kind::Convnet, 2.0, 2.0);
        near("orthogonal", Kind::Mlp, 1.0, 1.0);
        near("orthogonal(2)", Kind::Convnet, 4.0, 4.0);
        near("delta_orthogonal", Kind::Convnet, 1.0, 1.0);
        near("normal(0,0.5)", Kind::Mlp, 16.0, 16.0);
        assert_eq!(scales("zeros", None, Kind::Mlp), Some(Scales { forward: 0.0, backward: 0.0, bias: 0.0 }));
        assert_eq!(scales("he_normal", Some("normal(0,0.5)"), Kind::Mlp).unwrap().bias, 0.25);
        for init in ["constant(1)", "uniform(0,1)", "eye", "sparse(0.5)", "toeplitz"] {
            assert_eq!(scales(init, None, Kind::Mlp), None, "{init}");
        }
        assert_eq!(scales("he_normal", Some("ones"), Kind::Mlp), None);
    }
}
