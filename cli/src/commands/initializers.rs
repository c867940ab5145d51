//! `weightinit initializers`: every name that specs and `--init` take.

use std::process::ExitCode;

use anyhow::Result;
use weightinit::init::{Entry, Parameter, REGISTRY};

use super::{print, table};

pub(crate) fn run() -> Result<ExitCode> {
    let titles = ["initializer", "parameters", "what", "as in"].map(str::to_owned);
    let rows = std::iter::once(titles).chain(REGISTRY.iter().map(row));
    print(&table(rows))?;
    Ok(ExitCode::SUCCESS)
}

fn row(entry: &Entry) -> [String; 4] {
    [entry.name.to_owned(), parameters(entry.parameters), entry.summary.to_owned(), entry.source.to_owned()]
}

/// Parameters with their defaults, in order.
pub(super) fn parameters(parameters: &[Parameter]) -> String {
    let one = |parameter: &Parameter| match parameter.default {
        "" => parameter.name.to_owned(),
        default => format!("{}={default}", parameter.name),
    };
    let all: Vec<_> = parameters.iter().map(one).collect();
    if all.is_empty() { "-".to_owned() } else { all.join(" ") }
}
