//! One tensor: its histogram and quantiles beside its law, the tensor as an image, and its singular values.

use anyhow::Result;
use weightinit::verify::SampleMoments;

use crate::model::job::Tensor as Expected;
use crate::picture::chart::Chart;
use crate::picture::image::Image;
use crate::picture::panel::{Line, Panel, Stroke};
use crate::plotting::checkpoint::Tensor;
use crate::plotting::reference::Reference;
use crate::plotting::spectrum::Spectrum;

const BINS: usize = 80;
/// Points of a line of quantiles.
const QUANTILES: usize = 240;
/// Pixels along an edge of an image.
const PIXELS: usize = 192;

/// Pictures of a tensor, as it is in one file or in two: `tensors` are by the names of their files.
///
/// # Errors
/// Singular values that do not converge.
pub(crate) fn of_tensor(tensors: &[(String, Tensor)], expected: Option<&Expected>) -> Result<Chart> {
    let sorted = |tensor: &Tensor| {
        let mut values = tensor.values.clone();
        values.sort_by(f64::total_cmp);
        values
    };
    let sorted: Vec<_> = tensors.iter().map(|(_, tensor)| sorted(tensor)).collect();
    let Some(((_, tensor), own)) = tensors.first().zip(sorted.first()) else {
        return Ok(Chart { rows: Vec::new(), legend: Vec::new(), notes: Vec::new() });
    };
    let law = Reference::new(expected, own);
    let std = law.as_ref().map_or_else(|| SampleMoments::of(own).std(), Reference::std);
    let mut rows = vec![vec![histogram(&sorted, law.as_ref())]];
    rows[0].extend(law.as_ref().map(|law| quantiles(&sorted, law)));
    let columns = tensor.shape.last().copied().unwrap_or(1);
    // Where some elements were not finite, nobody knows where the others stood.
    let is_matrix = tensor.shape.len() > 1 && tensor.values.len() == tensor.shape.iter().product::<usize>();
    if is_matrix {
        // As linear layers and convolutions are flattened: outputs by all else.
        let columns = tensor.values.len() / tensor.shape.first().copied().unwrap_or(1);
        let mut second = vec![image(tensor, columns, std)];
        if std > 0.0 {
            second.push(singular_values(tensors, columns, std)?);
        }
        rows.push(second);
    } else if tensor.shape.len() == 1 && tensor.values.len() == columns {
        rows[0].push(by_index(tensors));
    }
    let mut notes = vec![format!("{:?} {:?}", tensor.dtype, tensor.shape)];
    notes.extend(law.map(|law| format!("dashed: {}", law.name)));
    notes.extend(is_matrix.then(|| "blue to red: ±3 std".to_owned()));
    Ok(Chart { rows, legend: tensors.iter().map(|(file, _)| file.clone()).collect(), notes })
}

/// Densities, and that of the law: exactly, as the mean over each bin.
fn histogram(all: &[Vec<f64>], law: Option<&Reference>) -> Panel {
    let least = all.iter().filter_map(|sorted| sorted.first()).fold(f64::INFINITY, |least, x| least.min(*x));
    let most = all.iter().filter_map(|sorted| sorted.last()).fold(f64::NEG_INFINITY, |most, x| most.max(*x));
    let width = if most > least { (most - least) / BINS as f64 } else { 1.0 };
    let edge = |bin: usize| least + width * bin as f64;
    let steps = |density: &dyn Fn(f64, f64) -> f64| -> Vec<[f64; 2]> {
        let bar = |bin| {
            let height = density(edge(bin), edge(bin + 1)) / width;
            [[edge(bin), height], [edge(bin + 1), height]]
        };
        (0..BINS).flat_map(bar).collect()
    };
    let mut lines = Vec::new();
    for (entry, sorted) in all.iter().enumerate() {
        let share = |low: f64, high: f64| {
            // The last bin has its upper edge.
            let is_last = high > edge(BINS) - width / 2.0;
            let below = |x: f64| if is_last && x == high { sorted.len() } else { sorted.partition_point(|y| *y < x) };
            (below(high) - below(low)) as f64 / sorted.len() as f64
        };
        let points = steps(&share);
        let base = points.iter().map(|[x, _]| [*x, 0.0]).collect();
        lines.push(Line { until: Some(base), ..Line::new(entry, Stroke::Solid, points.clone()) });
        lines.push(Line::new(entry, Stroke::Solid, points));
    }
    if let Some(Reference { law, .. }) = law {
        let share = |low: f64, high: f64| law.cdf(high).unwrap_or(0.0) - law.cdf(low).unwrap_or(0.0);
        let points =
            (0..BINS).map(|bin| [f64::midpoint(edge(bin), edge(bin + 1)), share(edge(bin), edge(bin + 1)) / width]);
        lines.push(Line::new(0, Stroke::Dashed, points.collect()));
    }
    Panel { lines, ..Panel::new("histogram", "element", "density") }
}

