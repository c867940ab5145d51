//! Recipes: how the tensors of whole models are initialized, chosen by their names.
//!
//! A recipe is a list of rules, each with globs on tensor names and a formula. There are three kinds: families of
//! models as transformers makes them from their configurations, what the layers of a library do by themselves, and
//! methods of papers. What a formula needs stands in the model's [`Config`], or is read off the names and shapes of its
//! tensors.

mod all;
mod applied;
mod config;
mod configured;
mod family;
mod formula;
mod glob;
mod library;
mod method;
mod model;
#[expect(clippy::module_inception, reason = "the room's main idea")]
mod recipe;
mod requests;
mod roles;
mod rule;
mod scope;
mod tensors;

pub use all::{by_name, of_config, of_names, recipes};
pub use applied::{Applied, Chosen};
pub use config::Config;
pub use glob::Glob;
pub use model::Model;
pub use recipe::Recipe;
pub use rule::Rule;
