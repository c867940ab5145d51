//! The pictures of runs: what each layer shows beside what the theory expects, and how losses fall.

use crate::picture::chart::Chart;
use crate::picture::panel::{Line, Panel, Stroke};
use crate::propagation::layers::{Layer, Layers};
use crate::propagation::training::Curves;
use weightinit_common::propagation::Activation;
use weightinit_common::propagation::passes::Measured;
use weightinit_common::propagation::run::Run;
use weightinit_common::propagation::theory::Expected;

/// A row for each activation: variances forward, gradients back, and cosines.
pub(crate) fn of_runs(runs: &[Run]) -> Chart {
    let legend = distinct(runs.iter().map(|run| run.init.clone()));
    let activations = distinct(runs.iter().map(|run| run.activation));
    let row = |activation: &Activation| {
        let runs: Vec<_> = runs.iter().filter(|run| run.activation == *activation).collect();
        let panel = |title: &str, y: &str, is_logarithmic, of: Shown| {
            // Theory on top, so that it is seen where both are the same.
            let lines = [Stroke::Solid, Stroke::Dashed].into_iter().flat_map(|stroke| {
                let of_run = move |run: &&Run| of.values(run, stroke);
                let lines = runs.iter().filter_map(move |run| Some((&run.init, of_run(run)?)));
                lines.map(move |(init, points)| (init, stroke, points)).collect::<Vec<_>>()
            });
            let lines = lines.map(|(init, stroke, points)| Line::new(place(&legend, init), stroke, points));
            let title = format!("{title}, {}", activation.name());
            Panel { is_logarithmic, lines: lines.collect(), ..Panel::new(&title, "layer", y) }
        };
        vec![
            panel(
                "activations",
                "variance",
                true,
                Shown(|layer| layer.activation_variance, |layer| layer.activation_variance),
            ),
            panel(
                "gradients",
                "variance",
                true,
                Shown(|layer| layer.gradient_variance, |layer| layer.gradient_variance),
            ),
            panel("two inputs", "cosine", false, Shown(|layer| layer.cosine, |layer| layer.cosine)),
        ]
    };
    let rows = activations.iter().map(row).collect();
    Chart { rows, legend, notes: vec!["dashed: mean-field".to_owned(), "theory".to_owned()] }
}

/// What a panel shows: measured, and expected.
#[derive(Clone, Copy)]
struct Shown(fn(&Measured) -> f64, fn(&Expected) -> f64);

impl Shown {
    /// Points by layer; of the theory only where it says something.
    fn values(self, run: &Run, stroke: Stroke) -> Option<Vec<[f64; 2]>> {
        let values: Vec<_> = if stroke == Stroke::Dashed {
            run.expected.as_ref()?.iter().map(self.1).collect()
        } else {
            run.measured.iter().map(self.0).collect()
        };
        Some((1..).zip(values).map(|(layer, value)| [f64::from(layer), value]).collect())
    }
}

/// A panel for each activation: medians over the seeds, in the band from the least to the greatest loss.
pub(crate) fn of_training(all: &[Curves]) -> Chart {
    let legend = distinct(all.iter().map(|curves| curves.plan.init.text.clone()));
    let activations = distinct(all.iter().map(|curves| curves.plan.activation));
    let panel = |activation: &Activation| {
        let curves = all.iter().filter(|curves| curves.plan.activation == *activation);
        let lines = curves.flat_map(|curves| {
            let entry = place(&legend, &curves.plan.init.text);
            let of = |which: usize| -> Vec<[f64; 2]> {
                let losses = (0..curves.steps.len()).map(|point| curves.band(point)[which]);
                curves.steps.iter().zip(losses).map(|(step, loss)| [*step as f64, loss]).collect()
            };
            let line = |points, until| Line { until, ..Line::new(entry, Stroke::Solid, points) };
            [line(of(0), Some(of(2))), line(of(1), None)]
        });
        let title = format!("training, {}", activation.name());
        Panel { is_logarithmic: true, lines: lines.collect(), ..Panel::new(&title, "step", "mean squared error") }
    };
    let seeds = all.first().map_or(0, |curves| curves.seeds.len());
    let notes = vec![format!("line: median of {seeds}"), "band: least to".to_owned(), "greatest".to_owned()];
    Chart { rows: vec![activations.iter().map(panel).collect()], legend, notes }
}

/// A row for each network: means in the band of one deviation, outer values, and histograms at the end, all by layer.
pub(crate) fn of_layers(all: &[Layers]) -> Chart {
    let row = |layers: &Layers| {
        let lines = |number: &dyn Fn(&Layer) -> f64, until: Option<&dyn Fn(&Layer) -> f64>| -> Vec<Line> {
            let of = |layer: usize, number: &dyn Fn(&Layer) -> f64| -> Vec<[f64; 2]> {
                let points = layers.steps.iter().zip(&layers.layers);
                points.map(|(step, point)| [*step as f64, number(&point[layer])]).collect()
            };
            let line = |layer| {
                let line = Line::new(layer, Stroke::Solid, of(layer, number));
                Line { until: until.map(|until| of(layer, until)), ..line }
            };
            (0..layers.plan.depth).map(line).collect()
        };
        let name = |what: &str| format!("{what}, {}", layers.plan.activation.name());
        let panel = |what: &str, lines| Panel { lines, ..Panel::new(&name(what), "step", "activation") };
        let mut means = lines(&|layer| layer.mean - layer.std, Some(&|layer| layer.mean + layer.std));
        means.extend(lines(&|layer| layer.mean, None));
        let histograms = layers.histograms.iter().enumerate();
        let histograms = histograms.map(|(layer, bins)| Line::new(layer, Stroke::Solid, bins.clone())).collect();
        vec![
            panel("mean", means),
            panel("98th percentile", lines(&|layer| layer.outer, None)),
            Panel { lines: histograms, ..Panel::new(&name("at the end"), "activation", "density") },
        ]
    };
    let depth = all.iter().map(|layers| layers.plan.depth).max().unwrap_or(0);
    let legend = (1..=depth).map(|layer| format!("layer {layer}")).collect();
    let inits = distinct(all.iter().map(|layers| layers.plan.init.text.clone()));
    let notes = ["band: one standard".to_owned(), "deviation".to_owned()].into_iter().chain(inits).collect();
    Chart { rows: all.iter().map(row).collect(), legend, notes }
}

/// Each of these once, in their order.
fn distinct<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut distinct = Vec::new();
    for one in all {
        if !distinct.contains(&one) {
            distinct.push(one);
        }
    }
    distinct
}

fn place(legend: &[String], name: &str) -> usize {
    legend.iter().position(|entry| entry == name).unwrap_or(0)
}
