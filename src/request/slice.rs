//! Slices: a box of a tensor's elements, by offsets and sizes along every axis.

use std::ops::Range;

use crate::dtype::DType;
#[cfg(doc)]
use crate::error::Error;
use crate::error::{Result, SliceError};
use crate::request::fill::element_count;

/// A box of a tensor: `sizes[axis]` places from `offsets[axis]` on along each axis of its shape.
///
/// Its elements stand in row-major order of their own, one after the other: a slice of 64 columns is a matrix of 64
/// columns. A size may be 0, as it is for some ranks where more of them share an axis than it has places; such a slice
/// has no elements, and filling it does nothing. [`Mesh`](crate::request::Mesh) gives each rank's slice.
///
/// ```
/// use weightinit::request::Slice;
/// use weightinit::{DType, Initializer, Layout, cpu};
///
/// // Columns 2 and 3 of a matrix of 3 rows and 4 columns, without the others.
/// let weight = Initializer::he_normal().request("fc.weight", &[3, 4], Layout::Torch, DType::F32)?;
/// let columns = weight.slice(&Slice::new(&[3, 4], &[0, 2], &[3, 2])?)?;
/// let (whole, part) = (cpu::values(&weight)?, cpu::values(&columns)?);
/// assert_eq!(part, [whole[2], whole[3], whole[6], whole[7], whole[10], whole[11]]);
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    shape: Vec<u64>,
    offsets: Vec<u64>,
    sizes: Vec<u64>,
    /// The flat index of its first element.
    first: u64,
    /// How many of its elements at least lie together in the tensor.
    run: u64,
    /// How often, axes that merge taken together, from the inside out.
    levels: Vec<Level>,
    /// Where its elements go, if not one after the other.
    destination: Option<Box<Slice>>,
}

/// Runs, or groups of them, at equal distances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Level {
    /// How many there are.
    pub(crate) count: u64,
    /// Elements of the tensor from one to the next.
    pub(crate) pitch: u64,
    /// Elements of the destination from one to the next.
    pub(crate) place: u64,
}

/// How many elements at least of a box of these sizes lie together in a tensor and in an array of these shapes, and how
/// they repeat.
fn levels(sizes: &[u64], tensor: &[u64], array: &[u64]) -> (u64, Vec<Level>) {
    let mut levels = vec![Level { count: 1, pitch: 1, place: 1 }];
    let (mut pitch, mut place) = (1, 1);
    for axis in (0..sizes.len()).rev() {
        let goes_on = |level: &&mut Level| [level.pitch, level.place].map(|step| level.count * step) == [pitch, place];
        match (levels.last_mut().filter(goes_on), sizes[axis]) {
            (_, 1) => {}
            (Some(level), size) => level.count *= size,
            (None, size) => levels.push(Level { count: size, pitch, place }),
        }
        (pitch, place) = (pitch * tensor[axis], place * array[axis]);
    }
    (levels.remove(0).count, levels)
}

impl Slice {
    /// The places `offsets..offsets + sizes` of a tensor of `shape`, axis by axis.
    ///
    /// # Errors
    /// [`SliceError::Outside`] if there are not as many offsets and sizes as axes, or places outside of the shape: all
    /// of them are named. [`Error::EmptyShape`] and [`Error::TooManyElements`] for the shape.
    pub fn new(shape: &[u64], offsets: &[u64], sizes: &[u64]) -> Result<Self> {
        element_count(shape, DType::F8E4M3)?;
        let invalid = |reason| {
            let [shape, offsets, sizes] = [shape, offsets, sizes].map(<[u64]>::to_vec);
            Err(SliceError::Outside { shape, offsets, sizes, reason }.into())
        };
        if offsets.len() != shape.len() || sizes.len() != shape.len() {
            return invalid(format!(
                "there are {} axes, {} offsets and {} sizes",
                shape.len(),
                offsets.len(),
                sizes.len()
            ));
        }
        let mut outside = Vec::new();
        let (mut first, mut stride) = (0, 1);
        for axis in (0..shape.len()).rev() {
            let (length, offset, size) = (shape[axis], offsets[axis], sizes[axis]);
            if offset.checked_add(size).is_none_or(|end| end > length) {
                outside.push(format!("axis {axis} has {length} places"));
                continue;
            }
            first += offset * stride;
            stride *= length;
        }
        if !outside.is_empty() {
            outside.reverse();
            return invalid(outside.join(", "));
        }
        let (run, levels) = levels(sizes, shape, sizes);
        let [shape, offsets, sizes] = [shape, offsets, sizes].map(<[u64]>::to_vec);
        Ok(Self { shape, offsets, sizes, first, run, levels, destination: None })
    }

