//! Integer tensors: counters and indices, which are known and not drawn.

use anyhow::{Context, Result};
use weightinit::{Initializer, Law, Layout};

use crate::model::dtype;
use crate::model::header::Declared;
use crate::model::rules::Resolved;
use crate::model::words::describe;

/// Batches that a batch norm has seen, whatever the model: none at first.
pub(super) const COUNTERS: &str = "num_batches_tracked";

/// What an integer tensor holds of which every library knows the beginning.
pub(super) fn known(declared: &Declared) -> bool {
    dtype::is_integer(declared.dtype) && declared.name.ends_with(COUNTERS)
}

/// Whether a choice can be a tensor's: an integer tensor takes whole numbers alone.
pub(super) fn accepts(declared: &Declared, chosen: &Resolved) -> bool {
    !dtype::is_integer(declared.dtype) || values(declared, chosen).is_some()
}

/// The values of a list, or a constant; none where the choice is random or no whole number.
fn values(declared: &Declared, chosen: &Resolved) -> Option<(Vec<i128>, Law)> {
    let law = match &chosen.initializer {
        Initializer::Law(law) => law.clone(),
        other => other.parts(&declared.shape, chosen.layout.unwrap_or(Layout::Torch)).ok()?.0,
    };
    let whole = |value: f64| (value.fract() == 0.0).then_some(value as i128);
    let values = match &law {
        Law::Constant(value) => vec![chosen.whole.map_or_else(|| whole(*value), |whole| Some(i128::from(whole)))?],
        Law::Listed(values) => values.iter().map(|value| whole(*value)).collect::<Option<_>>()?,
        _ => return None,
    };
    Some((values, law))
}

/// The little-endian bytes of an integer tensor's list of values, and its law in words.
pub(super) fn bytes(declared: &Declared, chosen: &Resolved) -> Result<(Vec<u8>, String)> {
    let (values, law) = values(declared, chosen).context("an integer tensor needs whole numbers")?;
    let mut bytes = Vec::new();
    for value in &values {
        let element = dtype::integer_bytes(declared.dtype, *value);
        bytes.extend(
            element.with_context(|| format!("{value} does not fit in {:?}; give a value that does", declared.dtype))?,
        );
    }
    let words = match values.as_slice() {
        [value] => value.to_string(),
        _ => describe(&law),
    };
    Ok((bytes, words))
}
