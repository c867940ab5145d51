//! What JavaScript sees: texts are JSON where nothing else is said, and refusals are thrown as errors.

use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;
use weightinit::plan::Capabilities;
use weightinit_common::propagation::matmul as kernel;

use crate::{propagation, tensor};

/// What can be chosen.
#[wasm_bindgen]
pub fn choices() -> String {
    crate::choices::choices().to_string()
}

/// The product's kernel: its WGSL, then its entry point.
#[wasm_bindgen]
pub fn matmul() -> Vec<String> {
    vec![kernel::SOURCE.to_owned(), kernel::ENTRY_POINT.to_owned()]
}

fn thrown(error: anyhow::Error) -> JsError {
    JsError::new(&format!("{error:#}"))
}

fn capabilities(binding_size: f64, offset_alignment: u32, workgroups: u32) -> Capabilities {
    Capabilities {
        max_storage_buffer_binding_size: binding_size as u64,
        min_storage_buffer_offset_alignment: offset_alignment,
        max_compute_workgroups_per_dimension: workgroups,
        ..Capabilities::default()
    }
}

/// A tensor that can be computed.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Tensor(tensor::Tensor);

#[wasm_bindgen]
impl Tensor {
    /// What a form asks for.
    ///
    /// # Errors
    /// All that is wrong, in a line each that begins with the field's name.
    #[wasm_bindgen(constructor)]
    pub fn new(
        init: &str,
        parameters: &str,
        shape: &str,
        layout: &str,
        dtype: &str,
        seed: &str,
        name: &str,
    ) -> Result<Self, JsError> {
        let form = tensor::Form { init, parameters, shape, layout, dtype, seed, name };
        tensor::Tensor::new(form).map(Self).map_err(thrown)
    }

    /// What there is to say of it.
    pub fn about(&self) -> String {
        self.0.about().to_string()
    }

    /// Its plan, for a device with these limits.
    ///
    /// # Errors
    /// Orthogonal tensors; limits that leave no room.
    pub fn plan(&self, binding_size: f64, offset_alignment: u32, workgroups: u32) -> Result<String, JsError> {
        self.0.plan(&capabilities(binding_size, offset_alignment, workgroups)).map_err(thrown)
    }

    /// The CPU reference's bytes.
    ///
    /// # Errors
    /// What the reference refuses.
    pub fn bytes(&self) -> Result<Vec<u8>, JsError> {
        self.0.bytes().map_err(thrown)
    }

    /// Bytes as numbers to draw.
    pub fn values(&self, bytes: &[u8]) -> Vec<f32> {
        self.0.values(bytes)
    }

    /// The law's probabilities of samples at or below these numbers, if it has a density.
    pub fn probabilities(&self, numbers: &[f64]) -> Option<Vec<f64>> {
        self.0.probabilities(numbers)
    }

    /// What a file has before the bytes: `npy` or `safetensors`.
    ///
    /// # Errors
    /// Formats that cannot hold the tensor.
    pub fn header(&self, format: &str) -> Result<Vec<u8>, JsError> {
        self.0.header(format).map_err(thrown)
    }
}

/// A dispatch of the product's kernel.
#[wasm_bindgen(getter_with_clone)]
#[derive(Clone, Debug)]
pub struct Product {
    /// Whose matrix is bound.
    pub layer: u32,
    /// Uniform data.
    pub shape: Vec<u8>,
    /// Signals.
    pub input: Vec<u8>,
    /// Bytes of the products.
    pub output_size: u32,
    /// Workgroups in x and y.
    pub workgroups: Vec<u32>,
}

/// A deep network that signals go through, one product after another.
#[wasm_bindgen]
pub struct Propagation(propagation::Propagation);

#[wasm_bindgen]
impl Propagation {
    /// Before the first layer.
    ///
    /// # Errors
    /// All that is wrong, in a line each that begins with the field's name.
    #[wasm_bindgen(constructor)]
    pub fn new(
        init: &str,
        parameters: &str,
        activation: &str,
        depth: u32,
        width: u32,
        batch: u32,
        seed: &str,
    ) -> Result<Self, JsError> {
        let form = propagation::Form { init, parameters, activation, depth, width, batch, seed };
        propagation::Propagation::new(form).map(Self).map_err(thrown)
    }

    /// The command line that computes the same.
    pub fn command(&self) -> String {
        self.0.command()
    }

    /// Whether the weights have a plan.
    pub fn is_elementwise(&self) -> bool {
        self.0.is_elementwise()
    }

    /// The plan that fills the weights, each layer's under its number.
    ///
    /// # Errors
    /// Orthogonal weights; limits that leave no room.
    pub fn plan(&self, binding_size: f64, offset_alignment: u32, workgroups: u32) -> Result<String, JsError> {
        self.0.plan(&capabilities(binding_size, offset_alignment, workgroups)).map_err(thrown)
    }

    /// A layer's weights by the CPU reference.
    ///
    /// # Errors
    /// A layer that there is not.
    pub fn weights(&self, layer: usize) -> Result<Vec<u8>, JsError> {
        self.0.weights(layer).map_err(thrown)
    }

    /// The product that is next; none after the last.
    pub fn wanted(&mut self) -> Option<Product> {
        let (layer, dispatch) = self.0.wanted()?;
        Some(Product {
            layer: layer as u32,
            shape: dispatch.shape.clone(),
            input: dispatch.input.clone(),
            output_size: dispatch.output_size as u32,
            workgroups: dispatch.workgroups.to_vec(),
        })
    }

    /// What the kernel has written for it.
    ///
    /// # Errors
    /// Bytes of another size.
    pub fn give(&mut self, output: &[u8]) -> Result<(), JsError> {
        self.0.give(output).map_err(thrown)
    }

    /// Computes the next product without a GPU. Whether there was one.
    ///
    /// # Errors
    /// No memory for the weights.
    pub fn step_here(&mut self) -> Result<bool, JsError> {
        self.0.step_here().map_err(thrown)
    }

    /// The run as `weightinit propagate --json` has it, as far as it has come.
    pub fn report(&self) -> String {
        self.0.report()
    }
}
