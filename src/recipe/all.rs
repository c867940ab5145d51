//! Every recipe, by name and by what configurations call their models.

#[cfg(doc)]
use crate::error::Error;
use crate::error::{RecipeError, Result};
use crate::name::UnknownName;
use crate::recipe::config::Config;
use crate::recipe::glob::Glob;
use crate::recipe::model::Model;
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
/// [`Error::UnknownName`] for a family that has none, [`RecipeError::UnknownFamily`] where the configuration tells
/// none.
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
    Err(RecipeError::UnknownFamily.into())
}

/// Every recipe: families, then what libraries' layers do, then methods.
pub fn recipes() -> impl Iterator<Item = &'static Recipe> {
    family::recipes().chain(library::recipes()).chain(method::recipes())
}

/// What transformers alone calls tensors: their laws depend on a configuration.
const TRANSFORMERS: &str = "*.self_attn.{q,k,v,o}_proj.weight *.attention.self.query.weight *.SelfAttention.q.weight \
    *h.*.attn.c_attn.weight *.mixer.in_proj.weight *.attention.query_key_value.weight \
    *.attention.attention.query.weight";
/// What torchvision, timm and diffusers call parts of models that they do not initialize as PyTorch's modules do.
const MODELS: &str = "layer1.0.conv1.weight *blocks.0.attn.qkv.weight conv_stem.weight *stages.0.blocks.0.* \
    features.denseblock1.* *encoder_layer_0.* down_blocks.0.resnets.* *transformer_blocks.0.attn*.to_q.weight";
/// Names that only Keras' variables, Flax' and PyTorch's have.
const KERAS: &str = "*gamma *moving_mean *embeddings *recurrent_kernel *depthwise_kernel *pointwise_kernel";
const FLAX: &str = "params/* *{.,/}scale *{.,/}embedding *kernel/value *kernel.value *{hf,hr,dense_h}{.,/}kernel";
const TORCH: &str = "*.weight weight *.weight_hh* weight_hh* *in_proj_weight";

/// The library whose layers call their tensors so: torch, keras or flax.
///
/// # Errors
/// [`RecipeError::UnknownScheme`] where the names are of none of them, of several, or transformers', whose models need
/// a configuration.
///
/// ```
/// use weightinit::recipe::{Model, of_names};
///
/// let model = Model::new([("fc.weight", &[10, 20][..]), ("fc.bias", &[10])]);
/// assert_eq!(of_names(&model)?.name, "torch");
/// # Ok::<(), weightinit::Error>(())
/// ```
pub fn of_names(model: &Model) -> Result<&'static Recipe> {
    let has = |globs: &str| -> Result<bool> {
        let globs = globs.split_whitespace().map(Glob::new).collect::<Result<Vec<_>>>()?;
        Ok(model.tensors().any(|(name, _)| globs.iter().any(|glob| glob.matches(name))))
    };
    if has(TRANSFORMERS)? {
        return Err(RecipeError::UnknownScheme {
            reason: "they are those of a model of transformers, which needs its config.json",
        }
        .into());
    }
    if has(MODELS)? {
        let reason = "they are those of a model that torchvision, timm and diffusers initialize each in its own way";
        return Err(RecipeError::UnknownScheme { reason }.into());
    }
    match (has(TORCH)?, has(KERAS)?, has(FLAX)?) {
        (true, false, false) => by_name("torch"),
        (false, true, false) => by_name("keras"),
        (false, false, true) => by_name("flax"),
        (false, false, false) => {
            Err(RecipeError::UnknownScheme { reason: "they are those of no library that is known" }.into())
        }
        _ => Err(RecipeError::UnknownScheme { reason: "they are those of several libraries" }.into()),
    }
}
