//! Pictures: charts as SVG or PNG, by the name of the file; no other program and no font of the system is needed.

mod bitmap;
pub(crate) mod chart;
pub(crate) mod image;
pub(crate) mod panel;

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, DrawingBackend, IntoDrawingArea, SVGBackend};

use image::Placed;

/// What the name of an output asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Svg,
    Png,
}

impl Format {
    /// By the extension.
    ///
    /// # Errors
    /// Another extension, or none.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("svg") => Ok(Self::Svg),
            Some("png") => Ok(Self::Png),
            _ => bail!("cannot write {}: expected a name that ends in .svg or .png", path.display()),
        }
    }
}

/// What can be drawn on any backend.
pub(crate) trait Draw {
    /// Width and height in pixels.
    fn size(&self) -> (u32, u32);

    /// Draws all but the images, whose places this returns.
    fn draw<B: DrawingBackend>(&self, area: &DrawingArea<B, Shift>) -> Result<Vec<Placed>>;
}

/// The bytes of a file that shows `what`.
///
/// # Errors
/// What the backend refuses.
pub(crate) fn render(what: &impl Draw, format: Format) -> Result<Vec<u8>> {
    match format {
        Format::Svg => {
            let mut text = String::new();
            let area = SVGBackend::with_string(&mut text, what.size()).into_drawing_area();
            let images = what.draw(&area)?;
            present(&area)?;
            drop(area);
            images.iter().try_for_each(|image| image.add_to(&mut text))?;
            Ok(text.into_bytes())
        }
        Format::Png => {
            let size = what.size();
            let mut pixels = vec![0; bitmap::bytes(size)];
            let area = bitmap::Bitmap::new(&mut pixels, size).into_drawing_area();
            let images = what.draw(&area)?;
            present(&area)?;
            drop(area);
            images.iter().for_each(|image| image.copy_to(&mut pixels, size.0));
            bitmap::png(&pixels, size)
        }
    }
}

fn present<B: DrawingBackend>(area: &DrawingArea<B, Shift>) -> Result<()> {
    area.present().map_err(failed)
}

/// A backend's error, which may belong to its thread.
fn failed(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("the picture cannot be drawn: {error}")
}
