//! Methods of papers, by what tensors are called.

mod networks;
mod plain;
mod residual;
mod rules;
mod state_space;
mod transformers;

use crate::recipe::recipe::Recipe;

/// Every method.
pub(super) fn recipes() -> impl Iterator<Item = &'static Recipe> {
    [transformers::RECIPES, residual::RECIPES, state_space::RECIPES, networks::RECIPES, plain::RECIPES]
        .into_iter()
        .flatten()
}
