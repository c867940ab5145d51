//! Pixels: the bitmap backend of `plotters`, with letters of a font that is part of the program.

use anyhow::Result;
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};
use plotters::prelude::{BitMapBackend, DrawingBackend};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind};

const WEIGHT: FontWeight = FontWeight::Regular;
const HEIGHT: RasterHeight = RasterHeight::Size16;
/// Rows at the top and at the bottom of a letter's raster that nothing is drawn in, but for the longest letters.
const EMPTY_ROWS: i32 = 2;

type Failure<'a> = DrawingErrorKind<<BitMapBackend<'a> as DrawingBackend>::ErrorType>;

/// An image of three bytes a pixel.
pub(super) struct Bitmap<'a>(BitMapBackend<'a>);

/// Bytes of an image of this size.
pub(super) fn bytes((width, height): (u32, u32)) -> usize {
    3 * width as usize * height as usize
}

impl<'a> Bitmap<'a> {
    pub(super) fn new(pixels: &'a mut [u8], size: (u32, u32)) -> Self {
        Self(BitMapBackend::with_buffer(pixels, size))
    }
}

/// The image as a file.
pub(super) fn png(pixels: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header()?.write_image_data(pixels)?;
    Ok(file)
}

/// Width and height of a line of text.
fn size(text: &str) -> (i32, i32) {
    let width = get_raster_width(WEIGHT, HEIGHT) * text.chars().count();
    (width as i32, HEIGHT.val() as i32 - 2 * EMPTY_ROWS)
}

impl<'a> DrawingBackend for Bitmap<'a> {
    type ErrorType = <BitMapBackend<'a> as DrawingBackend>::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.0.get_size()
    }

    fn ensure_prepared(&mut self) -> Result<(), Failure<'a>> {
        self.0.ensure_prepared()
    }

    fn present(&mut self) -> Result<(), Failure<'a>> {
        self.0.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Result<(), Failure<'a>> {
        self.0.draw_pixel(point, color)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Result<(), Failure<'a>> {
        self.0.draw_rect(upper_left, bottom_right, style, fill)
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        place: BackendCoord,
    ) -> Result<(), Failure<'a>> {
        let (width, height) = size(text);
        let anchor = style.anchor();
        let left = match anchor.h_pos {
            HPos::Left => 0,
            HPos::Center => -width / 2,
            HPos::Right => -width,
        };
        let top = match anchor.v_pos {
            VPos::Top => 0,
            VPos::Center => -height / 2,
            VPos::Bottom => -height,
        };
        let mut x = left;
        for letter in text.chars() {
            let raster = get_raster(letter, WEIGHT, HEIGHT).or_else(|| get_raster('?', WEIGHT, HEIGHT));
            for (row, pixels) in (-EMPTY_ROWS..).zip(raster.iter().flat_map(|raster| raster.rows())) {
                for (column, strength) in (x..).zip(pixels).filter(|(_, strength)| **strength > 0) {
                    let (dx, dy) = style.transform().transform(column, top + row);
                    let color = style.color();
                    let color = BackendColor { alpha: color.alpha * f64::from(*strength) / 255.0, ..color };
                    self.draw_pixel((place.0 + dx, place.1 + dy), color)?;
                }
            }
            x += get_raster_width(WEIGHT, HEIGHT) as i32;
        }
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(&self, text: &str, _: &S) -> Result<(u32, u32), Failure<'a>> {
        let (width, height) = size(text);
        Ok((width as u32, height as u32))
    }
}

#[cfg(test)]
mod tests {
    use plotters::prelude::*;

    use super::*;

    /// A letter at each anchor, upright and turned, has ink where it should be and nowhere else.
    #[test]
    fn letters_are_where_they_are_anchored() {
        let size = (60, 60);
        for (transform, inside) in [(FontTransform::None, (30..60, 30..60)), (FontTransform::Rotate90, (0..30, 30..60))]
        {
            let mut pixels = vec![255; bytes(size)];
            let area = Bitmap::new(&mut pixels, size).into_drawing_area();
            let style = ("sans-serif", 16).into_font().transform(transform).into_text_style(&area).color(&BLACK);
            area.draw_text("E", &style, (30, 30)).unwrap();
            drop(area);
            let ink: Vec<_> = (0..3600).filter(|pixel| pixels[3 * pixel] < 128).collect();
            assert!(ink.len() > 20, "{}", ink.len());
            for pixel in ink {
                let (x, y) = (pixel % 60, pixel / 60);
                assert!(inside.0.contains(&x) && inside.1.contains(&y), "{x}, {y}");
            }
        }
    }

    #[test]
    fn images_are_files() {
        let file = png(&[0, 128, 255, 255, 255, 255], (2, 1)).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!(pixels, [0, 128, 255, 255, 255, 255]);
    }
}
