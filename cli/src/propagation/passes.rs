//! The passes: a batch forward through the layers, and a gradient back.

use anyhow::Result;
use weightinit::{DType, Fill, Law, cpu};

use crate::args::{Activation, NetworkKind as Kind};
use crate::propagation::network::Network;
use crate::propagation::patches::{gather, scatter};
use crate::propagation::products::Products;
use crate::propagation::signals::{Flat, Signals};

/// Cosine between the two inputs of each pair of a batch.
pub(crate) const COSINE: f64 = 0.5;

/// What the passes show of a layer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    /// Of the activations, over units and inputs.
    pub(crate) activation_variance: f64,
    /// Of the gradient with respect to the layer before its activation, over units and inputs.
    pub(crate) gradient_variance: f64,
    pub(crate) flat: Flat,
    /// Between the activations of two inputs with cosine [`COSINE`].
    pub(crate) cosine: f64,
    /// How much of the activations' mean square depends on the input.
    pub(crate) spread: f64,
    pub(crate) units_are_equal: bool,
}

/// A network with its weights and an activation.
pub(crate) struct Passes<'a> {
    pub(crate) network: &'a Network,
    pub(crate) activation: Activation,
    pub(crate) products: &'a dyn Products,
}

impl Passes<'_> {
    /// W x, of a convolution over all patches.
    pub(super) fn forward(&self, layer: usize, signals: &Signals) -> Result<Signals> {
        match self.network.kind {
            Kind::Mlp => self.products.forward(layer, signals),
            Kind::Convnet => self.products.forward(layer, &gather(signals)),
        }
    }

    /// Wᵀ x, back to the pixels that the patches are of.
    pub(super) fn backward(&self, layer: usize, signals: &Signals) -> Result<Signals> {
        let back = self.products.backward(layer, signals)?;
        Ok(if self.network.kind == Kind::Convnet { scatter(&back) } else { back })
    }

    /// Signals of variance 1 for `inputs` inputs.
    pub(super) fn normals(&self, name: &str, units: usize, inputs: usize) -> Result<Signals> {
        let count = units * inputs * self.network.kind.columns();
        let fill = Fill::new(name, Law::normal(0.0, 1.0), DType::F32, count as u64)?.with_seed(self.network.seed);
        Ok(Signals::new(units, cpu::values(&fill)?))
    }

    /// Inputs of variance 1, in pairs.
    fn batch(&self, inputs: usize) -> Result<Signals> {
        let mut batch = self.normals("inputs", self.network.inputs(), inputs)?;
        let input = self.network.inputs() * self.network.kind.columns();
        for pair in batch.values.chunks_exact_mut(2 * input) {
            let (first, second) = pair.split_at_mut(input);
            let rest = (1.0 - COSINE * COSINE).sqrt();
            second.iter_mut().zip(first).for_each(|(second, first)| *second = COSINE * *first + rest * *second);
        }
        Ok(batch)
    }

    /// Sends a batch forward and a gradient of variance 1 back: what each layer shows, and what enters each activation.
    ///
    /// # Errors
    /// What the processor refuses.
    pub(crate) fn run(&self, inputs: usize) -> Result<(Vec<Measured>, Vec<Signals>)> {
        let (mut measured, mut entering) = (Vec::new(), Vec::new());
        let mut signals = self.batch(inputs)?;
        for (number, layer) in self.network.layers.iter().enumerate() {
            let mut sums = self.forward(number, &signals)?;
            layer.biases()?.iter().for_each(|bias| sums.add_to_units(bias));
            signals = sums.map(|x| self.activation.value(x));
            measured.push(Measured {
                activation_variance: signals.variance(),
                gradient_variance: 0.0,
                flat: sums.flat(|x| self.activation.is_flat(x)),
                cosine: signals.cosine_of_pairs(self.network.kind.columns()),
                spread: signals.spread(),
                units_are_equal: signals.has_equal_units(),
            });
            entering.push(sums);
        }
        let mut gradient = self.normals("gradient", signals.units, inputs)?;
        for number in (0..self.network.depth()).rev() {
            gradient = gradient.times(entering[number].values.iter().map(|x| self.activation.slope(*x)));
            measured[number].gradient_variance = gradient.variance();
            if number > 0 {
                gradient = self.backward(number, &gradient)?;
            }
        }
        Ok((measured, entering))
    }
}
