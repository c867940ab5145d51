//! Families of models, as transformers makes them from their configurations: a base, and each family's exceptions.

mod base;
mod buffers;
mod common;
mod composed;
mod contrastive;
mod decoders;
mod encoders;
mod sequence;
mod shapes;
mod state_space;
mod variants;
mod vision;

use crate::recipe::recipe::Recipe;

/// Every family.
pub(super) fn recipes() -> impl Iterator<Item = &'static Recipe> {
    [
        base::RECIPES,
        decoders::RECIPES,
        state_space::RECIPES,
        encoders::RECIPES,
        sequence::RECIPES,
        vision::RECIPES,
        contrastive::RECIPES,
        composed::RECIPES,
        variants::RECIPES,
        common::RECIPES,
    ]
    .into_iter()
    .flatten()
}
