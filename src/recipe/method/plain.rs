//! Lists of tensors of which nothing is known but names and shapes.

use crate::init::parameter;
use crate::recipe::recipe::{RECIPE, Recipe};
use crate::recipe::rule::{matrices, vectors};

/// Scales and variances. A vector called weight is a scale: in ResNet's `downsample.1.weight` no word says that it is a
/// norm's.
const ONES: &str = "*.weight weight *gamma *running_var *norm*.scale *Norm*.scale";

pub(super) const RECIPES: &[Recipe] = &[Recipe {
    name: "plain",
    summary: "matrices by one initializer, vectors 0 or 1 by their names, whatever the model",
    source: "weightinit's own, for lists of tensors without a recipe",
    parameters: &[parameter("init", "glorot_uniform")],
    rules: &[&[matrices("*", "named(init=init)"), vectors(ONES, "ones"), vectors("*", "zeros")]],
    layout: None,
    ..RECIPE
}];
