//! Initializers as a command line names them: `he_normal`, `normal(0,0.01)` or `normal(std=0.01)`, and lists of such.

use anyhow::{Context, Result, bail, ensure};
use weightinit::Initializer;
use weightinit::init::{Arguments, Value, by_name};

/// An initializer and how it was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// As it was written.
    pub text: String,
    /// What that means.
    pub initializer: Initializer,
}

/// What is compared where nothing else is asked for.
pub const DEFAULT: &str = "zeros,constant(0.01),normal(0,1),normal(0,0.01),uniform(-1,1),glorot_uniform,\
    glorot_normal,he_uniform,he_normal,lecun_uniform,lecun_normal,orthogonal";

/// The calls of a list, divided by commas.
///
/// # Errors
/// Those of [`call`], and an empty list.
pub fn list(text: &str) -> Result<Vec<Call>> {
    split(text)?.into_iter().map(|part| call(part).with_context(|| format!("--init {part}"))).collect()
}

/// The initializer of biases.
///
/// # Errors
/// Those of [`call`].
pub fn bias(text: &str) -> Result<Call> {
    call(text.trim()).with_context(|| format!("--bias {text}"))
}

/// An initializer by its name, with parameters in brackets by their order or their names.
///
/// # Errors
/// Unknown names and parameters, and what is no call.
pub fn call(text: &str) -> Result<Call> {
    let (name, inside) = match text.split_once('(') {
        None => (text, None),
        Some((name, rest)) => {
            let inside = rest.strip_suffix(')').context("expected a name, or a call such as normal(std=0.02)")?;
            (name.trim(), Some(inside))
        }
    };
    let entry = by_name(name)?;
    let mut arguments = Arguments::new();
    let mut unnamed = entry.parameters.iter();
    for part in inside.map(split).transpose()?.unwrap_or_default() {
        let (parameter, value) = match part.split_once('=') {
            Some((parameter, value)) => (parameter.trim(), value.trim()),
            None => match unnamed.next() {
                Some(parameter) => (parameter.name, part),
                None => bail!("initializer {name} has {} parameters; leave '{part}' out", entry.parameters.len()),
            },
        };
        let is_new = arguments.insert(parameter.to_owned(), Value::parse(value)).is_none();
        ensure!(is_new, "parameter '{parameter}' is given twice; keep one");
    }
    Ok(Call { text: text.to_owned(), initializer: entry.initializer(&arguments)? })
}

/// The parts between commas that stand in no brackets, without spaces around them.
fn split(text: &str) -> Result<Vec<&str>> {
    let (mut depth, mut start, mut parts) = (0i32, 0, Vec::new());
    for (place, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(text[start..place].trim());
                start = place + 1;
            }
            _ => {}
        }
    }
    ensure!(depth == 0, "'{text}' has brackets without partners; write calls such as normal(std=0.02)");
    parts.push(text[start..].trim());
    ensure!(!parts.contains(&""), "'{text}' has nothing between two commas or at an end; name an initializer there");
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_by_order_and_by_name_are_the_same() {
        let of = |text: &str| call(text).unwrap().initializer;
        assert_eq!(of("normal(0, 0.5)"), of("normal(std=0.5)"));
        assert_eq!(of("normal"), of("normal(0,1)"));
        assert_eq!(of("block_diagonal(2, uniform, low=-1)"), of("block_diagonal(blocks=2,of=uniform,low=-1)"));
        assert_eq!(list(DEFAULT).unwrap().len(), 12);
        assert_eq!(list("he_normal , normal(0,1)").unwrap()[1].text, "normal(0,1)");
    }

    #[test]
    fn what_is_no_call_is_refused() {
        let refused = |text: &str| format!("{:#}", list(text).unwrap_err());
        assert_eq!(
            refused("normal(1"),
            "'normal(1' has brackets without partners; write calls such as normal(std=0.02)"
        );
        assert_eq!(
            refused("zeros,,ones"),
            "'zeros,,ones' has nothing between two commas or at an end; name an initializer there"
        );
        assert_eq!(refused("ones(1)"), "--init ones(1): initializer ones has 0 parameters; leave '1' out");
        assert_eq!(refused("normal(0,mean=1)"), "--init normal(0,mean=1): parameter 'mean' is given twice; keep one");
        assert_eq!(
            refused("normal(sigma=1)"),
            "--init normal(sigma=1): initializer normal has no parameter 'sigma'; it takes mean, std"
        );
        assert!(refused("he").starts_with("--init he: unknown initializer 'he'; expected one of: zeros, ones, "));
    }
}
