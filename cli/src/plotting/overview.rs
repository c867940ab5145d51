//! All tensors of a file: standard deviations and means in the model's order, beside their laws or another file.

use std::collections::HashMap;

use anyhow::Result;
use weightinit::{Request, Structure};

use crate::model::job::{Job, Tensor as Expected};
use crate::picture::chart::Chart;
use crate::picture::panel::{Line, Panel, Stroke};
use crate::plotting::checkpoint::Checkpoint;

/// Pictures of all tensors of the first file, with those of the same name in the others.
///
/// # Errors
/// A file that cannot be read.
pub(crate) fn of_files(files: &[Checkpoint], job: Option<&Job>) -> Result<Chart> {
    let Some(first) = files.first() else {
        return Ok(Chart { rows: Vec::new(), legend: Vec::new(), notes: Vec::new() });
    };
    let names = first.names();
    let places: HashMap<_, _> =
        names.iter().enumerate().map(|(place, name)| (name.clone(), place as f64 + 1.0)).collect();
    let mut lines = [Vec::new(), Vec::new(), Vec::new()];
    let expected: HashMap<_, _> = job.iter().flat_map(|job| &job.tensors).filter_map(known).collect();
    for (entry, file) in files.iter().enumerate() {
        let mut points = [Vec::new(), Vec::new(), Vec::new()];
        for name in file.names() {
            let Some(place) = places.get(&name) else { continue };
            let moments = file.moments(&name)?;
            points[0].push([*place, moments.std()]);
            points[1].push([*place, moments.mean()]);
            let law = expected.get(name.as_str()).filter(|[_, std]| *std > 0.0);
            points[2].extend(law.map(|[_, std]| [*place, moments.std() / std]));
        }
        for (lines, points) in lines.iter_mut().zip(points) {
            lines.push(Line::new(entry, Stroke::Dots, points));
        }
    }
    let of_laws = |which: usize| {
        let mut points: Vec<_> =
            expected.iter().filter_map(|(name, law)| Some([*places.get(*name)?, law[which]])).collect();
        points.sort_by(|a, b| a[0].total_cmp(&b[0]));
        points
    };
    let [mut stds, mut means, ratios] = lines;
    let mut notes = vec![format!("{} tensors", names.len())];
    let is_constant = stds.iter().flat_map(|line| &line.points).any(|point| point[1] == 0.0);
    notes.extend(is_constant.then(|| "std 0: at the edge".to_owned()));
    let panel =
        |title: &str, y: &str, is_logarithmic, lines| Panel { is_logarithmic, lines, ..Panel::new(title, "tensor", y) };
    let mut row = Vec::new();
    if expected.is_empty() {
        row.push(panel("standard deviations", "std", true, stds));
        row.push(panel("means", "mean", false, means));
    } else {
        stds.push(Line::new(0, Stroke::Rings, of_laws(1)));
        means.push(Line::new(0, Stroke::Rings, of_laws(0)));
        row.push(panel("standard deviations", "std", true, stds));
        row.push(panel("means", "mean", false, means));
        row.push(panel("over what is expected", "std / std of its law", false, ratios));
        notes.push("rings: their laws".to_owned());
    }
    Ok(Chart { rows: vec![row], legend: files.iter().map(Checkpoint::name).collect(), notes })
}

/// A tensor's name with the mean and the standard deviation that all its elements should have together.
fn known(tensor: &Expected) -> Option<(&str, [f64; 2])> {
    let name = tensor.name.as_str();
    if tensor.kept.is_some() {
        return None;
    }
    match tensor.request()? {
        Request::Fill(fill) if fill.structure() == Structure::Dense => {
            let moments = fill.law().moments();
            Some((name, [moments.mean, moments.variance.sqrt()]))
        }
        Request::Orthogonal(orthogonal) => Some((name, [0.0, orthogonal.variance().sqrt()])),
        _ => None,
    }
}
