//! Tensors that follow from another tensor of the same model: norms of its parts, and scales of fp8 weights.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};
use weightinit::init::Norms;
use weightinit::{DType, Fill, Initializer, Law, Request, cpu};

use crate::model::decide;
use crate::model::dtype;
use crate::model::header::Declared;
use crate::model::rules::{Derived, Fate, Resolved};
use crate::model::spec::Spec;
use crate::model::tensor::{Content, Tensor};
use crate::model::words::{describe, significant};

/// What stands behind a weight's name in that of its scale.
const SCALES: [&str; 2] = ["_scale_inv", "_scale"];

/// A tensor that waits for another.
pub(super) struct Waiting {
    pub(super) declared: Declared,
    pub(super) rule: String,
    pub(super) chosen: Resolved,
}

/// Elements whose squares are summed at a time.
const PART: u64 = 1 << 20;

/// Decides the tensors that wait, from those that are decided; a weight becomes what its scale makes it.
pub(super) fn decide(spec: &Spec, waiting: Vec<Waiting>, tensors: &mut Vec<Tensor>) -> Result<()> {
    if waiting.is_empty() {
        return Ok(());
    }
    let places = tensors.iter().enumerate().map(|(place, tensor)| (tensor.name.clone(), place)).collect();
    for waiting in waiting {
        let name = waiting.declared.name.clone();
        let decided = waiting.decide(spec, tensors, &places).with_context(|| format!("tensor '{name}'"))?;
        tensors.push(decided);
    }
    Ok(())
}

impl Waiting {
    fn decide(self, spec: &Spec, tensors: &mut [Tensor], places: &HashMap<String, usize>) -> Result<Tensor> {
        let Fate::Derived(derived, of) = self.chosen.fate.clone() else { bail!("it follows from no other tensor") };
        let names = sources(&self.declared.name, of);
        let found = names.iter().find_map(|name| places.get(name));
        let source = found.and_then(|place| tensors.get_mut(*place)).with_context(|| {
            let names: Vec<_> = names.iter().map(|name| format!("'{name}'")).collect();
            let names = if names.is_empty() { "another tensor".to_owned() } else { names.join(" or ") };
            format!("it follows from {names}, which is not in the list or not drawn; give its name as of = \"...\"")
        })?;
        let Self { declared, rule, chosen } = self;
        let (initializer, law) = match derived {
            Derived::Norms => (norms(source, &declared.shape)?, format!("norms of {}: ", source.name)),
            Derived::Scale => {
                (Law::Constant(scaled(source, &declared.name)?).into(), format!("scale of {}: ", source.name))
            }
        };
        let norms_of = (derived == Derived::Norms).then(|| source.name.clone());
        let mut tensor = decide::decide(spec, &declared, rule, &Resolved { initializer, ..chosen })?;
        tensor.norms_of = norms_of;
        tensor.why.law = law + &tensor.why.law;
        Ok(tensor)
    }
}

/// The names that the tensor may have which `name` follows from: the given one, whole or in the same module, or what a
/// scale's name tells.
fn sources(name: &str, of: Option<String>) -> Vec<String> {
    let module = name.rfind(['.', '/']).map_or("", |end| &name[..=end]);
    match of {
        Some(of) => vec![format!("{module}{of}"), of],
        None if name.ends_with(".scale") => vec![format!("{module}weight")],
        None => SCALES.iter().filter_map(|scale| name.strip_suffix(scale)).take(1).map(str::to_owned).collect(),
    }
}

/// The norms of a tensor's parts, of its elements as the file has them.
fn norms(source: &Tensor, shape: &[u64]) -> Result<Initializer> {
    let dtype = dtype::sampled(source.dtype)
        .with_context(|| format!("'{}' is of {:?}, which has no norms", source.name, source.dtype))?;
    let mut norms = Norms::new(&source.shape, shape)?;
    // Parts of an orthogonal matrix take as long as all of it.
    let part = if matches!(source.request(), Some(Request::Orthogonal(_))) { source.elements } else { PART };
    let mut first = 0;
    while first < source.elements {
        let end = first.saturating_add(part).min(source.elements);
        let mut bytes = match source.request() {
            Some(request) => cpu::bytes(&request.range(first..end)?)?,
            None => vec![0; ((end - first) * dtype::size(source.dtype)) as usize],
        };
        if let Some(kept) = &source.kept {
            kept.copy(first * dtype::size(source.dtype), &mut bytes)?;
        }
        norms.take(&cpu::elements(dtype, &bytes).map(|bits| dtype.value(bits)).collect::<Vec<_>>());
        first = end;
    }
    Ok(norms.finish()?)
}

/// Divides the law of a weight by the smallest power of two with which its largest sample is one of the type, and gives
/// that: a scale of any type holds it exactly, and the product follows the law.
fn scaled(weight: &mut Tensor, scale: &str) -> Result<f64> {
    let name = &weight.name;
    ensure!(weight.kept.is_none(), "'{name}' is kept, and so is its scale; write init = \"keep\"");
    let Content::Request(request) = &weight.content else { bail!("'{name}' is not drawn, and so has no scale") };
    let dtype = request.dtype();
    ensure!(
        [DType::F8E4M3, DType::F8E5M2].contains(&dtype),
        "'{name}' is of {dtype}, and only weights of 8 bits have scales; leave the scale out, as init = \"drop\""
    );
    let Some(fill) = request.as_fill() else {
        bail!("'{name}' is orthogonal, which is not drawn in 8 bits with a scale; give it another initializer")
    };
    let reach = fill.law().reach().with_context(|| format!("'{name}' has a law without a scale"))?;
    // Nothing but zeros needs no scale.
    let factor = if reach == 0.0 { 1.0 } else { power_of_two_above(reach / dtype.max()) };
    let law = fill.law().times(1.0 / factor).with_context(|| format!("'{name}' has a law without a scale"))?;
    let words = format!("{}{}, times {} by {scale}", describe(&law), fill.structure(), significant(factor));
    let scaled = Fill::new(fill.stream(), law, dtype, fill.tensor_len())?;
    weight.content = Content::Request(scaled.with_structure(fill.structure())?.with_seed(fill.seed()).into());
    weight.why.law = words;
    Ok(factor)
}

/// The smallest power of two that is not below a positive number.
fn power_of_two_above(value: f64) -> f64 {
    let mut power = 1.0;
    while power < value {
        power *= 2.0;
    }
    while power / 2.0 >= value && power > f64::MIN_POSITIVE {
        power /= 2.0;
    }
    power
}

#[cfg(test)]
mod tests {
    use super::power_of_two_above;

    #[test]
    fn powers_of_two_are_the_smallest_above() {
        for (value, power) in [(1.0, 1.0), (1.01, 2.0), (0.5, 0.5), (0.6, 1.0), (3e-4, 0.000_488_281_25)] {
            assert_eq!(power_of_two_above(value), power, "{value}");
        }
    }
}
