//! The networks: layers of weights that the library fills, each under the name that a model would give it.

use anyhow::{Context, Result};
use weightinit::{DType, Layout, Request, Structure, cpu};

use crate::args::NetworkKind as Kind;
use crate::propagation::call::Call;
use crate::propagation::patches::{KERNEL, PIXELS, TAPS};
use crate::propagation::theory::Scales;

impl Kind {
    /// Columns of signals for an input.
    pub(crate) fn columns(self) -> usize {
        if self == Self::Convnet { PIXELS } else { 1 }
    }

    fn taps(self) -> usize {
        if self == Self::Convnet { TAPS } else { 1 }
    }
}

/// A layer: its weights as a matrix, and a bias.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) weights: Request,
    /// Whether its rows are inputs, as Keras stores it, and not outputs.
    pub(crate) is_transposed: bool,
    /// Outputs.
    pub(crate) rows: usize,
    /// Inputs; of a convolution those of a patch.
    pub(crate) columns: usize,
    pub(crate) bias: Option<Request>,
}

/// A network without its activations.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub(crate) kind: Kind,
    pub(crate) layers: Vec<Layer>,
    pub(crate) seed: u64,
}

/// Layers that all have the same width.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) kind: Kind,
    pub(crate) depth: usize,
    pub(crate) width: usize,
}

impl Network {
    /// Layers by `init`, with biases by `bias`: `layers.0.weight`, `layers.0.bias`, `layers.1.weight`, …
    ///
    /// # Errors
    /// An initializer that cannot make such a weight or bias.
    pub(crate) fn new(size: Size, init: &Call, bias: Option<&Call>, seed: u64) -> Result<Self> {
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

    pub(crate) fn depth(&self) -> usize {
        self.layers.len()
    }

    /// Units of the widest layer.
    pub(crate) fn width(&self) -> usize {
        self.layers.iter().map(|layer| layer.rows).max().unwrap_or(0)
    }

    /// Units of the inputs.
    pub(crate) fn inputs(&self) -> usize {
        self.layers.first().map_or(0, |layer| layer.columns / self.kind.taps())
    }

    /// What the mean-field theory needs, where it says something of all layers.
    pub(crate) fn scales(&self) -> Option<Vec<Scales>> {
        self.layers.iter().map(|layer| layer.scales(self.kind)).collect()
    }

    /// Bytes of memory for the weights and for a batch of `inputs` on its way through them and back.
    pub(crate) fn bytes(&self, inputs: usize) -> u64 {
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
    /// The biases, if it has any.
    ///
    /// # Errors
    /// Those of [`cpu::values`].
    pub(crate) fn biases(&self) -> Result<Option<Vec<f64>>> {
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
