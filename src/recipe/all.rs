//! Every recipe, by name.

use crate::error::Result;
use crate::name::UnknownName;
use crate::recipe::recipe::Recipe;
use crate::recipe::{frameworks, networks, plain, residual, state_space, transformers};

/// The recipe called `name`.
///
/// # Errors
/// [`Error::UnknownName`](crate::Error::UnknownName).
pub fn by_name(name: &str) -> Result<&'static Recipe> {
    let known = recipes().find(|recipe| recipe.name == name);
    Ok(known.ok_or_else(|| UnknownName::new("recipe", name, recipes().map(|recipe| recipe.name)))?)
}

/// Every recipe.
pub fn recipes() -> impl Iterator<Item = &'static Recipe> {
    [
        transformers::RECIPES,
        residual::RECIPES,
        state_space::RECIPES,
        networks::RECIPES,
        frameworks::RECIPES,
        plain::RECIPES,
    ]
    .into_iter()
    .flatten()
}
