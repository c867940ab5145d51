//! `torch.nn.init.eye_`; `keras/src/initializers/constant_initializers.py`, `Identity`.

use crate::error::Result;
use crate::init::matrix::shape::rows_and_columns;
use crate::law::Law;
use crate::request::structure::Structure;

pub(crate) fn parts(gain: f64, shape: &[u64]) -> Result<(Law, Structure)> {
    let (_, columns) = rows_and_columns("identity", shape)?;
    // It never begins anew: structured matrices have at most this many rows.
    let period = u64::from(u32::MAX);
    Ok((Law::Constant(gain), Structure::Diagonal { columns, period, step: 1, offset: 0 }))
}
