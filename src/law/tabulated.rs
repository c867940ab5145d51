//! Laws by tables of their quantile functions.

use std::sync::Arc;

use crate::error::Result;
use crate::law::check::finite;
use crate::law::law::{Family, Law};
use crate::law::table::cache;
use crate::law::table::quantile::{QuantileTable, Tail};

impl Law {
    /// `loc + scale · q(u)` without bounds, q the standardized quantile function of the family with these `parameters`,
    /// which is tabulated once.
    pub(super) fn tabulated(
        family: Family,
        parameters: &[f64],
        name: impl FnOnce() -> String,
        quantile: impl Fn(f64, Tail) -> f64,
        loc: f64,
        scale: f64,
    ) -> Result<Self> {
        finite("loc", loc)?;
        if scale == 0.0 {
            return Ok(Law::Constant(loc));
        }
        let table = cache::table(family, parameters, || QuantileTable::new(name(), quantile))?;
        Ok(Self::of_table(family, table, loc, scale))
    }

    /// The law of a table, without bounds.
    pub(super) fn of_table(family: Family, table: Arc<QuantileTable>, mean: f64, std: f64) -> Self {
        Law::Tabulated { family, table, mean, std, low: f64::NEG_INFINITY, high: f64::INFINITY }
    }

    /// The same tabulated law with samples inside `[low, high]`, which rounding could leave.
    pub(super) fn within(self, low: f64, high: f64) -> Self {
        match self {
            Law::Tabulated { family, table, mean, std, .. } => Law::Tabulated { family, table, mean, std, low, high },
            law => law,
        }
    }
}
