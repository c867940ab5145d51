//! `--explain`: why each tensor holds what it does, as an aligned table.

use anyhow::Result;

use super::{print as print_text, table};
use crate::model::job::{Job, Tensor};

const TITLES: [&str; 8] = ["tensor", "shape", "dtype", "rule", "initializer", "fans", "law", "stream"];

/// Prints the table.
pub(super) fn print(job: &Job) -> Result<()> {
    let rows = std::iter::once(TITLES.map(str::to_owned)).chain(job.tensors.iter().map(row));
    print_text(&table(rows))
}

fn row(tensor: &Tensor) -> [String; 8] {
    let shape: Vec<_> = tensor.shape.iter().map(u64::to_string).collect();
    let shape = if shape.is_empty() { "scalar".to_owned() } else { shape.join("x") };
    let fans = tensor.why.fans.map_or("-".to_owned(), |fans| format!("in {} out {}", fans.fan_in, fans.fan_out));
    let own = tensor.why.stream == tensor.name;
    [
        tensor.name.clone(),
        shape,
        format!("{:?}", tensor.dtype),
        tensor.why.rule.clone(),
        tensor.why.call.clone(),
        fans,
        tensor.why.law.clone(),
        if own { "own".to_owned() } else { tensor.why.stream.clone() },
    ]
}
