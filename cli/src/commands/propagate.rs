//! `weightinit propagate`: what initializers do to the signals of deep networks.

use std::process::ExitCode;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::picture::begin;
use super::{check_stdout, print, print_json, table};
use crate::args::{BackendChoice, PropagateArguments};
use crate::progress::{self, note};
use crate::propagation::layers::{Layer, Layers};
use crate::propagation::learner::Plan;
use crate::propagation::picture;
use crate::propagation::processor::Processor;
use crate::propagation::spec;
use crate::propagation::training::{Curves, Symmetry};
use weightinit_common::propagation::call::{self, Call};
use weightinit_common::propagation::network::{Network, Size};
use weightinit_common::propagation::passes::Measured;
use weightinit_common::propagation::run::Run;

/// Layers and units of each where nothing else is asked for: of passes, and of what is trained.
const PASSES: [u32; 2] = [50, 512];
const SYMMETRY: [u32; 2] = [3, 32];
const TRAINING: [u32; 2] = [8, 32];

pub(crate) fn run(arguments: &PropagateArguments) -> Result<ExitCode> {
    check_stdout()?;
    let is_trained = arguments.symmetry || arguments.training;
    ensure!(
        is_trained || (arguments.steps.is_none() && arguments.learning_rate.is_none()),
        "--steps and --learning-rate are for training; add --symmetry or --training"
    );
    let seed = arguments.seed.unwrap_or(0);
    let output = arguments.output.as_deref().map(begin).transpose()?;
    let (text, runs, chart) = if arguments.symmetry {
        let found = trained(arguments, SYMMETRY, 100)?
            .into_iter()
            .map(|plan| Symmetry::new(plan, seed))
            .collect::<Result<Vec<_>>>()?;
        (of_symmetry(&found), found.iter().map(Symmetry::json).collect(), None)
    } else if arguments.layers {
        let found = trained(arguments, TRAINING, 600)?
            .into_iter()
            .map(|plan| Layers::new(plan, seed))
            .collect::<Result<Vec<_>>>()?;
        (of_layers(&found), found.iter().map(Layers::json).collect(), Some(picture::of_layers(&found)))
    } else if arguments.training {
        let seeds = (0..u64::from(arguments.seeds.unwrap_or(5))).map(|number| seed.wrapping_add(number));
        let curves = trained(arguments, TRAINING, 600)?
            .into_iter()
            .map(|plan| Curves::new(plan, seeds.clone().collect()))
            .collect::<Result<Vec<_>>>()?;
        (of_training(&curves), curves.iter().map(Curves::json).collect(), Some(picture::of_training(&curves)))
    } else {
        let runs = passes(arguments)?;
        (of_passes(&runs), runs.iter().map(Run::json).collect::<Vec<Value>>(), Some(picture::of_runs(&runs)))
    };
    if let (Some(output), Some(chart)) = (output, chart) {
        output.finish(&chart)?;
    }
    if arguments.json {
        print_json(&json!({ "runs": runs }))?;
    } else {
        print(&text)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn calls(arguments: &PropagateArguments) -> Result<(Vec<Call>, Option<Call>)> {
    let calls = call::list(arguments.init.as_deref().unwrap_or(call::DEFAULT))?;
    Ok((calls, arguments.bias.as_deref().map(call::bias).transpose()?))
}

fn passes(arguments: &PropagateArguments) -> Result<Vec<Run>> {
    // All of them before the first is computed.
    let networks = networks(arguments)?;
    let processor = Processor::choose(&arguments.backend)?;
    let inputs = arguments.batch as usize;
    let mut runs = Vec::new();
    let bar = progress::bar_of("runs");
    bar.set_length((networks.len() * arguments.activation.len()) as u64);
    for (name, network) in &networks {
        let products = processor.fill(network, inputs)?;
        for activation in &arguments.activation {
            runs.push(Run::new(name, network, *activation, &*products, inputs)?);
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    note(&format!("{} runs by {}", runs.len(), processor.name()));
    Ok(runs)
}

/// The networks that signals pass, by what they are called.
fn networks(arguments: &PropagateArguments) -> Result<Vec<(String, Network)>> {
    if let Some(path) = &arguments.spec {
        return Ok(vec![(path.display().to_string(), spec::network(path, arguments.seed)?)]);
    }
    let (calls, bias) = calls(arguments)?;
    let size = Size {
        kind: arguments.network,
        depth: arguments.depth.unwrap_or(PASSES[0]) as usize,
        width: arguments.width.unwrap_or(PASSES[1]) as usize,
    };
    let network = |call: Call| {
        let network = Network::new(size, &call, bias.as_ref(), arguments.seed.unwrap_or(0))?;
        Ok((call.text, network))
    };
    calls.into_iter().map(network).collect()
}

/// The small networks that are asked for.
fn trained(arguments: &PropagateArguments, size: [u32; 2], steps: u32) -> Result<Vec<Plan>> {
    ensure!(
        arguments.backend.backend != BackendChoice::Gpu,
        "--symmetry and --training compute on the CPU; leave --backend out"
    );
    let rate = arguments.learning_rate.unwrap_or(0.05);
    ensure!(rate.is_finite() && rate > 0.0, "--learning-rate is {rate}; expected a finite number above 0");
    let (calls, bias) = calls(arguments)?;
    let plan = |init: &Call, activation| Plan {
        init: init.clone(),
        bias: bias.clone(),
        activation,
        depth: arguments.depth.unwrap_or(size[0]) as usize,
        width: arguments.width.unwrap_or(size[1]) as usize,
        steps: arguments.steps.unwrap_or(steps) as usize,
        rate,
        batch: arguments.batch as usize,
    };
    Ok(calls.iter().flat_map(|init| arguments.activation.iter().map(move |of| plan(init, *of))).collect())
}

/// A row for each run: its first and its last layer.
fn of_passes(runs: &[Run]) -> String {
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
    let row = |run: &Run| {
        let (first, last) = (run.measured.first(), run.measured.last());
        let of = |layer: Option<&Measured>, number: fn(&Measured) -> f64| short(layer.map(number));
        let expected = run.expected.as_deref().unwrap_or_default();
        let percent =
            |of: fn(&Measured) -> f64| last.map_or_else(String::new, |layer| format!("{:.0} %", 100.0 * of(layer)));
        [
            run.init.clone(),
            run.activation.name().to_owned(),
            of(first, |layer| layer.activation_variance),
            of(last, |layer| layer.activation_variance),
            short(expected.last().map(|layer| layer.activation_variance)),
            of(first, |layer| layer.gradient_variance),
            short(expected.first().map(|layer| layer.gradient_variance)),
            of(last, |layer| layer.cosine),
            percent(|layer| layer.flat.dead),
            percent(|layer| layer.flat.saturated),
            short(run.singular_value),
            run.verdict.clone(),
        ]
    };
    table(std::iter::once(titles.map(str::to_owned)).chain(runs.iter().map(row)))
}

fn of_symmetry(found: &[Symmetry]) -> String {
    let titles = ["initializer", "activation", "units", "equal", "loss", "verdict"];
    let row = |found: &Symmetry| {
        [
            found.plan.init.text.clone(),
            found.plan.activation.name().to_owned(),
            found.units.all.to_string(),
            found.units.equal.to_string(),
            short(Some(found.loss)),
            found.verdict(),
        ]
    };
    table(std::iter::once(titles.map(str::to_owned)).chain(found.iter().map(row)))
}

fn of_training(curves: &[Curves]) -> String {
    let titles = ["initializer", "activation", "loss at step 0", "in the middle", "at the end", "least", "greatest"];
    let row = |curves: &Curves| {
        let last = curves.steps.len() - 1;
        let [least, median, greatest] = curves.band(last);
        [
            curves.plan.init.text.clone(),
            curves.plan.activation.name().to_owned(),
            short(Some(curves.band(0)[1])),
            short(Some(curves.band(last / 2)[1])),
            short(Some(median)),
            short(Some(least)),
            short(Some(greatest)),
        ]
    };
    table(std::iter::once(titles.map(str::to_owned)).chain(curves.iter().map(row)))
}

/// A row for each layer of each network: at the start, in the middle and at the end.
fn of_layers(all: &[Layers]) -> String {
    let titles = ["initializer", "activation", "layer", "at step", "mean", "deviation", "98th percentile", "loss"];
    let row = |(layers, layer, point): (&Layers, usize, usize)| {
        let Layer { mean, std, outer } = layers.layers[point][layer];
        [
            layers.plan.init.text.clone(),
            layers.plan.activation.name().to_owned(),
            (layer + 1).to_string(),
            layers.steps[point].to_string(),
            short(Some(mean)),
            short(Some(std)),
            short(Some(outer)),
            short(Some(layers.losses[point])),
        ]
    };
    let rows = all.iter().flat_map(|layers| {
        let last = layers.steps.len() - 1;
        let mut points = vec![0, last / 2, last];
        points.dedup();
        let of = move |point| (0..layers.plan.depth).map(move |layer| (layers, layer, point));
        points.into_iter().flat_map(of)
    });
    table(std::iter::once(titles.map(str::to_owned)).chain(rows.map(row)))
}

/// Three digits are what a run's numbers are good for.
fn short(value: Option<f64>) -> String {
    match value {
        None => "-".to_owned(),
        Some(value) if value.is_nan() => "-".to_owned(),
        Some(value) if value == 0.0 || (0.01..1000.0).contains(&value.abs()) => {
            let digits = if value.abs() < 10.0 { 3 } else { 1 };
            format!("{value:.digits$}")
        }
        Some(value) => format!("{value:.2e}"),
    }
}
