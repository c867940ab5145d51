//! `weightinit propagate`: what initializers do to the signals of deep networks.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;

use super::{check_stdout, print, print_json, table};
use crate::args::PropagateArguments;
use crate::progress::note;
use crate::propagation::call::{self, Call};
use crate::propagation::network::{Network, Size};
use crate::propagation::passes::Measured;
use crate::propagation::processor::Processor;
use crate::propagation::run::Run;

/// Layers and units of each where nothing else is asked for.
const SIZE: [u32; 2] = [50, 512];

pub(crate) fn run(arguments: &PropagateArguments) -> Result<ExitCode> {
    check_stdout()?;
    let runs = runs(arguments)?;
    if arguments.json {
        print_json(&json!({ "runs": runs.iter().map(Run::json).collect::<Vec<_>>() }))?;
    } else {
        print(&listed(&runs))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn runs(arguments: &PropagateArguments) -> Result<Vec<Run>> {
    let calls = call::list(arguments.init.as_deref().unwrap_or(call::DEFAULT))?;
    let bias = arguments.bias.as_deref().map(call::call).transpose()?;
    let size = Size {
        kind: arguments.network,
        depth: arguments.depth.unwrap_or(SIZE[0]) as usize,
        width: arguments.width.unwrap_or(SIZE[1]) as usize,
    };
    // All of them before the first is computed.
    let network = |call: &Call| Network::new(size, call, bias.as_ref(), arguments.seed);
    let networks = calls.iter().map(network).collect::<Result<Vec<_>>>()?;
    let processor = Processor::choose(&arguments.backend)?;
    let inputs = arguments.batch as usize;
    let mut runs = Vec::new();
    for (call, network) in calls.iter().zip(&networks) {
        let products = processor.fill(network, inputs)?;
        for activation in &arguments.activation {
            runs.push(Run::new(&call.text, network, *activation, &*products, inputs)?);
        }
    }
    note(&format!("{} runs by {}", runs.len(), processor.name()));
    Ok(runs)
}

/// A row for each run: its first and its last layer.
fn listed(runs: &[Run]) -> String {
    let titles = [
        "initializer",
        "activation",
        "variance of layer 1",
        "of the last",
        "theory",
        "gradient of layer 1",
        "theory",
        "cosine",
        "dead",
        "saturated",
        "largest singular value",
        "verdict",
    ];
    table(std::iter::once(titles.map(str::to_owned)).chain(runs.iter().map(row)))
}

fn row(run: &Run) -> [String; 12] {
    let (first, last) = (run.measured.first(), run.measured.last());
    let of = |layer: Option<&Measured>, number: fn(&Measured) -> f64| short(layer.map(number));
    let (expected_first, expected_last) =
        (run.expected.as_ref().and_then(|all| all.first()), run.expected.as_ref().and_then(|all| all.last()));
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    [
        run.init.clone(),
        run.activation.name(),
        of(first, |layer| layer.activation_variance),
        of(last, |layer| layer.activation_variance),
        short(expected_last.map(|layer| layer.activation_variance)),
        of(first, |layer| layer.gradient_variance),
        short(expected_first.map(|layer| layer.gradient_variance)),
        last.map_or_else(String::new, |layer| format!("{:.3}", layer.cosine)),
        last.map_or_else(String::new, |layer| percent(layer.flat.dead)),
        last.map_or_else(String::new, |layer| percent(layer.flat.saturated)),
        short(Some(run.singular_value)),
        run.verdict.clone(),
    ]
}

/// Three digits are what a run's numbers are good for.
fn short(value: Option<f64>) -> String {
    match value {
        None => "-".to_owned(),
        Some(value) if value == 0.0 || (0.01..1000.0).contains(&value.abs()) => {
            let digits = if value.abs() < 10.0 { 3 } else { 1 };
            format!("{value:.digits$}")
        }
        Some(value) => format!("{value:.2e}"),
    }
}
