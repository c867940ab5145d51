//! Arguments of an initializer or a recipe by name.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::init::parameter::{Parameter, Value};
use crate::real;

/// Arguments by parameter name.
pub type Arguments = BTreeMap<String, Value>;

/// Arguments of one initializer, with its defaults behind them.
pub(crate) struct Given<'a> {
    /// What they are given to: `initializer` or `recipe`, and its name.
    pub(crate) owner: [&'static str; 2],
    parameters: &'static [Parameter],
    arguments: &'a Arguments,
}

impl<'a> Given<'a> {
    /// Refuses arguments without a parameter. What an outer initializer does not know is for the one inside.
    pub(crate) fn new(
        owner: [&'static str; 2],
        parameters: &'static [Parameter],
        arguments: &'a Arguments,
    ) -> Result<Self> {
        let given = Self { owner, parameters, arguments };
        match arguments.keys().find(|name| !given.is_known(name) && !given.is_known("of")) {
            None => Ok(given),
            Some(name) => Err(Self::unknown(owner, parameters, name)),
        }
    }

    /// The error of an argument without a parameter.
    pub(crate) fn unknown(owner: [&'static str; 2], parameters: &[Parameter], name: &str) -> Error {
        let names: Vec<_> = parameters.iter().map(|parameter| parameter.name).collect();
        let expected = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        Error::UnknownParameter { owner, name: name.to_owned(), expected }
    }

    fn is_known(&self, name: &str) -> bool {
        self.parameters.iter().any(|known| known.name == name)
    }

    /// The number of parameter `name`, or its default.
    pub(crate) fn number(&self, name: &'static str) -> Result<f64> {
        self.optional(name)?.ok_or(Error::MissingParameter { owner: self.owner, name, expected: "number" })
    }

    /// The number of parameter `name` where it or a default is given.
    pub(crate) fn optional(&self, name: &'static str) -> Result<Option<f64>> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(number)),
            Some(found @ Value::Text(_)) => Err(self.wrong(name, &found, "a number")),
        }
    }

    /// The word of parameter `name`, or its default.
    pub(crate) fn text(&self, name: &'static str) -> Result<String> {
        match self.value(name) {
            None => Err(Error::MissingParameter { owner: self.owner, name, expected: "word" }),
            Some(Value::Text(text)) => Ok(text),
            Some(found @ Value::Number(_)) => Err(self.wrong(name, &found, "a word")),
        }
    }

    /// The whole number of parameter `name`, or its default.
    pub(crate) fn whole(&self, name: &'static str) -> Result<i64> {
        let number = self.number(name)?;
        if number.fract() == 0.0 && number.abs() < real::ldexp(1.0, 53) {
            return Ok(number as i64);
        }
        Err(self.wrong(name, &Value::Number(number), "a whole number"))
    }

    /// The count of parameter `name`, or its default.
    pub(crate) fn count(&self, name: &'static str) -> Result<u64> {
        let number = self.whole(name)?;
        u64::try_from(number)
            .map_err(|_| self.wrong(name, &Value::Number(number as f64), "0 or a positive whole number"))
    }

    /// The yes or no of parameter `name`, or its default.
    pub(crate) fn flag(&self, name: &'static str) -> Result<bool> {
        match self.text(name)?.as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            other => Err(self.wrong(name, &Value::Text(other.to_owned()), "true or false")),
        }
    }

    /// The arguments that are none of its own.
    pub(crate) fn others(&self) -> Arguments {
        let others = self.arguments.iter().filter(|(name, _)| !self.is_known(name));
        others.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    fn value(&self, name: &'static str) -> Option<Value> {
        let default = self.parameters.iter().find(|parameter| parameter.name == name);
        self.arguments.get(name).cloned().or_else(|| default.and_then(|parameter| parameter.default_value()))
    }

    fn wrong(&self, name: &'static str, found: &Value, expected: &str) -> Error {
        Error::WrongParameter { owner: self.owner, name, found: found.to_string(), expected: expected.to_owned() }
    }
}
