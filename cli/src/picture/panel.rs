//! A panel: lines, dots, bands or an image over one pair of axes.

use std::ops::Range;

use anyhow::Result;
use plotters::coord::Shift;
use plotters::prelude::*;

use super::failed;
use super::image::{Image, Placed};

/// Pixels of a panel with its labels.
pub(super) const PANEL: (u32, u32) = (390, 300);
/// Pixels of the labels beside and below a panel.
const LABELS: (u32, u32) = (76, 40);

pub(super) const TEXT: RGBColor = RGBColor(40, 40, 40);
const GRID: RGBColor = RGBColor(225, 225, 225);
pub(super) const FONT: (&str, i32) = ("sans-serif", 14);
const TITLE: (&str, i32) = ("sans-serif", 16);

/// Colours of lines that can be told apart, by people of any sight as far as a dozen allows: after Paul Tol's and Okabe
/// and Ito's, dark enough for white.
const COLORS: [RGBColor; 13] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 138, 100),
    RGBColor(190, 60, 130),
    RGBColor(100, 100, 100),
    RGBColor(200, 150, 0),
    RGBColor(80, 170, 220),
    RGBColor(110, 60, 150),
    RGBColor(150, 20, 40),
    RGBColor(110, 150, 30),
    RGBColor(120, 80, 40),
    RGBColor(230, 120, 130),
    RGBColor(0, 60, 90),
];

/// Decades that a logarithmic axis shows at most on each side of 1; what lies beyond is at its edge.
const DECADES: f64 = 60.0;

/// What a line is drawn as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stroke {
    Solid,
    /// Black, for what is expected.
    Dashed,
    Dots,
    /// Black, for what is expected of dots.
    Rings,
}

/// A line of a panel, or the band between two.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Which entry of the legend it belongs to.
    pub(crate) entry: usize,
    pub(crate) stroke: Stroke,
    pub(crate) points: Vec<[f64; 2]>,
    /// The other edge of a band that is filled, if it is one.
    pub(crate) until: Option<Vec<[f64; 2]>>,
}

impl Line {
    pub(crate) fn new(entry: usize, stroke: Stroke, points: Vec<[f64; 2]>) -> Self {
        Self { entry, stroke, points, until: None }
    }
}

/// A pair of axes with what is drawn on them.
#[derive(Clone, Debug)]
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) x: String,
    pub(crate) y: String,
    /// Whether heights are logarithmic: 0 and less are then at the lower edge.
    pub(crate) is_logarithmic: bool,
    pub(crate) lines: Vec<Line>,
    /// What fills the panel in the place of lines, its first row on top.
    pub(crate) image: Option<Image>,
}

impl Panel {
    /// An empty one.
    pub(crate) fn new(title: &str, x: &str, y: &str) -> Self {
        let [title, x, y] = [title, x, y].map(str::to_owned);
        Self { title, x, y, is_logarithmic: false, lines: Vec::new(), image: None }
    }

    /// Draws all but the image, whose place this returns.
    pub(super) fn draw<B: DrawingBackend>(&self, area: &DrawingArea<B, Shift>) -> Result<Option<Placed>> {
        let (x, y) = match &self.image {
            Some(image) => (0.0..image.extent[0], image.extent[1]..0.0),
            None => (padded(self.range(0, |x| x)), padded(self.range(1, |y| self.height(y)))),
        };
        let mut chart = ChartBuilder::on(area)
            .caption(&self.title, TITLE.into_font().color(&TEXT))
            .margin(8)
            .margin_right(16)
            .x_label_area_size(LABELS.1)
            .y_label_area_size(LABELS.0)
            .build_cartesian_2d(x.clone(), y.clone())
            .map_err(failed)?;
        let digits = [&x, &y].map(|range| digits((range.end - range.start).abs()));
        let height = |y: &f64| if self.is_logarithmic { power(*y, 1 + digits[1].max(1)) } else { fixed(*y, digits[1]) };
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(TEXT)
            .label_style(FONT.into_font().color(&TEXT))
            .x_labels(6)
            .y_labels(7)
            .x_label_formatter(&|x| fixed(*x, digits[0]))
            .y_label_formatter(&height)
            .x_desc(&self.x)
            .y_desc(&self.y)
            .draw()
            .map_err(failed)?;
        let inside = |points: &[[f64; 2]]| -> Vec<(f64, f64)> {
            let places = points.iter().filter(|[x, y]| !x.is_nan() && !y.is_nan());
            places.map(|[x, height]| (*x, self.height(*height).clamp(y.start, y.end))).collect()
        };
        for line in &self.lines {
            let (color, black, points) = (color(line.entry), BLACK.mix(0.75), inside(&line.points));
            match (&line.until, line.stroke) {
                (Some(until), _) => {
                    let edge: Vec<_> = points.into_iter().chain(inside(until).into_iter().rev()).collect();
                    chart.draw_series([Polygon::new(edge, color.mix(0.18).filled())]).map(|_| ())
                }
                (None, Stroke::Solid) => chart.draw_series(LineSeries::new(points, color.stroke_width(2))).map(|_| ()),
                (None, Stroke::Dashed) => {
                    chart.draw_series(DashedLineSeries::new(points, 5, 5, black.stroke_width(1))).map(|_| ())
                }
                (None, Stroke::Dots) => {
                    chart.draw_series(points.into_iter().map(|point| Circle::new(point, 2, color.filled()))).map(|_| ())
                }
                (None, Stroke::Rings) => {
                    let ring = |point| Circle::new(point, 4, black.stroke_width(1));
                    chart.draw_series(points.into_iter().map(ring)).map(|_| ())
                }
            }
            .map_err(failed)?;
        }
        let (columns, rows) = chart.plotting_area().get_pixel_range();
        Ok(self.image.clone().map(|image| Placed { image, columns, rows }))
    }

