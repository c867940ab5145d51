//! `weightinit verify --statistics`: what any file's tensors look like, and whether they follow their laws.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::process::ExitCode;

use anyhow::{Context, Result};
use safetensors::tensor::TensorInfo;
use serde_json::{Value, json};
use weightinit::{Law, Structure};

use super::{UNREPORTED, print, print_json, table};
use crate::args::VerifyArguments;
use crate::model::dtype;
use crate::model::header;
use crate::model::job::{Content, Job, Tensor};
use crate::model::source::open;
use crate::model::spec::Spec;
use crate::model::words::significant;
use crate::progress::{self, note, note_list};
use crate::statistics::elements;
use crate::statistics::judge::{self, SUSPICIOUS, Test};
use crate::statistics::rounded::Rounded;
use crate::statistics::summary::{Numbers, Summary};

/// Bytes read at a time: memory does not grow with the file.
const CHUNK: u64 = 1 << 20;

pub(crate) fn run(arguments: &VerifyArguments) -> Result<ExitCode> {
    let mut file = open(&arguments.file)?;
    let (metadata, data) = header::read(&mut file, &arguments.file)?;
    let job = job(arguments)?;
    let mut expected: HashMap<_, _> = job.iter().flat_map(|job| &job.tensors).map(|t| (t.name.as_str(), t)).collect();
    let names = metadata.offset_keys();
    let tensors: Vec<_> = names.iter().filter_map(|name| Some((name, metadata.info(name)?))).collect();
    let bar = progress::bar(tensors.iter().map(|(_, info)| info.shape.iter().product::<usize>() as u64).sum());
    let mut rows = Vec::new();
    file.seek(SeekFrom::Start(data))?;
    for (name, info) in tensors {
        let summary = summarize(&mut file, info, &bar)
            .with_context(|| format!("cannot read tensor '{name}' of {}", arguments.file.display()))?;
        rows.push(Row::new(name, info, summary, expected.remove(name.as_str()), job.is_some()));
    }
    bar.finish_and_clear();
    let mut missing: Vec<_> = expected.into_keys().map(|name| format!("tensor '{name}' is missing")).collect();
    missing.sort();
    report(arguments, &rows, &missing)
}

/// What the tensors should be, if anything says so: a spec, or rules for the file's own tensors.
fn job(arguments: &VerifyArguments) -> Result<Option<Job>> {
    let model = &arguments.model;
    let path = match &arguments.spec {
        Some(path) => path,
        None if model.init.is_some() || model.recipe.is_some() => &arguments.file,
        None => return Ok(None),
    };
    let job = Job::new(&Spec::read(path, model)?).with_context(|| path.display().to_string())?;
    Ok(Some(job))
}

/// One pass over the tensor that the file is at; none of a type that holds no numbers.
fn summarize(file: &mut File, info: &TensorInfo, bar: &indicatif::ProgressBar) -> Result<Option<Summary>> {
    let mut left = (info.data_offsets.1 - info.data_offsets.0) as u64;
    if !elements::is_number(info.dtype) {
        file.seek_relative(left as i64)?;
        return Ok(None);
    }
    let (mut bytes, mut values, mut summary) = (Vec::new(), Vec::new(), Summary::new());
    while left > 0 {
        bytes.resize(left.min(CHUNK) as usize, 0);
        file.read_exact(&mut bytes)?;
        elements::read(info.dtype, &bytes, &mut values);
        bar.inc(values.len() as u64);
        summary.take(&mut values);
        left -= bytes.len() as u64;
    }
    Ok(Some(summary))
}

/// A tensor with what was found about it.
struct Row<'a> {
    name: &'a str,
    info: &'a TensorInfo,
    numbers: Option<Numbers>,
    /// The law that it should follow, in words.
    law: Option<String>,
    tests: Vec<Test>,
    /// The law that fits best and its test, where none is given.
    fit: Option<judge::Fit>,
    /// What is wrong, one phrase each.
    faults: Vec<String>,
}

impl<'a> Row<'a> {
    fn new(
        name: &'a str,
        info: &'a TensorInfo,
        summary: Option<Summary>,
        expected: Option<&Tensor>,
        is_judged: bool,
    ) -> Self {
        let numbers = summary.as_ref().map(|summary| summary.numbers);
        let mut row = Self { name, info, numbers, law: None, tests: Vec::new(), fit: None, faults: Vec::new() };
        match (expected, summary) {
            (Some(tensor), summary) => row.judge(tensor, summary.as_ref()),
            (None, _) if is_judged => row.faults.push("not in the spec".to_owned()),
            (None, Some(summary)) => row.fit(&summary),
            (None, None) => {}
        }
        row
    }

