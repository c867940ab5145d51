//! Tables that were built already: a model asks for one with each of its tensors, and building takes milliseconds.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use crate::error::Result;
use crate::law::law::Family;
use crate::law::table::quantile::QuantileTable;

/// Tables that are kept although nobody uses them any more: some megabytes.
const KEPT: usize = 128;

/// The law of a table: a family and the bits of its parameters.
type Key = (Family, Vec<u64>);

static TABLES: LazyLock<Mutex<HashMap<Key, Arc<QuantileTable>>>> = LazyLock::new(Mutex::default);

/// The table of `family` with these `parameters`, built if it is not known. What cannot be built is tried again.
pub(crate) fn table(
    family: Family,
    parameters: &[f64],
    build: impl FnOnce() -> Result<QuantileTable>,
) -> Result<Arc<QuantileTable>> {
    let tables = || TABLES.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (family, parameters.iter().map(|parameter| parameter.to_bits()).collect());
    if let Some(table) = tables().get(&key) {
        return Ok(Arc::clone(table));
    }
    // Outside of the lock: two threads may both build one, none waits for the other.
    let built = Arc::new(build()?);
    let mut tables = tables();
    if tables.len() >= KEPT {
        tables.retain(|_, table| Arc::strong_count(table) > 1);
    }
    Ok(Arc::clone(tables.entry(key).or_insert(built)))
}
