//! An initializer as the page's form has it.

use anyhow::{Context, Result};
use weightinit::Initializer;
use weightinit::init::{Value, by_name};

/// A name, and those parameters that have been given another value than their default.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    name: String,
    parameters: Vec<(String, String)>,
}

impl Named {
    /// Of the parameters' values as a JSON object of texts.
    ///
    /// # Errors
    /// What is no such object.
    pub(crate) fn new(name: &str, parameters: &str) -> Result<Self> {
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(parameters).context("expected the parameters as a JSON object")?;
        let text = |(name, value): (String, serde_json::Value)| {
            let value = value.as_str().with_context(|| format!("expected parameter '{name}' as a text"))?;
            Ok((name, value.trim().to_owned()))
        };
        let given = object.into_iter().map(text).filter(|pair| !pair.as_ref().is_ok_and(|(_, value)| value.is_empty()));
        Ok(Self { name: name.to_owned(), parameters: given.collect::<Result<_>>()? })
    }

    /// # Errors
    /// Unknown names and parameters, and values that the initializer refuses.
    pub(crate) fn initializer(&self) -> Result<Initializer> {
        let arguments = self.parameters.iter().map(|(name, value)| (name.clone(), Value::parse(value)));
        Ok(by_name(&self.name)?.initializer(&arguments.collect())?)
    }

    /// As `propagate` reads it: `normal(std=0.02)`.
    pub(crate) fn call(&self) -> String {
        if self.parameters.is_empty() {
            return self.name.clone();
        }
        let parameters: Vec<_> = self.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}({})", self.name, parameters.join(","))
    }

    /// As `fill` reads it: `--init normal --param std=0.02`.
    pub(crate) fn options(&self) -> Vec<String> {
        let parameters =
            self.parameters.iter().flat_map(|(name, value)| ["--param".to_owned(), format!("{name}={value}")]);
        ["--init".to_owned(), self.name.clone()].into_iter().chain(parameters).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_as_the_command_line_does() {
        let named = Named::new("normal", r#"{"mean": " ", "std": "0.5"}"#).unwrap();
        assert_eq!(named.call(), "normal(std=0.5)");
        assert_eq!(named.options(), ["--init", "normal", "--param", "std=0.5"]);
        assert_eq!(named.initializer().unwrap(), weightinit::Law::normal(0.0, 0.5).into());
        assert_eq!(Named::new("he_normal", "{}").unwrap().call(), "he_normal");
    }

    #[test]
    fn what_is_wrong_is_said() {
        let refused = |name: &str, parameters: &str| {
            Named::new(name, parameters).and_then(|named| named.initializer()).unwrap_err().to_string()
        };
        assert_eq!(refused("normal", "[]"), "expected the parameters as a JSON object");
        assert_eq!(refused("normal", r#"{"std": 1}"#), "expected parameter 'std' as a text");
        assert!(refused("he", "{}").starts_with("unknown initializer 'he'; expected one of: zeros, "));
        assert_eq!(refused("normal", r#"{"std": "wide"}"#), "parameter 'std' of normal is 'wide'; expected a number");
    }
}
