//! Every recipe, by name and by what configurations call their models.

use crate::error::{Error, Result};
use crate::name::UnknownName;
use crate::recipe::config::Config;
use crate::recipe::recipe::Recipe;
use crate::recipe::{family, library, method};

/// The recipe called `name`.
///
/// # Errors
/// [`Error::UnknownName`].
pub fn by_name(name: &str) -> Result<&'static Recipe> {
    let known = recipes().find(|recipe| recipe.name == name);
    Ok(known.ok_or_else(|| UnknownName::new("recipe", name, recipes().map(|recipe| recipe.name)))?)
}

/// The recipe of the family that a configuration is of: by `model_type` as transformers writes it, by `_class_name` as
/// diffusers does, by `architecture` as timm does.
///
/// # Errors
/// [`Error::UnknownName`] for a family that has none, [`Error::UnknownFamily`] where the configuration tells none.
pub fn of_config(config: &Config) -> Result<&'static Recipe> {
    if let Some(name) = config.text("model_type") {
        let known = recipes().find(|recipe| recipe.model_types.contains(&name));
        let names = || recipes().flat_map(|recipe| recipe.model_types.iter().copied());
        return Ok(known.ok_or_else(|| UnknownName::new("model_type", name, names()))?);
    }
    if config.text("_class_name").is_some() {
        return by_name("diffusers");
    }
    if config.text("architecture").is_some() {
        return by_name("timm");
    }
    Err(Error::UnknownFamily)
}

/// Every recipe: families, then what libraries' layers do, then methods.
pub fn recipes() -> impl Iterator<Item = &'static Recipe> {
    family::recipes().chain(library::recipes()).chain(method::recipes())
}
