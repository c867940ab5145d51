//! Triangles of ones: masks of what comes before.

use crate::error::{Error, Result};
use crate::init::matrix::shape::table;
use crate::law::Law;
use crate::request::structure::Structure;

/// Ones up to a diagonal of each matrix of the last two dimensions, if `width` is given on that many diagonals alone.
pub(crate) fn parts(diagonal: i64, width: Option<u64>, shape: &[u64]) -> Result<(Law, Structure)> {
    let &[.., rows, columns] = shape else {
        let expected = "two or more dimensions";
        return Err(Error::WrongShape { initializer: "tril", expected, shape: shape.to_vec() });
    };
    let entries = table("tril", rows.saturating_mul(columns))?;
    let is_one = |index: u64| {
        let last = i128::from(index / columns) + i128::from(diagonal);
        let below = last - i128::from(index % columns);
        below >= 0 && width.is_none_or(|width| below < i128::from(width))
    };
    Ok((Law::listed((0..entries).map(|index| f64::from(u8::from(is_one(index)))))?, Structure::Dense))
}