    /// The same with its elements in a box of a larger array, as many places along each axis and from `offsets` on: a
    /// column block of a fused matrix, or rows with padding behind each. The rest of the array keeps its values.
    ///
    /// The array is row-major and begins where the request is written to, of which it takes all
    /// ([`Request::buffer_size`](crate::Request::buffer_size)); a range of the slice's elements goes to the same places
    /// as in the whole slice. On GPUs a box of two axes takes one dispatch, as long as it fits into one binding; of more
    /// axes it takes one for each matrix.
    ///
    /// # Errors
    /// [`SliceError::Outside`] if the box is not inside the array, [`Error::EmptyShape`] and
    /// [`Error::TooManyElements`] for the array's shape.
    ///
    /// ```
    /// use weightinit::request::Slice;
    /// use weightinit::{DType, Initializer, Layout, cpu};
    ///
    /// // Rows of 3 elements at a pitch of 4.
    /// let weight = Initializer::he_normal().request("fc.weight", &[2, 3], Layout::Torch, DType::F32)?;
    /// let padded = weight.slice(&Slice::whole(&[2, 3])?.with_destination(&[2, 4], &[0, 0])?)?;
    /// assert_eq!((padded.byte_count(), padded.buffer_size()), (24, 32));
    /// let (values, rows) = (cpu::values(&weight)?, cpu::values(&padded)?);
    /// assert_eq!(rows, [&values[..3], &[0.0], &values[3..], &[0.0]].concat());
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn with_destination(self, shape: &[u64], offsets: &[u64]) -> Result<Self> {
        let destination = Self::new(shape, offsets, &self.sizes)?;
        let (run, levels) = levels(&self.sizes, &self.shape, shape);
        Ok(Self { run, levels, destination: Some(Box::new(destination)), ..self })
    }

    /// The same with its elements one after the other.
    pub(crate) fn compact(&self) -> Self {
        let (run, levels) = levels(&self.sizes, &self.shape, &self.sizes);
        Self { run, levels, destination: None, ..self.clone() }
    }

    /// The box that its elements go to, if they do not lie one after the other.
    pub fn destination(&self) -> Option<&Self> {
        self.destination.as_deref()
    }

    /// All of a tensor of `shape`.
    ///
    /// # Errors
    /// [`Error::EmptyShape`] and [`Error::TooManyElements`].
    pub fn whole(shape: &[u64]) -> Result<Self> {
        Self::new(shape, &vec![0; shape.len()], shape)
    }

