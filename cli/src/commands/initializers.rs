//! `wginit initializers`: every name that specs and `--init` take.

use std::process::ExitCode;

use anyhow::Result;
use wginit::init::{Entry, REGISTRY};

use super::{print, table};

pub(crate) fn run() -> Result<ExitCode> {
    let titles = ["initializer", "parameters", "what", "as in"].map(str::to_owned);
    let rows = std::iter::once(titles).chain(REGISTRY.iter().map(row));
    print(&table(rows))?;
    Ok(ExitCode::SUCCESS)
}

fn row(entry: &Entry) -> [String; 4] {
    let parameter = |parameter: &wginit::init::Parameter| match parameter.default {
        "" => parameter.name.to_owned(),
        default => format!("{}={default}", parameter.name),
    };
    let parameters: Vec<_> = entry.parameters.iter().map(parameter).collect();
    let parameters = if parameters.is_empty() { "-".to_owned() } else { parameters.join(" ") };
    [entry.name.to_owned(), parameters, entry.summary.to_owned(), entry.source.to_owned()]
}
