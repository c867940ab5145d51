//! Lists of tensors of which nothing is known but names and shapes.

use crate::init::{by_name, parameter};
use crate::law::Law;
use crate::recipe::recipe::{Choice, Recipe, law, of, rule_of_matrices, rule_of_vectors};

/// Scales and variances. A vector called weight is a scale: in ResNet's `downsample.1.weight` no word says that it is a
/// norm's.
const ONES: &[&str] = &["*.weight", "weight", "*gamma", "*running_var", "*norm*.scale", "*Norm*.scale"];

pub(super) const RECIPES: &[Recipe] = &[Recipe {
    name: "plain",
    summary: "matrices by one initializer, vectors 0 or 1 by their names, whatever the model",
    source: "weightinit's own, for lists of tensors without a recipe",
    parameters: &[parameter("init", "glorot_uniform")],
    rules: &[&[
        rule_of_matrices(&["*"], "{init}", |case| {
            let name = case.given.text("init")?;
            let initializer = by_name(&name)?.initializer(&Default::default())?;
            Ok(Choice { layout: None, ..of(initializer)? })
        }),
        rule_of_vectors(ONES, "1", |_| law(Law::Constant(1.0))),
        rule_of_vectors(&["*"], "0", |_| law(Law::Constant(0.0))),
    ]],
}];
