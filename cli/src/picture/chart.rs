//! Charts: panels beside each other, and one legend for all of them at their right, where it covers nothing.
//!
//! The background is white and all else dark enough on it, so that a picture reads the same on a page of any colour.

use anyhow::Result;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::image::Placed;
use super::panel::{FONT, PANEL, Panel, TEXT, color};
use super::{Draw, failed};

/// Pixels of a line of the legend, of what stands before its text and behind it, and of a letter, which is no wider.
const LINE: i32 = 20;
const SPACE: u32 = 46;
const LETTER: u32 = 8;
/// Letters of an entry that are drawn.
const MOST_LETTERS: usize = 40;

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
        let of_legend = LINE as u32 * (self.legend.len() + self.notes.len() + 3) as u32;
        (self.columns() * PANEL.0 + self.legend_width(), (self.rows.len() as u32 * PANEL.1).max(of_legend))
    }

    fn draw<B: DrawingBackend>(&self, area: &DrawingArea<B, Shift>) -> Result<Vec<Placed>> {
        area.fill(&WHITE).map_err(failed)?;
        let (width, _) = area.dim_in_pixel();
        let (panels, legend) = area.split_horizontally(width - self.legend_width());
        let (top, _) = panels.split_vertically(self.rows.len() as u32 * PANEL.1);
        let areas = top.split_evenly((self.rows.len(), self.columns() as usize));
        let mut images = Vec::new();
        for (row, areas) in self.rows.iter().zip(areas.chunks(self.columns().max(1) as usize)) {
            for (panel, area) in row.iter().zip(areas) {
                images.extend(panel.draw(area)?);
            }
        }
        self.draw_legend(&legend)?;
        Ok(images)
    }
}

impl Chart {
    /// Panels of the longest row.
    fn columns(&self) -> u32 {
        self.rows.iter().map(Vec::len).max().unwrap_or(0) as u32
    }

    fn legend_width(&self) -> u32 {
        let letters = |text: &String| text.chars().take(MOST_LETTERS).count() as u32;
        SPACE + LETTER * self.legend.iter().chain(&self.notes).map(letters).max().unwrap_or(0)
    }

    fn draw_legend<B: DrawingBackend>(&self, area: &DrawingArea<B, Shift>) -> Result<()> {
        let style = FONT.into_font().color(&TEXT).pos(Pos::new(HPos::Left, VPos::Center));
        let shown = |text: &str| text.chars().take(MOST_LETTERS).collect::<String>();
        let mut y = 3 * LINE / 2;
        for (entry, name) in self.legend.iter().enumerate() {
            let line = PathElement::new([(8, y), (30, y)], color(entry).stroke_width(3));
            area.draw(&line).map_err(failed)?;
            area.draw_text(&shown(name), &style, (36, y)).map_err(failed)?;
            y += LINE;
        }
        y += LINE / 2;
        for note in &self.notes {
            area.draw_text(&shown(note), &style, (8, y)).map_err(failed)?;
            y += LINE;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::image::Image;
    use crate::picture::panel::{Line, Stroke};
    use crate::picture::{Format, render};

    fn chart(points: &[[f64; 2]], is_logarithmic: bool) -> Chart {
        let line = |stroke| Line::new(0, stroke, points.to_vec());
        let mut lines = [Stroke::Solid, Stroke::Dashed, Stroke::Dots, Stroke::Rings].map(line).to_vec();
        lines.push(Line { until: Some(points.to_vec()), ..line(Stroke::Solid) });
        let panel = Panel { is_logarithmic, lines, ..Panel::new("t", "layer", "variance") };
        Chart { rows: vec![vec![panel.clone(), panel]], legend: vec!["he_normal".into()], notes: vec!["dashed".into()] }
    }

    /// Whatever numbers there are, something is drawn.
    #[test]
    fn any_numbers_can_be_drawn() {
        let all: [&[[f64; 2]]; 4] = [
            &[],
            &[[1.0, 1.0]],
            &[[1.0, 0.0], [2.0, 0.0]],
            &[[1.0, f64::NAN], [2.0, f64::INFINITY], [3.0, -1.0], [4.0, 1e300], [5.0, 1e-300]],
        ];
        for points in all {
            for is_logarithmic in [true, false] {
                let chart = chart(points, is_logarithmic);
                let svg = String::from_utf8(render(&chart, Format::Svg).unwrap()).unwrap();
                assert!(svg.contains("he_normal") && svg.contains("variance") && svg.contains("layer"), "{svg}");
                assert!(!svg.contains("NaN"), "{svg}");
                assert!(render(&chart, Format::Png).unwrap().starts_with(b"\x89PNG"));
            }
        }
    }

    /// An image is inside the frame of its panel: 2 × 1 pixels, of which the left half is red.
    #[test]
    fn images_are_in_their_panels() {
        let image = Image { size: (2, 1), pixels: vec![255, 0, 0, 0, 0, 255], extent: [20.0, 10.0] };
        let panel = Panel { image: Some(image), ..Panel::new("t", "column", "row") };
        let chart = Chart { rows: vec![vec![panel]], legend: vec![], notes: vec![] };
        let svg = String::from_utf8(render(&chart, Format::Svg).unwrap()).unwrap();
        assert!(svg.contains("<image ") && svg.trim_end().ends_with("</svg>"), "{svg}");
        let mut reader =
            png::Decoder::new(std::io::Cursor::new(render(&chart, Format::Png).unwrap())).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        let count = |color: [u8; 3]| pixels.chunks(3).filter(|pixel| *pixel == color).count();
        assert_eq!(count([255, 0, 0]), count([0, 0, 255]));
        assert!(count([255, 0, 0]) > 10_000);
    }
}
