//! Laws by tables of their quantile functions.

use std::sync::Arc;

use crate::dtype::DType;
use crate::error::Result;
use crate::law::check::finite;
use crate::law::law::{Family, Law};
use crate::law::table::cache;
use crate::law::table::quantile::QuantileTable;
use crate::law::table::tail::Quantile;

impl Law {
    /// `loc + scale · q(u)` without bounds, q the standardized quantile function of the family with these `parameters`,
    /// which is tabulated once.
    pub(super) fn tabulated(
        family: Family,
        parameters: &[f64],
        name: impl FnOnce() -> String,
        quantile: impl Quantile,
        loc: f64,
        scale: f64,
    ) -> Result<Self> {
        finite("loc", loc)?;
        if scale == 0.0 {
            return Ok(Law::Constant(loc));
        }
        let table = cache::table(family, parameters, || QuantileTable::of(name(), &quantile))?;
        let scale = scale * table.unit();
        Ok(Self::of_table(family, table, loc, scale))
    }

    /// The law of a table, without bounds.
    pub(super) fn of_table(family: Family, table: Arc<QuantileTable>, mean: f64, std: f64) -> Self {
        Law::Tabulated { family, table, mean, std, low: f64::NEG_INFINITY, high: f64::INFINITY }
    }

    /// The law between bounds that meet: a constant where every type holds it, and else one that those which do not
    /// refuse.
    pub(super) fn where_bounds_meet(bound: f64) -> Self {
        Self::constant_inside(bound, bound, bound).unwrap_or(Law::uniform(bound, bound))
    }

    /// The constant, if no type rounds it out of the bounds.
    pub(super) fn constant_inside(value: f64, low: f64, high: f64) -> Option<Self> {
        let rounded = DType::FLOATS.map(|dtype| dtype.value(dtype.bits(value)));
        rounded.iter().all(|value| low <= *value && *value <= high).then_some(Law::Constant(value))
    }

    /// The same tabulated law with samples inside `[low, high]`, which rounding could leave.
    pub(super) fn within(self, low: f64, high: f64) -> Self {
        match self {
            Law::Tabulated { family, table, mean, std, .. } => Law::Tabulated { family, table, mean, std, low, high },
            law => law,
        }
    }
}
