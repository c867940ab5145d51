//! Models from their configurations: names and shapes as formulas of its fields.

use crate::error::{Error, RecipeError, Result};
use crate::init::Arguments;
use crate::recipe::config::Config;
use crate::recipe::formula::Expression;
use crate::recipe::glob::Glob;
use crate::recipe::model::Model;
use crate::recipe::recipe::Recipe;
use crate::recipe::scope::{Bound, Scope};
use crate::recipe::tensors::{Class, Tensors};

/// What indices are called.
const INDICES: [&str; 2] = ["layer", "part"];
/// What begins the second half of the name of a class with a head.
const HEADS: [&str; 2] = ["For", "LMHead"];
/// Tensors that a configuration may ask for.
const MOST_TENSORS: u64 = 10_000_000;

impl Recipe {
    /// Whether names and shapes of its models follow from a configuration.
    pub fn has_tensors(&self) -> bool {
        !self.tensors.is_empty()
    }

    /// The tensors of the model that `config` describes: names and shapes as the library's own files have them.
    ///
    /// # Errors
    /// [`RecipeError::NoTensors`] for families and architectures of which names and shapes are not known;
    /// [`RecipeError::UnknownFact`] for a field that the configuration lacks; [`Error::WrongParameter`] for one that is
    /// no size.
    ///
    /// ```
    /// use weightinit::init::Value;
    /// use weightinit::recipe::{Config, of_config};
    ///
    /// let number = |name: &str, value: f64| (name.to_owned(), Some(Value::Number(value)));
    /// let sizes = ["hidden_size", "intermediate_size", "vocab_size", "num_attention_heads", "num_hidden_layers"];
    /// let mut config: Config = sizes.iter().map(|name| number(name, 8.0)).collect();
    /// config.extend([("model_type".to_owned(), Some(Value::Text("llama".to_owned())))]);
    /// let model = of_config(&config)?.model(&config)?;
    /// assert_eq!(model.shape("model.layers.7.mlp.up_proj.weight"), Some(&[8, 8][..]));
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn model(&'static self, config: &Config) -> Result<Model> {
        // What other families that follow these rules call their tensors is not known.
        let own = |name: &&str| self.model_types.first() == Some(name);
        let other = config.text("model_type").filter(|name| !own(name));
        let asked = config.text("architectures.0").or(other).unwrap_or(self.architecture);
        let class = self.classes.iter().find(|class| self.is_class(asked, class));
        if !self.has_tensors() || (asked != self.architecture && class.is_none()) {
            let known = if self.has_tensors() { self.architecture } else { "none of this family" };
            return Err(RecipeError::NoTensors { architecture: asked.to_owned(), known }.into());
        }
        let nothing = Model::default();
        let bound = Bound::new(self, &nothing, Arguments::new(), config.clone())?;
        let mut found = Vec::new();
        for row in self.tensors.iter().copied().flatten() {
            row.collect(&bound, &mut Vec::new(), &mut found)?;
        }
        for part in self.parts {
            let inner = Bound::new(self, &nothing, Arguments::new(), config.part(part.config))?;
            let first = found.len();
            for row in part.tensors.iter().copied().flatten() {
                row.collect(&inner, &mut Vec::new(), &mut found)?;
            }
            found[first..].iter_mut().for_each(|(name, _)| name.insert_str(0, part.prefix));
        }
        if let Some(class) = class {
            let dropped = class.dropped.split_whitespace().map(Glob::new).collect::<Result<Vec<_>>>()?;
            found.retain(|(name, _)| !dropped.iter().any(|glob| glob.matches(name)));
            for (name, _) in &mut found {
                *name = name.strip_prefix(class.stripped).unwrap_or(name).to_owned();
            }
            for row in class.tensors {
                row.collect(&bound, &mut Vec::new(), &mut found)?;
            }
        }
        Ok(Model::new(found.iter().map(|(name, shape)| (name.as_str(), shape.as_slice()))))
    }
}

impl Recipe {
    /// Whether `name` is what the family calls `class`.
    fn is_class(&self, name: &str, class: &Class) -> bool {
        let family = name.strip_suffix(class.suffix);
        let own = family.and_then(|family| self.architecture.strip_prefix(family));
        own.is_some_and(|own| HEADS.iter().any(|head| own.starts_with(head)))
    }
}

impl Tensors {
    /// Adds its tensors for the indices that are chosen and all of those that are not yet.
    fn collect(
        &self,
        bound: &Bound<'_>,
        indices: &mut Vec<(&'static str, u64)>,
        found: &mut Vec<(String, Vec<u64>)>,
    ) -> Result<()> {
        let wrong = |reason| Error::Recipe(RecipeError::InvalidFormula { recipe: bound.recipe.name, reason });
        let size = |text: &'static str, indices: &[(&'static str, u64)]| {
            let scope = Scope::of_indices(bound, indices);
            let value = Expression::new(text.trim()).map_err(wrong)?.number(&scope)?;
            let is_size = value.fract() == 0.0 && (0.0..9e15).contains(&value);
            if is_size { Ok(value as u64) } else { Err(scope.no_size(text.trim(), value)) }
        };
        if let Some(count) = self.counts.get(indices.len()) {
            let count = size(count, indices)?;
            if count.saturating_add(found.len() as u64) > MOST_TENSORS {
                return Err(RecipeError::TooManyTensors { most: MOST_TENSORS }.into());
            }
            for index in 0..count {
                indices.push((INDICES[indices.len()], index));
                self.collect(bound, indices, found)?;
                indices.pop();
            }
            return Ok(());
        }
        let scope = Scope::of_indices(bound, indices);
        if !self.when.is_empty() && !Expression::new(self.when).map_err(wrong)?.holds(&scope)? {
            return Ok(());
        }
        let shape = sizes(self.shape).map(|text| size(text, indices)).collect::<Result<Vec<_>>>()?;
        for name in self.names.split_whitespace() {
            let mut name = name.to_owned();
            for (_, index) in indices.iter() {
                name = name.replacen("{}", &index.to_string(), 1);
            }
            found.push((name, shape.clone()));
        }
        Ok(())
    }
}

/// The formulas of a shape, which commas outside of parentheses divide.
fn sizes(shape: &'static str) -> impl Iterator<Item = &'static str> {
    let mut depth = 0;
    let parts = shape.split(move |letter| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        letter == ',' && depth == 0
    });
    parts.filter(|part| !part.trim().is_empty())
}