    /// Those of a tensor's `len` elements, in its flat order, that lie in `range`, which may go beyond them: what a
    /// tensor has of a shard of a flat parameter, into which tensors are laid one after the other with padding behind.
    ///
    /// # Errors
    /// [`Error::EmptyShape`] and [`Error::TooManyElements`] for the length.
    ///
    /// ```
    /// use weightinit::request::Slice;
    ///
    /// // Tensors of 10 and 7 elements in a flat parameter for 4 ranks: 5 elements each, of which 3 are padding.
    /// let shard = 10..15;
    /// assert!(Slice::flat(10, shard.clone())?.is_empty());
    /// let second = Slice::flat(7, shard.start - 10..shard.end - 10)?;
    /// assert_eq!((second.offsets(), second.sizes()), (&[0][..], &[5][..]));
    /// assert_eq!(Slice::flat(7, 5..10)?.sizes(), [2]);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn flat(len: u64, range: Range<u64>) -> Result<Self> {
        let start = range.start.min(len);
        Self::new(&[len], &[start], &[range.end.min(len).saturating_sub(start)])
    }

    /// The tensor's shape.
    pub fn shape(&self) -> &[u64] {
        &self.shape
    }

    /// The first place along each axis.
    pub fn offsets(&self) -> &[u64] {
        &self.offsets
    }

    /// How many places along each axis: its own shape.
    pub fn sizes(&self) -> &[u64] {
        &self.sizes
    }

    /// How many elements it has.
    pub fn element_count(&self) -> u64 {
        self.sizes.iter().product()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.sizes.contains(&0)
    }

    /// Elements of the whole tensor.
    pub fn tensor_len(&self) -> u64 {
        self.shape.iter().product()
    }

    /// The index in the tensor's flat order of the element with the number `position` in the slice, modulo 2^64 beyond
    /// its last.
    ///
    /// ```
    /// use weightinit::request::Slice;
    ///
    /// let columns = Slice::new(&[3, 4], &[0, 2], &[3, 2])?;
    /// assert_eq!(columns.source(3), 7);
    /// assert_eq!((columns.position(7), columns.position(8)), (Some(3), None));
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn source(&self, position: u64) -> u64 {
        if self.is_empty() {
            return self.first;
        }
        let mut row = position / self.run;
        let mut source = self.first.wrapping_add(position % self.run);
        for (index, level) in self.levels.iter().enumerate() {
            // The last level goes on beyond its end.
            let digit = if index + 1 < self.levels.len() { row % level.count } else { row };
            source = source.wrapping_add(digit.wrapping_mul(level.pitch));
            row /= level.count;
        }
        source
    }

    /// The number in the slice of the element with this index in the tensor's flat order, if it is in the slice.
    pub fn position(&self, element: u64) -> Option<u64> {
        let position = self.before(element);
        (position < self.element_count() && self.source(position) == element).then_some(position)
    }

    /// How many of its elements stand before this index in the tensor's flat order.
    pub(crate) fn before(&self, element: u64) -> u64 {
        let (mut rest, mut stride, mut below) = (element, self.tensor_len(), self.element_count());
        if self.is_empty() || element >= stride {
            return below;
        }
        let mut count = 0;
        for ((&length, &offset), &size) in self.shape.iter().zip(&self.offsets).zip(&self.sizes) {
            (stride, below) = (stride / length, below / size);
            let place = rest / stride;
            rest %= stride;
            count += below * place.saturating_sub(offset).min(size);
            if !(offset..offset + size).contains(&place) {
                break;
            }
        }
        count
    }

    /// How many of its elements at least lie together in the tensor, and in the destination.
    pub(crate) fn run(&self) -> u64 {
        self.run
    }

    /// How these repeat, from the inside out: a level's pitch is more than its runs or groups have elements.
    pub(crate) fn levels(&self) -> &[Level] {
        &self.levels
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::Error;

    /// A shape of up to 5 axes with a box inside of it.
    fn slices() -> impl Strategy<Value = Slice> {
        let axis = (1u64..7).prop_flat_map(|length| (Just(length), 0..=length));
        let axis = axis.prop_flat_map(|(length, offset)| (Just(length), Just(offset), 0..=length - offset));
        prop::collection::vec(axis, 0..=5).prop_map(|axes| {
            let numbers = |number: fn(&(u64, u64, u64)) -> u64| axes.iter().map(number).collect::<Vec<_>>();
            Slice::new(&numbers(|axis| axis.0), &numbers(|axis| axis.1), &numbers(|axis| axis.2)).unwrap()
        })
    }

    /// Indices of its elements, by the definition.
    fn elements(slice: &Slice) -> Vec<u64> {
        let places = |element: u64| {
            let mut stride = slice.tensor_len();
            slice.shape.iter().map(move |length| {
                stride /= length;
                element / stride % length
            })
        };
        let inside = |element: &u64| {
            let ends = slice.offsets.iter().zip(&slice.sizes);
            places(*element).zip(ends).all(|(place, (offset, size))| (*offset..offset + size).contains(&place))
        };
        (0..slice.tensor_len()).filter(inside).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        #[cfg_attr(miri, ignore = "minutes")]
        fn positions_and_sources_are_inverse(slice in slices(), start in 0u64..200, count in 0u64..200) {
            let expected = elements(&slice);
            prop_assert_eq!(slice.element_count(), expected.len() as u64);
            prop_assert_eq!(slice.is_empty(), expected.is_empty());
            for (position, &element) in (0..).zip(&expected) {
                prop_assert_eq!(slice.source(position), element);
            }
            for element in 0..slice.tensor_len() + 3 {
                let position = expected.binary_search(&element);
                prop_assert_eq!(slice.position(element), position.ok().map(|position| position as u64));
                prop_assert_eq!(slice.before(element), position.unwrap_or_else(|position| position) as u64);
            }
            let end = (start + count).min(expected.len() as u64);
            let asked = expected.get(start as usize..end as usize).unwrap_or_default();
            let runs: Vec<_> = slice.runs(start..start + count).collect();
            let found: Vec<_> = runs.iter().flat_map(|&(first, count)| first..first + count).collect();
            prop_assert_eq!(&found[..], asked);
        }
    }

    #[test]
    fn axes_merge() {
        let of = |shape: &[u64], offsets: &[u64], sizes: &[u64]| {
            let slice = Slice::new(shape, offsets, sizes).unwrap();
            (
                slice.first,
                slice.run(),
                slice.levels().iter().map(|level| (level.count, level.pitch)).collect::<Vec<_>>(),
            )
        };
        // Rows, columns, an expert's rows, columns of some experts.
        assert_eq!(of(&[8, 6], &[2, 0], &[3, 6]), (12, 18, vec![]));
        assert_eq!(of(&[8, 6], &[0, 4], &[8, 2]), (4, 2, vec![(8, 6)]));
        assert_eq!(of(&[4, 8, 6], &[1, 2, 0], &[1, 3, 6]), (60, 18, vec![]));
        assert_eq!(of(&[4, 8, 6], &[1, 0, 3], &[2, 8, 3]), (51, 3, vec![(16, 6)]));
        assert_eq!(of(&[4, 8, 6], &[0, 1, 1], &[4, 2, 1]), (7, 1, vec![(2, 6), (4, 48)]));
        assert_eq!(of(&[], &[], &[]), (0, 1, vec![]));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let refused = |shape: &[u64], offsets: &[u64], sizes: &[u64]| Slice::new(shape, offsets, sizes).unwrap_err();
        assert_eq!(
            refused(&[4, 5, 6], &[1, 0, 6], &[4, 5, 1]).to_string(),
            "slice at [1, 0, 6] of sizes [4, 5, 1] is not inside shape [4, 5, 6]: axis 0 has 4 places, axis 2 has 6 \
             places; give an offset and a size for each axis whose sum is at most its places"
        );
        assert_eq!(
            refused(&[4, 5], &[1], &[3, 1, 1]).to_string(),
            "slice at [1] of sizes [3, 1, 1] is not inside shape [4, 5]: there are 2 axes, 1 offsets and 3 sizes; \
             give an offset and a size for each axis whose sum is at most its places"
        );
        assert!(matches!(refused(&[4], &[u64::MAX], &[2]), Error::Slice(SliceError::Outside { .. })));
        assert_eq!(refused(&[4, 0], &[0, 0], &[0, 0]), Error::EmptyShape { shape: vec![4, 0] });
    }
}
