//! Recipes: how the tensors of whole models are initialized, chosen by their names.
//!
//! A recipe is a list of rules, each with globs on tensor names, a formula and the paper or the code that it follows.
//! What a formula needs of the model (its depth, its width) is read off the names and shapes of its tensors.

mod all;
mod frameworks;
mod glob;
mod model;
mod networks;
mod plain;
#[expect(clippy::module_inception, reason = "the room's main idea")]
mod recipe;
mod residual;
mod rules;
mod state_space;
mod transformers;

pub use all::{by_name, recipes};
pub use glob::Glob;
pub use model::Model;
pub use recipe::{Chosen, Recipe, Rule};
