//! Configurations: what libraries write beside a model as `config.json`.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use safetensors::Dtype;
use serde_json::Value as Json;
use weightinit::init::Value;
use weightinit::recipe::{Config, Model};

use crate::model::dtype;
use crate::model::header::Declared;
use crate::model::source;

/// A configuration's fields by their paths.
pub(super) fn read(path: &Path) -> Result<Config> {
    let text = source::read_text(path)?;
    let parsed = source::check_parts(&text, source::MOST_PARTS).and_then(|()| Ok(serde_json::from_str(&text)?));
    let value: Json = parsed.with_context(|| path.display().to_string())?;
    ensure!(value.is_object(), "{}: expected a configuration's fields in braces", path.display());
    let mut fields = Vec::new();
    flatten("", value, &mut fields);
    Ok(fields.into_iter().collect())
}

/// Whether a text is a configuration, and no list of tensors.
pub(super) fn is_config(text: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Known {
        model_type: Option<String>,
        tensors: Option<serde::de::IgnoredAny>,
    }
    let known: Result<Known, _> = serde_json::from_str(text);
    known.is_ok_and(|known| known.model_type.is_some() && known.tensors.is_none())
}

/// The tensors of the model that a configuration describes, in its own type.
pub(super) fn tensors(model: &Model, config: &Config) -> Result<Vec<Declared>> {
    let named = ["dtype", "torch_dtype"].iter().find_map(|field| match config.get(field) {
        Some(Value::Text(name)) => Some(name.as_str()),
        _ => None,
    });
    let dtype = named.map_or(Ok(Dtype::F32), dtype::parse).context("dtype")?;
    let declare = |(name, shape): (&str, &[u64])| Declared { name: name.to_owned(), shape: shape.to_vec(), dtype };
    Ok(model.tensors().map(declare).collect())
}

fn flatten(path: &str, value: Json, fields: &mut Vec<(String, Option<Value>)>) {
    let inner = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    let value = match value {
        Json::Array(list) => {
            let numbered = list.into_iter().enumerate();
            return numbered.for_each(|(index, value)| flatten(&inner(&index.to_string()), value, fields));
        }
        Json::Object(table) => {
            return table.into_iter().for_each(|(key, value)| flatten(&inner(&key), value, fields));
        }
        Json::Null => None,
        Json::Bool(flag) => Some(Value::Text(flag.to_string())),
        Json::Number(number) => number.as_f64().map(Value::Number),
        Json::String(text) => Some(Value::Text(text)),
    };
    fields.push((path.to_owned(), value));
}
