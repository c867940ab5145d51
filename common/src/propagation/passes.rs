//! The passes: a batch forward through the layers, and a gradient back.

use anyhow::Result;

use crate::propagation::activation::Activation;
use crate::propagation::network::{Kind, Network};
use crate::propagation::patches::{gather, scatter};
use crate::propagation::products::{Direction, Products};
use crate::propagation::signals::{Flat, Signals};

/// Cosine between the two inputs of each pair of a batch.
pub const COSINE: f64 = 0.5;

/// What the passes show of a layer.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// Of the activations, over units and inputs.
    pub activation_variance: f64,
    /// Of the gradient with respect to the layer before its activation, over units and inputs.
    pub gradient_variance: f64,
    /// Units that do not answer to their inputs.
    pub flat: Flat,
    /// Between the activations of two inputs with cosine [`COSINE`].
    pub cosine: f64,
    /// How much of the activations' mean square depends on the input.
    pub spread: f64,
    /// Whether all are, for each input.
    pub units_are_equal: bool,
}

/// A product that passes need.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Of which layer.
    pub layer: usize,
    /// By its matrix or the transposed one.
    pub direction: Direction,
    /// What is multiplied.
    pub signals: Signals,
}

/// A batch on its way forward through the layers, and a gradient on its way back. Whoever can multiply gives it one
/// product after another, so that it may wait for each.
#[derive(Clone, Debug)]
pub struct Passes {
    network: Network,
    activation: Activation,
    inputs: usize,
    /// What goes into the next product.
    signals: Signals,
    /// That product's layer.
    next: Option<(usize, Direction)>,
    measured: Vec<Measured>,
    entering: Vec<Signals>,
}

impl Passes {
    /// Before the first layer, with inputs of variance 1, in pairs.
    ///
    /// # Errors
    /// More of them than there is memory for.
    pub fn new(network: &Network, activation: Activation, inputs: usize) -> Result<Self> {
        let mut signals = network.normals("inputs", network.inputs(), inputs)?;
        let input = network.inputs() * network.kind.columns();
        for pair in signals.values.chunks_exact_mut(2 * input) {
            let (first, second) = pair.split_at_mut(input);
            let rest = (1.0 - COSINE * COSINE).sqrt();
            second.iter_mut().zip(first).for_each(|(second, first)| *second = COSINE * *first + rest * *second);
        }
        let next = (network.depth() > 0).then_some((0, Direction::Forward));
        let (network, measured, entering) = (network.clone(), Vec::new(), Vec::new());
        Ok(Self { network, activation, inputs, signals, next, measured, entering })
    }

    /// The product that is next; none after the last.
    pub fn wanted(&self) -> Option<Wanted> {
        let (layer, direction) = self.next?;
        let is_of_patches = self.network.kind == Kind::Convnet && direction == Direction::Forward;
        let signals = if is_of_patches { gather(&self.signals) } else { self.signals.clone() };
        Some(Wanted { layer, direction, signals })
    }

    /// Goes on with what [`Passes::wanted`] asked for.
    ///
    /// # Errors
    /// Biases or a gradient that there is no memory for.
    pub fn give(&mut self, product: Signals) -> Result<()> {
        match self.next {
            Some((layer, Direction::Forward)) => self.forward(layer, product),
            Some((layer, Direction::Backward)) => {
                self.signals = if self.network.kind == Kind::Convnet { scatter(&product) } else { product };
                self.backward(layer - 1);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// All products one after another, as `products` has them.
    ///
    /// # Errors
    /// What the processor refuses.
    pub fn run(&mut self, products: &dyn Products) -> Result<()> {
        while let Some(Wanted { layer, direction, signals }) = self.wanted() {
            self.give(products.product(layer, direction, &signals)?)?;
        }
        Ok(())
    }

    /// What the layers so far show; gradients are 0 until they have come back.
    pub fn measured(&self) -> &[Measured] {
        &self.measured
    }

    pub(crate) fn network(&self) -> &Network {
        &self.network
    }

    pub(crate) fn activation(&self) -> Activation {
        self.activation
    }

    /// What enters each activation.
    pub(crate) fn entering(&self) -> &[Signals] {
        &self.entering
    }

    fn forward(&mut self, layer: usize, mut sums: Signals) -> Result<()> {
        self.network.layers[layer].biases()?.iter().for_each(|bias| sums.add_to_units(bias));
        let signals = sums.map(|x| self.activation.value(x));
        self.measured.push(Measured {
            activation_variance: signals.variance(),
            gradient_variance: 0.0,
            flat: sums.flat(|x| self.activation.is_flat(x)),
            cosine: signals.cosine_of_pairs(self.network.kind.columns()),
            spread: signals.spread(),
            units_are_equal: signals.has_equal_units(),
        });
        self.entering.push(sums);
        if layer + 1 < self.network.depth() {
            self.signals = signals;
            self.next = Some((layer + 1, Direction::Forward));
        } else {
            self.signals = self.network.normals("gradient", signals.units, self.inputs)?;
            self.backward(layer);
        }
        Ok(())
    }

    /// The gradient that has come to the outputs of a layer goes through its activation.
    fn backward(&mut self, layer: usize) {
        let slopes = self.entering[layer].values.iter().map(|x| self.activation.slope(*x));
        self.signals = self.signals.times(slopes);
        self.measured[layer].gradient_variance = self.signals.variance();
        self.next = (layer > 0).then_some((layer, Direction::Backward));
    }
}
