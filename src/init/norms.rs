//! Norms of another tensor's parts: what `weight_norm` takes out of a weight, and DoRA's magnitudes.

use crate::error::{Error, LawError, Result};
use crate::init::initializer::Initializer;
use crate::law::Law;

/// Norms, as many as a list may have.
const MOST_NORMS: u64 = 1 << 24;

/// Euclidean norms of the parts of a tensor, taken in piece by piece.
///
/// Squares are summed in f64 in the order of the elements, then the root is taken, and the list's type rounds it: the
/// same bits on every machine, whoever draws the tensor.
///
/// ```
/// use weightinit::init::Norms;
/// use weightinit::{DType, Layout, cpu};
///
/// let mut norms = Norms::new(&[2, 2], &[2, 1])?;
/// norms.take(&[3.0, 4.0, 6.0]);
/// norms.take(&[8.0]);
/// let rows = norms.finish()?.request("g", &[2, 1], Layout::Torch, DType::F32)?;
/// assert_eq!(cpu::values(&rows)?, [5.0, 10.0]);
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Norms {
    /// Each dimension of the tensor, with how far apart in the list its places are: 0 where the norm is over it.
    dimensions: Vec<(u64, usize)>,
    sums: Vec<f64>,
    /// Elements that were taken in.
    taken: u64,
}

impl Norms {
    /// Norms of shape `shape` of the parts of a tensor of shape `of`: over those of its dimensions that are 1 in
    /// `shape`. A `shape` of other dimensions that has only one above 1 means the first dimension of that size, or the
    /// last.
    ///
    /// # Errors
    /// [`Error::NoNorms`] for any other shape, or where a dimension is 0; [`LawError::ListTooLong`] for more than 16
    /// million norms.
    pub fn new(of: &[u64], shape: &[u64]) -> Result<Self> {
        let wrong = || Error::NoNorms { of: of.to_vec(), shape: shape.to_vec() };
        if of.contains(&0) || shape.contains(&0) {
            return Err(wrong());
        }
        let is_like_it = of.len() == shape.len() && of.iter().zip(shape).all(|(of, d)| *d == 1 || d == of);
        let is_kept: Vec<bool> = if is_like_it {
            shape.iter().map(|d| *d != 1).collect()
        } else {
            let large: Vec<_> = shape.iter().copied().filter(|d| *d != 1).collect();
            let kept = match large[..] {
                [] => None,
                [size] if of.first() == Some(&size) => Some(0),
                [size] if of.last() == Some(&size) => Some(of.len() - 1),
                _ => return Err(wrong()),
            };
            (0..of.len()).map(|dimension| Some(dimension) == kept).collect()
        };
        let len = shape.iter().fold(1u64, |len, d| len.saturating_mul(*d));
        if len > MOST_NORMS {
            return Err(LawError::ListTooLong { len, most: MOST_NORMS }.into());
        }
        let mut stride = 1;
        let mut dimensions: Vec<_> = of
            .iter()
            .zip(is_kept)
            .rev()
            .map(|(size, is_kept)| {
                let own = if is_kept { stride } else { 0 };
                stride *= if is_kept { *size as usize } else { 1 };
                (*size, own)
            })
            .collect();
        dimensions.reverse();
        Ok(Self { dimensions, sums: vec![0.0; len as usize], taken: 0 })
    }

    /// Takes in the elements that follow those that were taken in.
    pub fn take(&mut self, values: &[f64]) {
        let mut rest = values;
        let (columns, step) = self.dimensions.last().copied().unwrap_or((1, 0));
        while !rest.is_empty() {
            let column = self.taken % columns;
            let count = rest.len().min((columns - column) as usize);
            let (run, after) = rest.split_at(count);
            let mut place = self.place(self.taken);
            for value in run {
                if let Some(sum) = self.sums.get_mut(place) {
                    *sum += value * value;
                }
                place += step;
            }
            self.taken += count as u64;
            rest = after;
        }
    }

    /// Where the norm is that element `index` counts for.
    fn place(&self, mut index: u64) -> usize {
        let mut place = 0;
        for (size, stride) in self.dimensions.iter().rev() {
            place += (index % size) as usize * stride;
            index /= size;
        }
        place
    }

    /// The norms of what was taken in, in the order of their tensor's elements.
    pub fn values(&self) -> impl Iterator<Item = f64> {
        self.sums.iter().map(|sum| sum.sqrt())
    }

    /// The norms as an initializer of a tensor.
    ///
    /// # Errors
    /// Those of [`Law::listed`].
    pub fn finish(self) -> Result<Initializer> {
        Ok(Law::listed(self.values().collect::<Vec<_>>())?.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn norms(of: &[u64], shape: &[u64]) -> Vec<f64> {
        let count: u64 = of.iter().product();
        let values: Vec<_> = (0..count).map(|i| i as f64).collect();
        let (mut whole, mut pieces) = (Norms::new(of, shape).unwrap(), Norms::new(of, shape).unwrap());
        whole.take(&values);
        values.chunks(5).for_each(|piece| pieces.take(piece));
        assert_eq!(whole.sums, pieces.sums);
        whole.sums
    }

    #[test]
    fn norms_are_over_what_the_shape_lacks() {
        // 0 1 2; 3 4 5.
        assert_eq!(norms(&[2, 3], &[2, 1]), [5.0, 50.0]);
        assert_eq!(norms(&[2, 3], &[2]), [5.0, 50.0]);
        assert_eq!(norms(&[2, 3], &[1, 3]), [9.0, 17.0, 29.0]);
        assert_eq!(norms(&[2, 3], &[3]), [9.0, 17.0, 29.0]);
        assert_eq!(norms(&[2, 3], &[]), [55.0]);
        assert_eq!(norms(&[2, 3], &[2, 3]), [0.0, 1.0, 4.0, 9.0, 16.0, 25.0]);
        // DoRA's, of a convolution.
        assert_eq!(norms(&[2, 3, 1, 1], &[1, 2, 1, 1]), [5.0, 50.0]);
        assert_eq!(norms(&[2, 2, 2], &[1, 1, 2]), [0.0 + 4.0 + 16.0 + 36.0, 1.0 + 9.0 + 25.0 + 49.0]);
        let wrong = Norms::new(&[2, 3], &[4]).unwrap_err();
        assert_eq!(wrong, Error::NoNorms { of: vec![2, 3], shape: vec![4] });
    }
}
