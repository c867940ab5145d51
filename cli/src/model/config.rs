//! Configurations: what libraries write beside a model as `config.json`.

use std::borrow::Cow;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use safetensors::Dtype;
use serde_json::Value as Json;
use weightinit::init::Value;
use weightinit::recipe::{self, Config, Model};

use crate::model::dtype;
use crate::model::header::Declared;
use crate::model::integer::COUNTERS;
use crate::model::source;

/// A configuration's fields by their paths.
pub(super) fn read(path: &Path) -> Result<Config> {
    of_text(&source::read_text(path)?).with_context(|| path.display().to_string())
}

/// The fields of a configuration's text.
pub(crate) fn of_text(text: &str) -> Result<Config> {
    let value = parse(text)?;
    ensure!(value.is_object(), "expected a configuration's fields in braces");
    let mut fields = Vec::new();
    flatten("", value, &mut fields);
    Ok(fields.into_iter().collect())
}

/// What stands in a configuration's text.
pub(crate) fn parse(text: &str) -> Result<Json> {
    source::check_parts(text, source::MOST_PARTS)?;
    Ok(serde_json::from_str(&plain(text))?)
}

/// Whether a text is a configuration, and no list of tensors.
pub(super) fn is_config(text: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Known {
        model_type: Option<String>,
        tensors: Option<serde::de::IgnoredAny>,
    }
    let known: Result<Known, _> = serde_json::from_str(&plain(text));
    known.is_ok_and(|known| known.model_type.is_some() && known.tensors.is_none())
}

/// What Python writes where JSON has no number.
const NO_NUMBERS: [&str; 3] = ["-Infinity", "Infinity", "NaN"];

/// The text as JSON: numbers that JSON lacks become what transformers makes of them itself where it avoids them.
fn plain(text: &str) -> Cow<'_, str> {
    if !NO_NUMBERS.iter().any(|word| text.contains(word)) {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    let (mut rest, mut is_quoted, mut is_escaped) = (text, false, false);
    while let Some(letter) = rest.chars().next() {
        let infinite = NO_NUMBERS.iter().find(|word| !is_quoted && rest.starts_with(**word));
        if let Some(word) = infinite {
            plain += &format!("{{\"__float__\": \"{word}\"}}");
            rest = &rest[word.len()..];
            continue;
        }
        is_quoted ^= letter == '"' && !is_escaped;
        is_escaped = letter == '\\' && !is_escaped;
        plain.push(letter);
        rest = &rest[letter.len_utf8()..];
    }
    plain.into()
}

/// The tensors of the model that the configuration in file `path` describes, in its own type.
pub(super) fn described(path: &Path) -> Result<Vec<Declared>> {
    let config = read(path)?;
    tensors(&recipe::of_config(&config)?.model(&config)?, &config)
}

/// The tensors of the model that a configuration describes, in its own type.
pub(super) fn tensors(model: &Model, config: &Config) -> Result<Vec<Declared>> {
    let named = ["dtype", "torch_dtype"].iter().find_map(|field| match config.get(field) {
        Some(Value::Text(name)) => Some(name.as_str()),
        _ => None,
    });
    let dtype = named.map_or(Ok(Dtype::F32), dtype::parse).context("dtype")?;
    let declare = |(name, shape): (&str, &[u64])| {
        let dtype = if name.ends_with(COUNTERS) { Dtype::I64 } else { dtype };
        Declared { name: name.to_owned(), shape: shape.to_vec(), dtype }
    };
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