    fn judge(&mut self, tensor: &Tensor, summary: Option<&Summary>) {
        let shape: Vec<_> = tensor.shape.iter().map(|&d| d as usize).collect();
        if self.info.shape != shape {
            self.faults.push(format!("shape {:?}, expected {shape:?}", self.info.shape));
        }
        let Some(summary) = summary else { return };
        let faults = &mut self.faults;
        let mut count = |count: u64, what: &str| {
            if count > 0 {
                faults.push(format!("{count} {what}"));
            }
        };
        count(summary.numbers.nan, "NaN");
        count(summary.numbers.infinite, "infinite");
        if tensor.kept.is_some() || matches!(tensor.content, Content::Nothing) {
            return self.law = Some(tensor.why.law.clone());
        }
        let law = match (&tensor.content, tensor.fill()) {
            (Content::Integers(elements), _) => return self.is_constant(tensor, elements),
            (_, Some(fill)) if fill.is_random() => fill.law(),
            (_, Some(fill)) if matches!(fill.law(), Law::Constant(_)) && fill.structure() == Structure::Dense => {
                let bytes = fill.range(0..1).and_then(|first| weightinit::cpu::bytes(&first));
                return self.is_constant(tensor, &bytes.unwrap_or_default());
            }
            _ => return self.law = Some(tensor.why.law.clone()),
        };
        self.law = Some(tensor.why.law.clone());
        let rounded = dtype::sampled(self.info.dtype)
            .context("integers follow no law")
            .and_then(|dtype| Rounded::new(law, dtype));
        match rounded {
            Ok(law) => {
                self.tests = judge::tests(summary, &law);
                self.faults.extend(self.tests.iter().filter(|test| test.is_suspicious()).map(describe));
            }
            Err(error) => self.faults.push(format!("{:?} cannot hold the law: {error}", self.info.dtype)),
        }
    }

    /// Every element must be one of those with these bytes.
    fn is_constant(&mut self, tensor: &Tensor, bytes: &[u8]) {
        let mut values = Vec::new();
        elements::read(tensor.dtype, bytes, &mut values);
        let Some(numbers) = &self.numbers else { return };
        let Some(min) = values.iter().copied().reduce(f64::min) else { return };
        let max = values.iter().copied().fold(min, f64::max);
        let between = || format!("{} to {}", significant(min), significant(max));
        self.law = Some(if min == max { format!("all {}", significant(min)) } else { between() });
        if numbers.count > 0 && (numbers.min, numbers.max) != (min, max) {
            self.faults.push(format!("elements from {} to {}", significant(numbers.min), significant(numbers.max)));
        }
    }

    fn fit(&mut self, summary: &Summary) {
        let Some(dtype) = dtype::sampled(self.info.dtype) else { return };
        self.fit = judge::fits(summary, dtype).into_iter().next();
    }

    /// The last column.
    fn verdict(&self) -> String {
        let Some(numbers) = &self.numbers else { return "not read as numbers".to_owned() };
        if let Some(law) = &self.law {
            let p = self.tests.iter().map(|test| test.p).reduce(f64::min);
            return match (self.faults.is_empty(), p) {
                (true, Some(p)) => format!("{law}: p ≥ {p:.2}"),
                (true, None) => law.clone(),
                (false, _) => format!("{law}: SUSPICIOUS, {}", self.faults.join(", ")),
            };
        }
        if !self.faults.is_empty() {
            return format!("SUSPICIOUS, {}", self.faults.join(", "));
        }
        let mut parts = Vec::new();
        for (count, what) in [(numbers.nan, "NaN"), (numbers.infinite, "infinite")] {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        }
        match &self.fit {
            Some(fit) if !fit.test.is_suspicious() => parts.push(format!("fits {} (p {:.2})", fit.name, fit.test.p)),
            Some(fit) => parts.push(format!(
                "fits none; nearest is {} (χ² {:.1} per degree)",
                fit.name,
                fit.test.statistic / fit.test.degrees as f64
            )),
            None if numbers.finite() > 0 && numbers.min == numbers.max => {
                parts.push(format!("all {}", significant(numbers.min)));
            }
            None if numbers.finite() > 0 && dtype::sampled(self.info.dtype).is_some() => {
                parts.push("too few to tell".to_owned());
            }
            None => {}
        }
        parts.join(", ")
    }

