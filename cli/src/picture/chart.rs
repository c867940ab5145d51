//! Charts of lines: panels beside each other, and one legend for all of them at their right, where it covers nothing.
//!
//! The background is white and all else dark enough on it, so that a picture reads the same on a page of any colour.

use std::ops::Range;

use anyhow::Result;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{Draw, failed};

/// Pixels of a panel with its labels, of the legend, and of a line of it.
const PANEL: (u32, u32) = (380, 300);
const LEGEND: u32 = 190;
const LEGEND_LINE: i32 = 20;
/// Pixels of the labels beside and below a panel.
const LABELS: (u32, u32) = (66, 40);

const TEXT: RGBColor = RGBColor(40, 40, 40);
const GRID: RGBColor = RGBColor(225, 225, 225);
const FONT: (&str, i32) = ("sans-serif", 14);

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
    Dashed,
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

/// A panel: lines over one axis.
#[derive(Clone, Debug)]
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) x: String,
    pub(crate) y: String,
    /// Whether heights are logarithmic: 0 and less are then at the lower edge.
    pub(crate) is_logarithmic: bool,
    pub(crate) lines: Vec<Line>,
}

/// Rows of panels with what their lines are called.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    pub(crate) rows: Vec<Vec<Panel>>,
    pub(crate) legend: Vec<String>,
    /// What is said below the legend, a line each.
    pub(crate) notes: Vec<String>,
}

impl Draw for Chart {
    fn size(&self) -> (u32, u32) {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0) as u32;
        let of_legend = LEGEND_LINE as u32 * (self.legend.len() + self.notes.len() + 3) as u32;
        (columns * PANEL.0 + LEGEND, (self.rows.len() as u32 * PANEL.1).max(of_legend))
    }

    fn draw<B: DrawingBackend>(&self, area: &DrawingArea<B, Shift>) -> Result<()> {
        area.fill(&WHITE).map_err(failed)?;
        let (width, _) = area.dim_in_pixel();
        let (panels, legend) = area.split_horizontally(width - LEGEND);
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let (top, _) = panels.split_vertically(self.rows.len() as u32 * PANEL.1);
        let areas = top.split_evenly((self.rows.len(), columns));
        for (row, areas) in self.rows.iter().zip(areas.chunks(columns.max(1))) {
            for (panel, area) in row.iter().zip(areas) {
                panel.draw(area)?;
            }
        }
        self.draw_legend(&legend)
    }
}

impl Chart {
    fn draw_legend<B: DrawingBackend>(&self, area: &DrawingArea<B, Shift>) -> Result<()> {
        let style = FONT.into_font().color(&TEXT).pos(Pos::new(HPos::Left, VPos::Center));
        let mut y = 3 * LEGEND_LINE / 2;
        for (entry, name) in self.legend.iter().enumerate() {
            let line = PathElement::new([(8, y), (30, y)], color(entry).stroke_width(3));
            area.draw(&line).map_err(failed)?;
            area.draw_text(name, &style, (36, y)).map_err(failed)?;
            y += LEGEND_LINE;
        }
        y += LEGEND_LINE / 2;
        for note in &self.notes {
            area.draw_text(note, &style, (8, y)).map_err(failed)?;
            y += LEGEND_LINE;
        }
        Ok(())
    }
}

impl Panel {
    fn draw<B: DrawingBackend>(&self, area: &DrawingArea<B, Shift>) -> Result<()> {
        let x = self.range(0, |x| x);
        let y = self.range(1, |y| self.height(y));
        let y = padded(y);
        let text = FONT.into_font().color(&TEXT);
        let mut chart = ChartBuilder::on(area)
            .caption(&self.title, ("sans-serif", 16).into_font().color(&TEXT))
            .margin(8)
            .margin_right(16)
            .x_label_area_size(LABELS.1)
            .y_label_area_size(LABELS.0)
            .build_cartesian_2d(x, y.clone())
            .map_err(failed)?;
        let number = |y: &f64| if self.is_logarithmic { power(*y) } else { format!("{y:.1}") };
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(TEXT)
            .label_style(text)
            .x_labels(6)
            .y_labels(7)
            .x_label_formatter(&|x| format!("{x:.0}"))
            .y_label_formatter(&number)
            .x_desc(&self.x)
            .y_desc(&self.y)
            .draw()
            .map_err(failed)?;
        let inside = |points: &[[f64; 2]]| -> Vec<(f64, f64)> {
            let places = points.iter().filter(|[_, y]| !y.is_nan());
            places.map(|[x, height]| (*x, self.height(*height).clamp(y.start, y.end))).collect()
        };
        for line in &self.lines {
            let color = color(line.entry);
            let points = inside(&line.points);
            match (&line.until, line.stroke) {
                (Some(until), _) => {
                    let edge: Vec<_> = points.into_iter().chain(inside(until).into_iter().rev()).collect();
                    chart.draw_series([Polygon::new(edge, color.mix(0.18).filled())]).map(|_| ())
                }
                (None, Stroke::Solid) => chart.draw_series(LineSeries::new(points, color.stroke_width(2))).map(|_| ()),
                (None, Stroke::Dashed) => {
                    let style = BLACK.mix(0.75).stroke_width(1);
                    chart.draw_series(DashedLineSeries::new(points, 5, 5, style)).map(|_| ())
                }
            }
            .map_err(failed)?;
        }
        Ok(())
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
    let room = 0.04 * (range.end - range.start);
    range.start - room..range.end + room
}

fn color(entry: usize) -> RGBColor {
    COLORS[entry % COLORS.len()]
}

/// 10 to this power, as people write it.
fn power(exponent: f64) -> String {
    if exponent == exponent.round() && (-2.0..=3.0).contains(&exponent) {
        format!("{}", 10f64.powf(exponent))
    } else if exponent == exponent.round() {
        format!("1e{exponent:.0}")
    } else {
        format!("{:.1e}", 10f64.powf(exponent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::{Format, render};

    fn chart(points: Vec<[f64; 2]>, is_logarithmic: bool) -> Chart {
        let line = |stroke, until| Line { entry: 0, stroke, points: points.clone(), until };
        let lines =
            vec![line(Stroke::Solid, None), line(Stroke::Dashed, None), line(Stroke::Solid, Some(points.clone()))];
        let panel = Panel { title: "t".into(), x: "layer".into(), y: "variance".into(), is_logarithmic, lines };
        Chart { rows: vec![vec![panel.clone(), panel]], legend: vec!["he_normal".into()], notes: vec!["dashed".into()] }
    }

    /// Whatever numbers there are, something is drawn.
    #[test]
    fn any_numbers_can_be_drawn() {
        let all = [
            vec![],
            vec![[1.0, 1.0]],
            vec![[1.0, 0.0], [2.0, 0.0]],
            vec![[1.0, f64::NAN], [2.0, f64::INFINITY], [3.0, -1.0], [4.0, 1e300], [5.0, 1e-300]],
        ];
        for points in all {
            for is_logarithmic in [true, false] {
                let chart = chart(points.clone(), is_logarithmic);
                let svg = String::from_utf8(render(&chart, Format::Svg).unwrap()).unwrap();
                assert!(svg.contains("he_normal") && svg.contains("variance") && svg.contains("layer"), "{svg}");
                assert!(!svg.contains("NaN"), "{svg}");
                assert!(render(&chart, Format::Png).unwrap().starts_with(b"\x89PNG"));
            }
        }
    }

    #[test]
    fn powers_of_ten() {
        assert_eq!([-10.0, -2.0, 0.0, 3.0, 5.0].map(power), ["1e-10", "0.01", "1", "1000", "1e5"]);
    }
}
