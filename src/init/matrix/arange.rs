//! Numbers in equal steps, such as positions count.

use crate::error::Result;
use crate::init::matrix::shape::table;
use crate::law::Law;
use crate::request::structure::Structure;

/// Start, start + step and so on along the last dimension, again in each row.
pub(crate) fn parts(start: f64, step: f64, shape: &[u64]) -> Result<(Law, Structure)> {
    let columns = table("arange", shape.last().copied().unwrap_or(1))?;
    Ok((Law::listed((0..columns).map(|index| start + step * index as f64))?, Structure::Dense))
}
