//! What can be chosen on the page, from the library's own tables.

use serde_json::{Value, json};
use weightinit::init::{Entry, Nonlinearity, Parameter, REGISTRY};
use weightinit::{DType, Layout};
use weightinit_common::propagation::Activation;

/// Initializers with their parameters, types, layouts, and activations with the gains that PyTorch recommends for them.
pub(crate) fn choices() -> Value {
    json!({
        "initializers": REGISTRY.iter().map(initializer).collect::<Vec<_>>(),
        "dtypes": DType::FLOATS.map(DType::name),
        "layouts": Layout::NAMED.map(Layout::name),
        "activations": Activation::ALL.map(activation),
    })
}

fn initializer(entry: &Entry) -> Value {
    let parameter = |Parameter { name, default }: &Parameter| json!({"name": name, "default": default});
    json!({
        "name": entry.name,
        "summary": entry.summary,
        "source": entry.source,
        "parameters": entry.parameters.iter().map(parameter).collect::<Vec<_>>(),
    })
}

fn activation(activation: Activation) -> Value {
    /// Of `leaky_relu`, as PyTorch and JAX have it.
    const SLOPE: f64 = 0.01;
    let gain = Nonlinearity::parse(activation.name(), SLOPE).ok().map(Nonlinearity::gain);
    json!({"name": activation.name(), "gain": gain})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_the_librarys() {
        let choices = choices();
        assert_eq!(choices["initializers"].as_array().unwrap().len(), REGISTRY.len());
        let activations = choices["activations"].as_array().unwrap();
        let gain = |name| activations.iter().find(|known| known["name"] == name).map(|known| known["gain"].as_f64());
        assert_eq!([gain("tanh"), gain("gelu")], [Some(Some(5.0 / 3.0)), Some(None)]);
        assert_eq!(choices["dtypes"][0], "f32");
    }
}