    /// Where a height is on its axis.
    fn height(&self, y: f64) -> f64 {
        if self.is_logarithmic { y.max(0.0).log10().clamp(-DECADES, DECADES) } else { y }
    }

    /// From the least to the greatest coordinate of all lines: of those that are numbers and, on a logarithmic axis,
    /// not 0.
    fn range(&self, coordinate: usize, place: impl Fn(f64) -> f64) -> Range<f64> {
        let all = self.lines.iter().flat_map(|line| line.points.iter().chain(line.until.iter().flatten()));
        let is_shown = |value: &f64| value.is_finite() && (coordinate == 0 || !self.is_logarithmic || *value > 0.0);
        let values = all.map(|point| point[coordinate]).filter(is_shown).map(place);
        let (least, most) =
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| (least.min(value), most.max(value)));
        match (least.is_finite(), least < most) {
            (true, true) => least..most,
            (true, false) => least - 0.5..least + 0.5,
            (false, _) => 0.0..1.0,
        }
    }
}

/// A range with a little room at both ends, so that lines do not run along the frame.
fn padded(range: Range<f64>) -> Range<f64> {
    let room = 0.03 * (range.end - range.start);
    range.start - room..range.end + room
}

/// The colour of an entry of the legend.
pub(super) fn color(entry: usize) -> RGBColor {
    COLORS[entry % COLORS.len()]
}

/// Digits behind the point that tell the labels of an axis of this length apart.
fn digits(length: f64) -> usize {
    (1.0 - length.log10()).ceil().clamp(0.0, 12.0) as usize
}

/// With that many digits; very long numbers by their powers.
fn fixed(value: f64, digits: usize) -> String {
    // What is rounded to 0 has no sign.
    let value = if value.abs() < 0.5 * 0.1f64.powi(digits as i32) { 0.0 } else { value };
    if digits > 5 || value.abs() >= 1e6 { format!("{value:.1e}") } else { format!("{value:.digits$}") }
}

/// 10 to this power, as people write it, with so many digits where it is no whole power.
fn power(exponent: f64, significant: usize) -> String {
    let value = 10f64.powf(exponent);
    if (-2.0..4.0).contains(&exponent) {
        let digits = (significant as f64 - 1.0 - exponent.floor()).max(0.0) as usize;
        let text = format!("{value:.digits$}");
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    } else if exponent == exponent.round() {
        format!("1e{exponent:.0}")
    } else {
        format!("{value:.*e}", significant - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_axes() {
        assert_eq!(
            [-10.0, -2.0, 0.0, 3.0, 5.0].map(|exponent| power(exponent, 2)),
            ["1e-10", "0.01", "1", "1000", "1e5"]
        );
        let between = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 20.5].map(|exponent| power(exponent, 2));
        assert_eq!(between, ["3.2e-3", "0.032", "0.32", "3.2", "32", "316", "3.2e20"]);
        assert_eq!([0.001, 0.002].map(|exponent| power(exponent, 5)), ["1.0023", "1.0046"]);
        assert_eq!([600.0, 50.0, 6.0, 0.6, 0.05].map(digits), [0, 0, 1, 2, 3]);
        let labels = [fixed(-0.25, 2), fixed(2e6, 0), fixed(-1e-17, 2), fixed(-3e-9, 9)];
        assert_eq!(labels, ["-0.25", "2.0e6", "0.00", "-3.0e-9"]);
    }
}
