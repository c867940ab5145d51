//! A model's own weights as a network: those of a spec, where it is an MLP.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use weightinit::{Layout, Request};

use crate::args::ModelArguments;
use crate::model::job::{Job, Tensor};
use crate::model::spec::Spec;
use weightinit_common::propagation::network::{Kind, Layer, Network};

/// The network of the spec at `path`: its 2-D weights in their order, each with the bias that has its name.
///
/// # Errors
/// What `init` refuses of the spec; a model that is no MLP.
pub(crate) fn network(path: &Path, seed: Option<u64>) -> Result<Network> {
    let arguments = ModelArguments { seed, ..ModelArguments::default() };
    let spec = Spec::read(path, &arguments)?;
    let job = Job::new(&spec).with_context(|| path.display().to_string())?;
    of_job(&spec, &job).with_context(|| format!("{} is no MLP", path.display()))
}

fn of_job(spec: &Spec, job: &Job) -> Result<Network> {
    let is_transposed = match spec.layout {
        None | Some(Layout::Torch) => false,
        Some(Layout::Keras) => true,
        Some(other) => bail!("its layout is {}; expected torch or keras", other.name()),
    };
    let tensors: HashMap<_, _> = job.tensors.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
    // A job's tensors are in the order of a file, not of the model.
    let ordered = spec.tensors.iter().filter_map(|declared| tensors.get(declared.name.as_str()).copied());
    let mut layers: Vec<Layer> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for tensor in ordered {
        match tensor.shape[..] {
            [first, second] => {
                let [rows, columns] =
                    if is_transposed { [second, first] } else { [first, second] }.map(usize::try_from);
                let (rows, columns) = (rows?, columns?);
                if let (Some(before), Some(layer)) = (names.last(), layers.last()) {
                    ensure!(
                        layer.rows == columns,
                        "'{before}' gives {} outputs, and '{}' after it takes {columns} inputs",
                        layer.rows,
                        tensor.name
                    );
                }
                names.push(&tensor.name);
                layers.push(Layer { weights: request(tensor)?, is_transposed, rows, columns, bias: None });
            }
            [length] if names.last().is_some_and(|weight| is_bias(weight, &tensor.name)) => {
                let layer = layers.last_mut().context("a bias has its weight before it")?;
                ensure!(
                    length == layer.rows as u64,
                    "'{}' has {length} elements, and its weight {} outputs",
                    tensor.name,
                    layer.rows
                );
                layer.bias = Some(request(tensor)?);
            }
            _ => bail!(
                "'{}' of shape {:?} is neither a 2-D weight nor the bias after it (fc.weight, fc.bias)",
                tensor.name,
                tensor.shape
            ),
        }
    }
    ensure!(!layers.is_empty(), "it has no weights");
    Ok(Network { kind: Kind::Mlp, layers, seed: job.seed })
}

fn request(tensor: &Tensor) -> Result<Request> {
    let drawn = tensor.request().filter(|_| tensor.kept.is_none());
    drawn.cloned().with_context(|| format!("'{}' is not drawn by an initializer", tensor.name))
}

/// Whether the names are those of a weight and its bias, as frameworks have them.
fn is_bias(weight: &str, name: &str) -> bool {
    [("weight", "bias"), ("kernel", "bias")].iter().any(|(of_weight, of_bias)| {
        weight.strip_suffix(of_weight).is_some_and(|stem| name.strip_suffix(of_bias) == Some(stem))
    })
}
