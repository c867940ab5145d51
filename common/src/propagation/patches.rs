//! Convolutions as products with matrices: the 3 × 3 patches of images that go on at the opposite edge.

use crate::propagation::signals::Signals;

/// Pixels along an edge of a convnet's images.
pub(crate) const SIDE: usize = 6;
/// Pixels of an image.
pub(crate) const PIXELS: usize = SIDE * SIDE;
/// Pixels along an edge of a kernel.
pub(crate) const KERNEL: usize = 3;
/// Weights of a kernel for one channel.
pub(crate) const TAPS: usize = KERNEL * KERNEL;

/// The pixel of an image that tap `tap` of the kernel at `pixel` sees.
fn seen(pixel: usize, tap: usize) -> usize {
    let (row, column) = (pixel / SIDE + tap / KERNEL, pixel % SIDE + tap % KERNEL);
    // The kernel's centre is at the pixel.
    let around = |place: usize| (place + SIDE - KERNEL / 2) % SIDE;
    around(row) * SIDE + around(column)
}

/// For each pixel the patch around it: rows are ordered by channel, then by tap, as a kernel's weights are.
pub(crate) fn gather(images: &Signals) -> Signals {
    let channels = images.units;
    let mut patches = Vec::with_capacity(images.values.len() * TAPS);
    for image in images.values.chunks(channels * PIXELS) {
        for pixel in 0..PIXELS {
            for channel in 0..channels {
                patches.extend((0..TAPS).map(|tap| image[seen(pixel, tap) * channels + channel]));
            }
        }
    }
    Signals::new(channels * TAPS, patches)
}

/// The transpose of [`gather`]: each pixel gets the sum of what patches have of it.
pub(crate) fn scatter(patches: &Signals) -> Signals {
    let channels = patches.units / TAPS;
    let mut images = vec![0.0; patches.values.len() / TAPS];
    let of_images = images.chunks_mut(channels * PIXELS);
    for (image, patches) in of_images.zip(patches.values.chunks(patches.units * PIXELS)) {
        for (pixel, patch) in patches.chunks(channels * TAPS).enumerate() {
            for (place, value) in patch.iter().enumerate() {
                image[seen(pixel, place % TAPS) * channels + place / TAPS] += value;
            }
        }
    }
    Signals::new(channels, images)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_are_neighbourhoods() {
        let images = Signals::new(1, (0..2 * PIXELS).map(|pixel| pixel as f64).collect());
        let patches = gather(&images);
        assert_eq!((patches.units, patches.columns()), (TAPS, 2 * PIXELS));
        // Pixel (1, 1) of the first image, and pixel (0, 0) of the second, which sees the opposite edges.
        let patch = |column: usize| &patches.values[column * TAPS..][..TAPS];
        assert_eq!(patch(SIDE + 1), [0.0, 1.0, 2.0, 6.0, 7.0, 8.0, 12.0, 13.0, 14.0]);
        let corner = [35, 30, 31, 5, 0, 1, 11, 6, 7].map(|pixel| (PIXELS + pixel) as f64);
        assert_eq!(patch(PIXELS), corner);
    }

    /// ⟨gather(x), y⟩ = ⟨x, scatter(y)⟩.
    #[test]
    fn scattering_is_the_transpose() {
        let wave = |count: usize, by: f64| (0..count).map(|index| (by * index as f64).sin()).collect::<Vec<_>>();
        let (images, patches) =
            (Signals::new(2, wave(4 * PIXELS, 1.3)), Signals::new(2 * TAPS, wave(4 * PIXELS * TAPS, 0.7)));
        let dot = |a: &Signals, b: &Signals| a.values.iter().zip(&b.values).map(|(a, b)| a * b).sum::<f64>();
        assert!((dot(&gather(&images), &patches) - dot(&images, &scatter(&patches))).abs() < 1e-9);
    }
}
