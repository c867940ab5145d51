//! `weightinit propagate`: what texts say of initializers, as numbers; its formats; and what it refuses.

#[path = "../common/mod.rs"]
mod common;

mod claims;
mod formats;
mod refused;

use common::Folder;
use serde_json::Value;

/// The runs of `propagate --json` with these arguments.
pub(crate) fn runs(arguments: &str) -> Vec<Value> {
    let arguments: Vec<_> = ["propagate", "--json"].into_iter().chain(arguments.split(' ')).collect();
    let report: Value = serde_json::from_slice(&Folder::new().ok(&arguments)).unwrap();
    report["runs"].as_array().unwrap().clone()
}

/// A list of numbers, one a layer.
pub(crate) fn numbers(run: &Value, key: &str) -> Vec<f64> {
    let list = run[key].as_array().unwrap_or_else(|| panic!("{key} of {run}"));
    list.iter().map(|number| number.as_f64().unwrap_or(f64::INFINITY)).collect()
}

pub(crate) fn of<'a>(runs: &'a [Value], init: &str, activation: &str) -> &'a Value {
    runs.iter().find(|run| run["init"] == init && run["activation"] == activation).unwrap()
}

/// The greatest factor between two lists, whichever is greater.
pub(crate) fn distance(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    found.iter().zip(expected).map(|(found, expected)| (found / expected).ln().abs()).fold(0.0, f64::max).exp()
}
