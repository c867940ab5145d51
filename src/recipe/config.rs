//! A model's configuration: what stands in its `config.json`.

use std::collections::BTreeMap;

use crate::init::Value;

/// Fields of a model's configuration, by their paths: `hidden_size`, `text_config.hidden_size`, `depths.0`.
///
/// A field that is null has no value, whatever the default of its class.
///
/// ```
/// use weightinit::init::Value;
/// use weightinit::recipe::Config;
///
/// let fields = [("model_type", Value::Text("llama".into())), ("initializer_range", Value::Number(0.01))];
/// let config: Config = fields.map(|(path, value)| (path.to_owned(), Some(value))).into_iter().collect();
/// assert_eq!(weightinit::recipe::of_config(&config)?.name, "llama");
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    fields: BTreeMap<String, Option<Value>>,
}

impl Config {
    /// The field at `path`, if it is there and not null.
    pub fn get(&self, path: &str) -> Option<&Value> {
        self.fields.get(path)?.as_ref()
    }

    /// The fields of the table at `path`, as a configuration of their own.
    pub(super) fn part(&self, path: &str) -> Self {
        let begin = format!("{path}.");
        let inside = self.fields.range(begin.clone()..).take_while(|(name, _)| name.starts_with(&begin));
        inside.map(|(name, value)| (name[begin.len()..].to_owned(), value.clone())).collect()
    }

    /// How many fields stand in the table or list at `path`.
    pub(super) fn count(&self, path: &str) -> u64 {
        let begin = format!("{path}.");
        let inside = self.fields.range(begin.clone()..).take_while(|(name, _)| name.starts_with(&begin));
        inside.filter(|(name, _)| !name[begin.len()..].contains('.')).count() as u64
    }

    /// Whether the field at `path` is there, if only as null.
    pub(super) fn has(&self, path: &str) -> bool {
        self.fields.contains_key(path)
    }

    /// The word at `path`, if one is there.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        match self.get(path)? {
            Value::Text(text) => Some(text),
            Value::Number(_) => None,
        }
    }
}

impl Extend<(String, Option<Value>)> for Config {
    fn extend<I: IntoIterator<Item = (String, Option<Value>)>>(&mut self, fields: I) {
        self.fields.extend(fields);
    }
}

impl FromIterator<(String, Option<Value>)> for Config {
    fn from_iter<I: IntoIterator<Item = (String, Option<Value>)>>(fields: I) -> Self {
        Self { fields: fields.into_iter().collect() }
    }
}
