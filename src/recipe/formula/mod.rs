//! Formulas: what a rule draws, as a text that is both shown and computed.
//!
//! ```text
//! normal(std=initializer_range / sqrt(2 * n_layer))
//! ```
//!
//! A formula is an initializer's call as in a spec, whose arguments are arithmetic over parameters, fields of a
//! configuration and facts about the model and the tensor.

mod evaluate;
mod parse;

pub(super) use evaluate::Names;

use crate::error::Result;
use crate::init::{Arguments, Value};

/// An initializer's call with expressions as arguments.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Formula {
    /// The initializer, or [`EACH`], or [`TABLE`].
    pub(super) initializer: &'static str,
    arguments: Vec<(&'static str, Expression)>,
}

/// The call that lists values, one for each index `i` of the last dimension.
pub(super) const EACH: &str = "each";

/// The call that lists values, one for each element: `i` is its index in the last dimension, `row` that in all before.
pub(super) const TABLE: &str = "table";

/// Arithmetic.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    Value(Value),
    Name(&'static str),
    Apply(Function, Vec<Expression>),
}

/// What is applied to values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Remainder,
    Negate,
    Equal,
    Unequal,
    Less,
    AtMost,
    And,
    Or,
    Not,
    Sqrt,
    Log,
    Exp,
    Sin,
    Cos,
    Floor,
    Ceil,
    Min,
    Max,
    /// The second of three where the first holds, else the third.
    If,
    /// Whether a name has a value.
    Has,
    /// The first value, or the second where the name has none.
    Else,
    /// Whether a text begins with another.
    Begins,
    /// Whether a text has another in it.
    Contains,
    /// Whether a text matches a glob.
    Matches,
    /// Whether a tensor's name in the model matches a glob.
    Exists,
    /// Whether all tensors' names in the model match one of several globs.
    All,
    /// Whether the model has a tensor of a name in the tensor's module or in the one around that.
    Beside,
    /// The size of a dimension of the tensor of a name in the tensor's module; it may have none.
    Size,
    /// A field of the configuration's list, by its number.
    Field,
    /// How many fields a table or a list of the configuration has.
    Count,
    /// The size of a tensor's dimension, from the end where negative.
    Dimension,
}

impl Formula {
    /// Reads a formula.
    pub(super) fn new(text: &'static str) -> std::result::Result<Self, String> {
        parse::formula(text)
    }

    /// The values of the arguments.
    pub(super) fn arguments(&self, names: &dyn Names) -> Result<Arguments> {
        let value =
            |(name, expression): &(&'static str, Expression)| Ok(((*name).to_owned(), expression.value(names)?));
        self.arguments.iter().map(value).collect()
    }

    /// Its only argument, of [`EACH`] and [`TABLE`].
    pub(super) fn only(&self) -> Option<&Expression> {
        self.arguments.first().map(|(_, expression)| expression)
    }

    /// All names in its arguments.
    pub(super) fn names(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        for (_, expression) in &self.arguments {
            expression.collect(&mut names);
        }
        names
    }
}

impl Expression {
    /// Reads an expression.
    pub(super) fn new(text: &'static str) -> std::result::Result<Self, String> {
        parse::expression(text)
    }

    /// Adds all names in it, and tells whether it applies functions of the tensor.
    pub(super) fn collect(&self, names: &mut Vec<&'static str>) -> bool {
        match self {
            Self::Value(_) => false,
            Self::Name(name) => {
                names.push(name);
                false
            }
            Self::Apply(function, arguments) => {
                let own = matches!(function, Function::Dimension | Function::Size | Function::Beside);
                arguments.iter().fold(own, |of_tensor, argument| argument.collect(names) || of_tensor)
            }
        }
    }
}
