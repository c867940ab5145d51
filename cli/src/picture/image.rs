//! Images inside of pictures: stretched over their place, in pixels or as a part of an SVG.

use std::fmt::Write;
use std::ops::Range;

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::bitmap;

/// Pixels, and what they stand for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Image {
    /// Width and height in pixels.
    pub(crate) size: (u32, u32),
    /// Red, green and blue of each pixel, row after row.
    pub(crate) pixels: Vec<u8>,
    /// Where the axes end: columns and rows of the matrix.
    pub(crate) extent: [f64; 2],
}

/// An image and the pixels of the picture that it covers.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) image: Image,
    pub(crate) columns: Range<i32>,
    pub(crate) rows: Range<i32>,
}

impl Placed {
    /// Writes it to a picture of `width` pixels a row.
    pub(super) fn copy_to(&self, picture: &mut [u8], width: u32) {
        let ((of_width, of_height), (columns, rows)) = (self.image.size, (self.columns.len(), self.rows.len()));
        for (y, row) in self.rows.clone().enumerate() {
            for (x, column) in self.columns.clone().enumerate() {
                let (from_x, from_y) = (x * of_width as usize / columns, y * of_height as usize / rows);
                let from = 3 * (from_y * of_width as usize + from_x);
                let to = 3 * (row as usize * width as usize + column as usize);
                picture[to..to + 3].copy_from_slice(&self.image.pixels[from..from + 3]);
            }
        }
    }

    /// Adds it to the text of an SVG, before its end.
    pub(super) fn add_to(&self, svg: &mut String) -> Result<()> {
        let file = STANDARD.encode(bitmap::png(&self.image.pixels, self.image.size)?);
        let end = svg.rfind("</svg>").unwrap_or(svg.len());
        svg.truncate(end);
        writeln!(
            svg,
            "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" \
             style=\"image-rendering: pixelated\" href=\"data:image/png;base64,{file}\"/>\n</svg>",
            self.columns.start,
            self.rows.start,
            self.columns.len(),
            self.rows.len()
        )?;
        Ok(())
    }
}