/// Quantiles by those of the law, both in its σ around its mean, close together in the tails: as far as there are
/// elements, and at most to 6.5 σ.
fn quantiles(all: &[Vec<f64>], law: &Reference) -> Panel {
    let (mean, std) = (law.law.moments().mean, law.std());
    let standard = |x: f64| (x - mean) / std;
    let mut lines = Vec::new();
    let (mut least, mut most) = (0.0f64, 0.0f64);
    for (entry, sorted) in all.iter().enumerate() {
        let mut ranks: Vec<_> = (0..=QUANTILES)
            .map(|number| 6.5 * (2.0 * number as f64 / QUANTILES as f64 - 1.0))
            .map(|z| statrs::function::erf::erfc(-z / std::f64::consts::SQRT_2) / 2.0)
            .map(|p| ((p * sorted.len() as f64) as usize).min(sorted.len() - 1))
            .collect();
        ranks.dedup();
        let point = |rank: usize| {
            let p = (rank as f64 + 0.5) / sorted.len() as f64;
            [standard(law.quantile(p)), standard(sorted[rank])]
        };
        let points: Vec<_> = ranks.into_iter().map(point).collect();
        least = points.iter().fold(least, |least, [x, _]| least.min(*x));
        most = points.iter().fold(most, |most, [x, _]| most.max(*x));
        lines.push(Line::new(entry, Stroke::Dots, points));
    }
    lines.push(Line::new(0, Stroke::Dashed, vec![[least, least], [most, most]]));
    Panel { lines, ..Panel::new("quantiles, in standard deviations", "of the law", "of the elements") }
}

/// The matrix from -3 σ, blue, by 0, white, to 3 σ, red; of a large one, elements at equal distances.
fn image(tensor: &Tensor, columns: usize, std: f64) -> Panel {
    let rows = tensor.values.len() / columns;
    let (width, height) = (columns.min(PIXELS), rows.min(PIXELS));
    let mut pixels = Vec::with_capacity(3 * width * height);
    for y in 0..height {
        for x in 0..width {
            let value = tensor.values[y * rows / height * columns + x * columns / width];
            pixels.extend(shade(if std > 0.0 { value / (3.0 * std) } else { value.signum() }));
        }
    }
    let extent = [columns as f64, rows as f64];
    let image = Image { size: (width as u32, height as u32), pixels, extent };
    let title = if (width, height) == (columns, rows) { "matrix" } else { "matrix, some of its elements" };
    Panel { image: Some(image), ..Panel::new(title, "column", "row") }
}

/// Red, green and blue of a number from -1 to 1.
fn shade(value: f64) -> [u8; 3] {
    let [strong, end] = if value > 0.0 { [value.min(1.0), 0.0] } else { [(-value).min(1.0), 1.0] };
    let (red, blue) = ([178.0, 24.0, 43.0], [33.0, 102.0, 172.0]);
    let full = if end == 0.0 { red } else { blue };
    full.map(|channel| (255.0 + (channel - 255.0) * strong).round() as u8)
}

fn singular_values(tensors: &[(String, Tensor)], columns: usize, std: f64) -> Result<Panel> {
    let mut lines = Vec::new();
    let mut law = None;
    for (entry, (_, tensor)) in tensors.iter().enumerate() {
        if tensor.values.len() % columns != 0 {
            continue;
        }
        let mut spectrum = Spectrum::new(&tensor.values, columns, std)?;
        spectrum.values.sort_by(f64::total_cmp);
        let most = spectrum.values.last().copied().unwrap_or(1.0).max(spectrum.ends()[1]);
        let bins = (spectrum.values.len() / 8).clamp(4, 50);
        let width = most / bins as f64;
        let bar = |bin: usize| {
            let (low, high) = (width * bin as f64, width * (bin + 1) as f64);
            let below = |x: f64| spectrum.values.partition_point(|y| *y < x);
            let inside = if bin + 1 == bins { spectrum.values.len() - below(low) } else { below(high) - below(low) };
            let height = inside as f64 / spectrum.values.len() as f64 / width;
            [[low, height], [high, height]]
        };
        lines.push(Line::new(entry, Stroke::Solid, (0..bins).flat_map(bar).collect()));
        law.get_or_insert(spectrum);
    }
    if let Some(spectrum) = law {
        let [a, b] = spectrum.ends();
        let points = (0..=200).map(|step| a + (b - a) * f64::from(step) / 200.0);
        // Of a square matrix the density ends at 0 with its greatest value.
        let points = points.map(|x| [x, spectrum.density(x.max(1e-9))]).collect();
        lines.push(Line::new(0, Stroke::Dashed, points));
    }
    let title = "singular values and Marchenko-Pastur";
    Ok(Panel { lines, ..Panel::new(title, "over std times root of longer side", "density") })
}

/// A vector's elements in their order.
fn by_index(tensors: &[(String, Tensor)]) -> Panel {
    let line = |(entry, (_, tensor)): (usize, &(String, Tensor))| {
        let step = tensor.values.len().div_ceil(2000).max(1);
        let points = tensor.values.iter().enumerate().step_by(step).map(|(index, x)| [index as f64, *x]);
        Line::new(entry, Stroke::Dots, points.collect())
    };
    Panel { lines: tensors.iter().enumerate().map(line).collect(), ..Panel::new("elements", "index", "element") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_are_white_at_0_and_strong_at_the_ends() {
        assert_eq!((shade(0.0), shade(1.0), shade(-7.0)), ([255; 3], [178, 24, 43], [33, 102, 172]));
    }

    /// A histogram has mass 1, and its greatest element is in it.
    #[test]
    fn histograms_are_densities() {
        let sorted: Vec<_> = (0..=1000).map(|x| f64::from(x) / 1000.0).collect();
        let panel = histogram(&[sorted], None);
        let points = &panel.lines[1].points;
        let mass: f64 = points.chunks(2).map(|bar| (bar[1][0] - bar[0][0]) * bar[0][1]).sum();
        assert!((mass - 1.0).abs() < 1e-9, "{mass}");
    }
}
