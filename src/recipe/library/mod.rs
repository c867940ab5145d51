//! What the layers and models of libraries do by themselves.

mod arrays;
mod diffusers;
mod timm;
mod torch;
mod torchvision;

use crate::recipe::recipe::Recipe;

pub(super) use torch::NORM_OF_OTHER;

/// Every library.
pub(super) fn recipes() -> impl Iterator<Item = &'static Recipe> {
    [torch::RECIPES, arrays::RECIPES, timm::RECIPES, torchvision::RECIPES, diffusers::RECIPES].into_iter().flatten()
}
