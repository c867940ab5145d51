//! `weightinit verify --statistics`: what any file's tensors look like, and whether they follow their laws.

use std::collections::HashMap;
use std::process::ExitCode;

use anyhow::{Context, Result};
use safetensors::tensor::TensorInfo;
use serde_json::json;
use weightinit::init::Norms;

use super::{UNREPORTED, print, print_json, table};
use crate::args::VerifyArguments;
use crate::model::checkpoint::Checkpoint;
use crate::model::job::{Job, Tensor};
use crate::progress::{self, note, note_list};
use crate::statistics::elements;
use crate::statistics::expected::Expected;
use crate::statistics::judge::SUSPICIOUS;
use crate::statistics::pool::{Pools, SHORT};
use crate::statistics::row::{Found, Row};
use crate::statistics::summary::{Numbers, Summary};

pub(crate) fn run(arguments: &VerifyArguments) -> Result<ExitCode> {
    let file = Checkpoint::open(&arguments.file)?;
    let job = Job::said(&arguments.file, arguments.spec.as_deref(), &arguments.model)?;
    let mut expected: HashMap<_, _> = job.iter().flat_map(|job| &job.tensors).map(|t| (t.name.as_str(), t)).collect();
    let bar = progress::bar(file.tensors().map(|(_, info)| info.shape.iter().product::<usize>() as u64).sum());
    let (mut rows, mut pools) = (Vec::new(), Pools::default());
    for (name, info) in file.tensors() {
        let row = match (expected.remove(name), job.is_some()) {
            (Some(tensor), _) => judge(&file, name, info, tensor, &mut pools, &bar),
            (None, is_judged) => read(&file, name, info, None, &bar).map(|found| {
                let row = Row::new(name, info, found.as_ref().map(|found| found.all));
                match found {
                    _ if is_judged => row.unexpected(),
                    Some(found) => row.fitted(&found),
                    None => row,
                }
            }),
        };
        rows.push(row.with_context(|| format!("cannot read tensor '{name}' of {}", arguments.file.display()))?);
    }
    bar.finish_and_clear();
    let pools: Vec<_> = pools.finish().into_iter().map(Row::of_pool).collect();
    let mut missing: Vec<_> = expected.into_keys().map(|name| format!("tensor '{name}' is missing")).collect();
    missing.sort();
    report(arguments, &rows, &pools, &missing)
}

/// Judges a tensor of the file.
fn judge<'a>(
    file: &Checkpoint,
    name: &'a str,
    info: &TensorInfo,
    tensor: &'a Tensor,
    pools: &mut Pools<'a>,
    bar: &indicatif::ProgressBar,
) -> Result<Row<'a>> {
    let is_same_shape = info.shape.iter().map(|&d| d as u64).eq(tensor.shape.iter().copied());
    let mut expected = match norms(file, tensor)? {
        Some(norms) => Expected::of_norms(tensor, norms),
        None => Expected::new(tensor)?,
    };
    let found = read(file, name, info, is_same_shape.then_some((&mut expected, pools)), bar)?;
    let row = Row::new(name, info, found.as_ref().map(|found| found.all));
    Ok(row.judged(tensor, found.as_ref().map(|found| (found, &expected))))
}

/// The norms that a tensor should hold, of what the file has of the tensor that they follow from.
fn norms(file: &Checkpoint, tensor: &Tensor) -> Result<Option<Vec<f64>>> {
    let Some((of, info)) = tensor.norms_of.as_deref().and_then(|of| Some((of, file.info(of)?))) else {
        return Ok(None);
    };
    let shape: Vec<_> = info.shape.iter().map(|&d| d as u64).collect();
    let Ok(mut norms) = Norms::new(&shape, &tensor.shape) else {
        // Of another shape, which is its own fault.
        return Ok(None);
    };
    elements::read_chunks(file.reader(of), info, |values| {
        norms.take(values);
        Ok(())
    })?;
    Ok(Some(norms.values().collect()))
}

/// One pass over a tensor of the file; none of a type that holds no numbers.
fn read<'a>(
    file: &Checkpoint,
    name: &str,
    info: &TensorInfo,
    mut expected: Option<(&mut Expected<'a>, &mut Pools<'a>)>,
    bar: &indicatif::ProgressBar,
) -> Result<Option<Found>> {
    if !elements::is_number(info.dtype) {
        return Ok(None);
    }
    let (mut index, count) = (0, info.shape.iter().product::<usize>() as u64);
    // Of tensors whose elements are not all samples.
    let mut all = expected.as_ref().filter(|(expected, _)| !expected.takes_all()).map(|_| Numbers::new());
    let mut samples = Summary::new();
    elements::read_chunks(file.reader(name), info, |values| {
        bar.inc(values.len() as u64);
        let Some((expected, pools)) = &mut expected else {
            samples.take(values);
            return Ok(());
        };
        if let Some(all) = &mut all {
            all.take(&mut values.clone());
        }
        let first = index;
        index += values.len() as u64;
        expected.take(first, values)?;
        if count < SHORT {
            expected.pool(info.dtype, values, pools);
        }
        samples.take(values);
        Ok(())
    })?;
    Ok(Some(Found { all: all.unwrap_or(samples.numbers), samples }))
}

fn report(arguments: &VerifyArguments, rows: &[Row<'_>], pools: &[Row<'_>], missing: &[String]) -> Result<ExitCode> {
    let suspicious = |rows: &[Row<'_>]| rows.iter().filter(|row| !row.faults.is_empty()).count();
    let (tensors, of_pools) = (suspicious(rows), suspicious(pools));
    let is_fine = tensors + of_pools == 0 && missing.is_empty();
    let printed = if arguments.json {
        print_json(&json!({
            "file": arguments.file.display().to_string(),
            "threshold": SUSPICIOUS,
            "suspicious": tensors,
            "missing": missing,
            "tensors": rows.iter().map(Row::json).collect::<Vec<_>>(),
            "pools": pools.iter().map(Row::json).collect::<Vec<_>>(),
        }))
    } else {
        let head =
            ["tensor", "dtype", "elements", "zeros", "mean", "std", "skewness", "kurtosis - 3", "min", "max", "law"];
        print(&table(std::iter::once(head.map(str::to_owned)).chain(rows.iter().chain(pools).map(Row::cells))))
    };
    if is_fine {
        return printed.map(|()| ExitCode::SUCCESS).context(UNREPORTED);
    }
    note_list(missing);
    let of_pools =
        if of_pools == 0 { String::new() } else { format!(", {of_pools} of {} pools of short ones", pools.len()) };
    note(&format!(
        "{}: {tensors} of {} tensors are suspicious (p below {SUSPICIOUS:e}){of_pools}, {} are missing",
        arguments.file.display(),
        rows.len(),
        missing.len()
    ));
    Ok(ExitCode::FAILURE)
}