    fn cells(&self) -> [String; 11] {
        let dtype = format!("{:?}", self.info.dtype);
        let elements = self.info.shape.iter().product::<usize>().to_string();
        let numbers = self.numbers.as_ref().filter(|numbers| numbers.finite() > 0).map(|numbers| {
            let m = &numbers.moments;
            let shape = |x: f64| if x.is_finite() { format!("{x:.3}") } else { "-".to_owned() };
            let [mean, std, min, max] = [m.mean(), m.std(), numbers.min, numbers.max].map(short);
            [numbers.zeros.to_string(), mean, std, shape(m.skewness()), shape(m.excess_kurtosis()), min, max]
        });
        let [zeros, mean, std, skewness, kurtosis, min, max] = numbers.unwrap_or_else(|| ["-"; 7].map(str::to_owned));
        [self.name.to_owned(), dtype, elements, zeros, mean, std, skewness, kurtosis, min, max, self.verdict()]
    }

    fn json(&self) -> Value {
        let tests = |test: &Test| {
            let mut value = json!({"name": test.name, "statistic": test.statistic, "p": test.p});
            if test.degrees > 0 {
                value["degrees"] = test.degrees.into();
            }
            value
        };
        let mut value = json!({
            "name": self.name,
            "dtype": format!("{:?}", self.info.dtype),
            "shape": self.info.shape,
        });
        if let Some(numbers) = &self.numbers {
            let m = &numbers.moments;
            // Of no elements there are none; JSON has no other numbers than finite ones.
            let number = |x: f64| if numbers.finite() > 0 { json!(x) } else { Value::Null };
            value["statistics"] = json!({
                "count": numbers.count, "finite": numbers.finite(), "nan": numbers.nan, "infinite": numbers.infinite,
                "zeros": numbers.zeros, "mean": number(m.mean()), "std": number(m.std()),
                "skewness": number(m.skewness()), "excess_kurtosis": number(m.excess_kurtosis()),
                "min": number(numbers.min), "max": number(numbers.max),
            });
        }
        if let Some(law) = &self.law {
            value["law"] = law.as_str().into();
            value["tests"] = self.tests.iter().map(tests).collect();
        }
        if let Some(fit) = &self.fit {
            value["fit"] = json!({"law": fit.name, "fits": !fit.test.is_suspicious(), "test": tests(&fit.test)});
        }
        value["faults"] = json!(self.faults);
        value
    }
}

/// A suspicious test in words.
fn describe(test: &Test) -> String {
    let Test { name, statistic, degrees, p } = test;
    match *name {
        "chi_square" => format!("χ² {statistic:.0} of {degrees} degrees (p {p:.0e})"),
        "min" | "max" => format!("{name} {} (p {p:.0e})", short(*statistic)),
        _ => format!("{name} {statistic:+.1} standard errors off"),
    }
}

/// A number to five significant digits.
fn short(value: f64) -> String {
    let digits = format!("{value:.4e}");
    let rounded: f64 = digits.parse().unwrap_or(value);
    if rounded == 0.0 || (1e-4..1e7).contains(&rounded.abs()) { rounded.to_string() } else { digits }
}

fn report(arguments: &VerifyArguments, rows: &[Row<'_>], missing: &[String]) -> Result<ExitCode> {
    let suspicious = rows.iter().filter(|row| !row.faults.is_empty()).count();
    let is_fine = suspicious == 0 && missing.is_empty();
    let printed = if arguments.json {
        print_json(&json!({
            "file": arguments.file.display().to_string(),
            "threshold": SUSPICIOUS,
            "suspicious": suspicious,
            "missing": missing,
            "tensors": rows.iter().map(Row::json).collect::<Vec<_>>(),
        }))
    } else {
        let head =
            ["tensor", "dtype", "elements", "zeros", "mean", "std", "skewness", "kurtosis - 3", "min", "max", "law"];
        print(&table(std::iter::once(head.map(str::to_owned)).chain(rows.iter().map(Row::cells))))
    };
    if is_fine {
        return printed.map(|()| ExitCode::SUCCESS).context(UNREPORTED);
    }
    note_list(missing);
    note(&format!(
        "{}: {suspicious} of {} tensors are suspicious (p below {SUSPICIOUS:e}), {} are missing",
        arguments.file.display(),
        rows.len(),
        missing.len()
    ));
    Ok(ExitCode::FAILURE)
}
