//! `--explain`: why each tensor holds what it does, as an aligned table.

use anyhow::Result;

use super::{print as print_text, table};
use crate::model::job::{Draft, Tensor};
use crate::model::undecided::Undecided;

const TITLES: [&str; 8] = ["tensor", "shape", "dtype", "rule", "initializer", "fans", "law", "stream"];

/// Prints the table.
pub(super) fn print(draft: &Draft) -> Result<()> {
    let titles = std::iter::once(TITLES.map(str::to_owned));
    let rows = titles.chain(draft.tensors.iter().map(row)).chain(draft.undecided.iter().map(undecided));
    print_text(&table(rows))
}

fn row(tensor: &Tensor) -> [String; 8] {
    let fans = tensor.why.fans.map_or("-".to_owned(), |fans| format!("in {} out {}", fans.fan_in, fans.fan_out));
    let own = tensor.why.stream == tensor.name;
    [
        tensor.name.clone(),
        dimensions(&tensor.shape),
        format!("{:?}", tensor.dtype),
        tensor.why.rule.clone(),
        tensor.why.call.clone(),
        fans,
        tensor.why.law.clone(),
        if own { "own".to_owned() } else { tensor.why.stream.clone() },
    ]
}

fn undecided(tensor: &Undecided) -> [String; 8] {
    let Undecided { declared, reason } = tensor;
    let nothing = || "-".to_owned();
    let (name, shape, dtype) = (declared.name.clone(), dimensions(&declared.shape), format!("{:?}", declared.dtype));
    [name, shape, dtype, reason.clone(), nothing(), nothing(), nothing(), nothing()]
}

fn dimensions(shape: &[u64]) -> String {
    let shape: Vec<_> = shape.iter().map(u64::to_string).collect();
    if shape.is_empty() { "scalar".to_owned() } else { shape.join("x") }
}
