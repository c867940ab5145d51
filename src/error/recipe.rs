//! Models, their tensors and the rules of recipes.

/// Why a recipe cannot initialize a model.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RecipeError {
    /// A tensor that the model does not have.
    #[error("the model has no tensor '{name}'")]
    NoSuchTensor {
        /// The name as given.
        name: String,
    },
    /// Tensors that no rule of a recipe matches.
    #[error("recipe {recipe} has no rule for {}", some(names))]
    Undecided {
        /// The recipe.
        recipe: &'static str,
        /// All such tensors.
        names: Vec<String>,
    },
    /// A glob that cannot be read.
    #[error("'{glob}' is no valid glob: {reason}")]
    InvalidGlob {
        /// Its beginning.
        glob: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A fact about the model that a recipe needs and that names and shapes do not tell.
    #[error("recipe {recipe} needs {fact}, which the tensors' names do not tell; give it as a parameter")]
    UnknownFact {
        /// The recipe.
        recipe: &'static str,
        /// Which fact.
        fact: &'static str,
    },
    /// A tensor that a recipe cannot initialize.
    #[error("recipe {recipe} has no law for '{name}': {reason}")]
    Refused {
        /// The recipe.
        recipe: &'static str,
        /// The tensor.
        name: String,
        /// Why, and what to do.
        reason: &'static str,
    },
    /// A parameter of a recipe that made no difference to any tensor.
    #[error("parameter '{name}' of {recipe} reaches no tensor of this model; leave it out or correct it")]
    UnusedParameter {
        /// The recipe.
        recipe: &'static str,
        /// The parameter.
        name: String,
    },
    /// A role that a method scales, of which the model, or some of its blocks, has no tensor by name.
    #[error(
        "recipe {recipe} scales tensors of the role {role}, and the model or some of its blocks have none; say what \
         it is called, as --role {role}=GLOB or, in a spec, {role} = \"GLOB\" of the recipe or role = \"{role}\" of a \
         [[rule]]{}",
        candidates_of(candidates)
    )]
    UnknownRole {
        /// The recipe.
        recipe: &'static str,
        /// The role.
        role: &'static str,
        /// Tensors that could be meant.
        candidates: Vec<String>,
    },
    /// Norms of a tensor's elements, which are asked for without them.
    #[error(
        "it holds the norms of '{name}', and so depends on its elements; give them, as Applied::requests_with does \
         with cpu::values"
    )]
    NormsOfOther {
        /// The other tensor.
        name: String,
    },
    /// A configuration that does not tell of which family its model is.
    #[error("the configuration has no model_type, _class_name or architecture; name a recipe instead")]
    UnknownFamily,
    /// Names of tensors that do not tell which library made the model.
    #[error("the tensors' names do not tell how they are initialized: {reason}; name a recipe or an initializer")]
    UnknownScheme {
        /// Why not.
        reason: &'static str,
    },
    /// A model whose names and shapes do not follow from its configuration here.
    #[error(
        "names and shapes of {architecture} do not follow from a configuration here, those of {known} do; give a \
             shapes file or a checkpoint"
    )]
    NoTensors {
        /// The class that the configuration names.
        architecture: String,
        /// The one that is known.
        known: &'static str,
    },
    /// A configuration that asks for more tensors than any model has.
    #[error("the configuration asks for more than {most} tensors; correct its counts")]
    TooManyTensors {
        /// How many there may be.
        most: u64,
    },
    /// A recipe's own formula that cannot be read: a fault of this library.
    #[error("a formula of recipe {recipe} cannot be read: {reason}")]
    InvalidFormula {
        /// The recipe.
        recipe: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// Names that are listed at most.
const LISTED: usize = 20;

/// Names that could be meant, if there are any.
fn candidates_of(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!(": it could be {}", some(names)) }
}

/// The first of some names, and how many more there are.
fn some(names: &[String]) -> String {
    let listed: Vec<_> = names.iter().take(LISTED).map(|name| format!("'{name}'")).collect();
    match names.len().checked_sub(LISTED) {
        None | Some(0) => listed.join(", "),
        Some(more) => format!("{} and {more} more", listed.join(", ")),
    }
}
